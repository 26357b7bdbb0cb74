import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseTemplate } from "../../src/importers/postfix/parse-template.ts";
import { readTable } from "../../src/importers/postfix/read-table.ts";
import { normalizeDn, parseDn } from "../../src/ldap/dn.ts";
import type { Filter } from "../../src/ldap/filter.ts";
import { parseFilter } from "../../src/ldap/parse-filter.ts";
import type { Template } from "../../src/tables/table-settings.ts";
import {
  expandBase,
  expandFilter,
  expandResult,
  hasPartsFor,
  isFixed,
} from "../../src/tables/template.ts";
import { isFatalAtOpen, recordedLookups, refusedAtOpen } from "../support/recorded-lookups.ts";

function template(text: string): Template {
  const parsed = parseTemplate(text);
  assert(parsed, `${text} is a template`);
  return parsed;
}

const openable = recordedLookups.flatMap((record) => {
  const { id, cf } = record;
  return cf === null || isFatalAtOpen(record) || refusedAtOpen.has(id) ? [] : [{ ...record, cf }];
});

describe("query templates and keys", () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["%s|%S", "a@b.c", "a@b.c|a@b.c"],
    ["%u %U", "a@b.c", "a a"],
    ["%d %D", "a@b.c", "b.c b.c"],
    ["%u", "alice", "alice"],
    ["%d", "alice", undefined],
    ["%u", "alice@", "alice"],
    ["%d", "alice@", undefined],
    ["%u", "@b.c", undefined],
    ["%d", "@b.c", "b.c"],
    ["%u at %d", "a@b@c.d", "a@b at c.d"],
    ["%1 %2 %3", "a@mail.example.org", "org example mail"],
    ["%4", "a@mail.example.org", undefined],
    ["%1", "example.org", undefined],
    ["%1", "a@", undefined],
    ["%1", "a@...", undefined],
    ["%2.%1", "x@example..org", "example.org"],
    ["%1", "x@.org", "org"],
    ["%%s", "a", "%s"],
    ["no expansion", "a", "no expansion"],
    ["no expansion", "", undefined],
    ["%s", "100%s", "100%s"],
  ];
  for (const [text, key, expected] of cases) {
    it(`${JSON.stringify(text)} with ${JSON.stringify(key)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(expandFilter(template(text), key), expected);
    });
  }

  it("says which are the same for every key", () => {
    assert.equal(isFixed(template("(a=%%b)")), true);
    assert.equal(isFixed(template("")), true);
    assert.equal(isFixed(template("(a=%1)")), false);
  });

  it("quotes for filters what has a meaning there, in upper case hex, and nothing else", () => {
    const key = "a*b(c)d\\e\0f&|!=<>~, \u00fc";
    assert.equal(expandFilter(template("%s"), key), "a\\2Ab\\28c\\29d\\5Ce\\00f&|!=<>~, \u00fc");
  });

  it("quotes for DNs wherever the characters stand", () => {
    const key = ' a\tb"c#d+e,f;g<h>i\\j=k\0';
    assert.equal(
      expandBase(template("%s"), key),
      "\\20a\\09b\\22c\\23d\\2Be\\2Cf\\3Bg\\3Ch\\3Ei\\5Cj=k\\00",
    );
  });
});

describe("result templates", () => {
  const cases: readonly (readonly [string, string, string, string | undefined])[] = [
    ["%s", "k@x.y", "v@z", "v@z"],
    ["%u|%d", "k@x.y", "v@z", "v|z"],
    ["%S|%U|%D", "k@x.y", "v@z", "k@x.y|k|x.y"],
    ["%2.%1 %s", "k@x.y", "v", "x.y v"],
    ["%d", "k@x.y", "v", undefined],
    ["%u", "k@x.y", "@z", undefined],
    ["%u", "k@x.y", "v", "v"],
    ["%u", "k@x.y", "v@", "v"],
    ["%D", "k", "v@z", undefined],
    ["OK", "k", "v", "OK"],
    ["OK", "k", "", undefined],
    ["%s", "k", "%s%u(*)", "%s%u(*)"],
  ];
  for (const [text, key, value, expected] of cases) {
    it(`${text} of ${key} and ${JSON.stringify(value)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(expandResult(template(text), key, value), expected);
    });
  }

  it("tell before the search whether the key has what they take from it", () => {
    assert.equal(hasPartsFor(template("%D"), "alice"), false);
    assert.equal(hasPartsFor(template("%D"), "alice@x"), true);
    assert.equal(hasPartsFor(template("%U"), "@x"), false);
    assert.equal(hasPartsFor(template("%2"), "a@x"), false);
    assert.equal(hasPartsFor(template("%d %u %s"), "alice"), true);
  });
});

describe("the recorded look-ups", () => {
  it("got the filters that expandFilter makes", () => {
    let compared = 0;
    for (const { id, cf, key, filter } of openable) {
      if (filter === null) continue;
      const made = expandFilter(readTable({ text: cf }).queryFilter, key.toLowerCase());
      assert.equal(made?.replace(/\p{Cc}/gu, "?"), filter, id);
      compared++;
    }
    assert(compared > 300, `${compared} compared`);
  });

  it("searched below the bases that expandBase makes", () => {
    let compared = 0;
    for (const { id, cf, key, ldap } of openable) {
      const base = ldap.map((line) => /^SRCH base="(.*?)" scope=/.exec(line)?.[1]).find(Boolean);
      if (base === undefined) continue;
      const made = expandBase(readTable({ text: cf }).searchBase, key.toLowerCase());
      assert.equal(normalizeDn(made ?? ""), normalizeDn(base), id);
      compared++;
    }
    assert(compared > 250, `${compared} compared`);
  });

  it("made no search exactly where a template can't be filled", () => {
    for (const { id, cf, key, keyHex, filter, outcome } of openable) {
      const { queryFilter, searchBase, resultFormat, domains } = readTable({ text: cf });
      const folded = key.toLowerCase();
      const isFilled =
        expandFilter(queryFilter, folded) !== undefined &&
        expandBase(searchBase, folded) !== undefined &&
        hasPartsFor(resultFormat, folded);
      if (filter !== null) assert(isFilled, id);
      // A domain list and a key that is not UTF-8 are reasons of their own.
      else if (outcome === "notfound" && !domains && keyHex === undefined) assert(!isFilled, id);
    }
  });
});

/** What an attacker would type, and anything else. */
const anyKey = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({
    unit: fc.constantFrom(...'*()\\&|!=<>~:%@.,;+"# \t\0\n28a\u00e4\u{1F600}'),
    minLength: 1,
  }),
  fc.constantFrom(
    "*",
    "x)(uid=*",
    "x)(|(uid=*",
    "*)(objectClass=*))(|(a=b",
    "\\2a",
    "\\",
    "a@b)(c.d*.e\\",
    "x,dc=evil",
    "x+uid=admin@y;z",
    "x\\,ou=y",
    "#04@#05",
    "%s%u@%d.%1",
  ),
);

/** The filter with all its values taken out. */
function shape(filter: Filter): unknown {
  return JSON.parse(
    JSON.stringify(filter, (_key, value) =>
      value !== null && typeof value === "object" && value.type === "Buffer" ? "value" : value,
    ),
  );
}

describe("keys that attack", () => {
  const FILTERS = [
    "(mail=%s)",
    "(&(objectClass=person)(|(mail=%s)(uid=%u)(!(cn=%d))))",
    "(|(mail=*%s*)(mail=%u*%d)(mail>=%s)(mail:caseExactMatch:=%S)(cn~=%1.%2))",
  ];
  for (const text of FILTERS) {
    it(`change nothing in ${text} but values`, () => {
      const parts = template(text);
      const plain = shape(parseFilter(expandFilter(parts, "x@y.z") ?? ""));
      fc.assert(
        fc.property(anyKey, (key) => {
          const filter = expandFilter(parts, key);
          if (filter === undefined) return;
          // Half a character is no text, and parseFilter refuses it.
          if (!key.isWellFormed()) assert.throws(() => parseFilter(filter));
          else assert.deepEqual(shape(parseFilter(filter)), plain);
        }),
        { numRuns: 2_000 },
      );
    });
  }

  it("are the value that is compared, to the byte", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        fc.pre(key.isWellFormed());
        assert.deepEqual(parseFilter(expandFilter(template("(mail=%s)"), key) ?? ""), {
          type: "equal",
          attribute: "mail",
          value: Buffer.from(key),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it("change nothing in a base but values", () => {
    const parts = template("uid=%u,ou=%d,o=%s,dc=example,dc=org");
    fc.assert(
      fc.property(anyKey, (key) => {
        const at = key.lastIndexOf("@");
        const base = expandBase(parts, key);
        if (at < 0) return assert.equal(base, undefined);
        if (base === undefined || !key.isWellFormed()) return;
        const dn = parseDn(base);
        assert.deepEqual(
          dn?.map((rdn) => rdn.map(({ type, value }) => [type, value.toString()])),
          [
            [["uid", key.slice(0, at)]],
            [["ou", key.slice(at + 1)]],
            [["o", key]],
            [["dc", "example"]],
            [["dc", "org"]],
          ],
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
