import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  formatLoginRecord,
  type LoginRecord,
  parseLoginRecord,
} from "../../src/web/login-record.ts";

const NOW = 1_800_000_000_000;

const good: LoginRecord = {
  login: "3f9e",
  realm: "digest",
  person: {
    dn: "uid=alice,dc=test",
    username: "alice",
    id: "4711",
    provider: "ldap",
    attributes: { uid: ["alice"], mail: [] },
  },
  authenticatedAt: NOW - 3_000,
  checkedAt: NOW - 2_000,
  seenAt: NOW - 1_000,
};

/** All the places of a value where something else could stand. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

/** What a session may hold: whatever JSON can, names of Object.prototype's among the keys. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(-1, NaN, Infinity, "", "9e99", NOW + 10 ** 9, [], {}, null, undefined),
  fc.jsonValue().map((value) => JSON.parse(`{"__proto__": ${JSON.stringify(value)}}`) as unknown),
);

function assertUsable(record: LoginRecord): void {
  const { login, realm, person, authenticatedAt, checkedAt, seenAt } = record;
  for (const text of [login, realm, person.username])
    assert(typeof text === "string" && text !== "");
  assert(typeof person.dn === "string" && (person.dn !== "" || person.provider !== undefined));
  for (const time of [authenticatedAt, checkedAt, seenAt]) {
    assert(Number.isFinite(time) && time >= 0 && time <= NOW + 60_000, `${time}`);
  }
  for (const values of Object.values(person.attributes)) {
    assert(Array.isArray(values) && values.every((value) => typeof value === "string"));
  }
  assert.equal(Object.getPrototypeOf(person), Object.prototype);
}

describe("what a session holds", () => {
  it("is a login as it was written", () => {
    assert.deepEqual(parseLoginRecord(formatLoginRecord(good), NOW), good);
  });

  it("is nobody's if it is cut off anywhere", () => {
    const text = formatLoginRecord(good);
    for (let length = 0; length < text.length; length++) {
      assert.equal(parseLoginRecord(text.slice(0, length), NOW), undefined);
    }
  });

  it("is a usable login or nobody's, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.json(), fc.string()), (value) => {
        const record = parseLoginRecord(value, NOW);
        if (record) assertUsable(record);
      }),
    );
  });

  it("is a usable login or nobody's, whatever stands in one of its places", () => {
    fc.assert(
      fc.property(fc.constantFrom(...placesOf(good)), anything, (place, value) => {
        const text = JSON.stringify(replaced(good, place, value));
        const record = parseLoginRecord(text, NOW);
        if (record) assertUsable(record);
      }),
      { numRuns: 5_000 },
    );
  });

  it("puts nothing on the prototype of everything", () => {
    const text = JSON.stringify(good).replace("{", '{"__proto__":{"polluted":true},');
    parseLoginRecord(text, NOW);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });
});
