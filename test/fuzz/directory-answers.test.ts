import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { DirectoryError } from "../../src/errors.ts";
import { element, integer } from "../../src/testing/ber-element.ts";
import {
  ANYBODY,
  fakeServer,
  openedDirectory,
  soon,
  unhandled,
} from "../directory/opened-directory.ts";
import type { Script } from "../support/fake-server.ts";

const USER = "uid=anybody,dc=test";
const PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1";
const CONTROLS = [PASSWORD_POLICY, "1.2.840.113556.1.4.319", "2.16.840.1.113730.3.4.4", "1.2.3"];

const anyBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));

/** Any element of BER, and what looks like one: lengths that lie, lengths without an end, tags that nobody uses. */
const anyElement: fc.Arbitrary<Buffer> = fc.letrec<{ element: Buffer }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(fc.integer({ min: 0, max: 255 }), anyBytes).map(([tag, bytes]) => element(tag, bytes)),
    fc
      .tuple(
        fc.constantFrom(0x30, 0x31, 0xa0, 0xa1, 0xa3, 0x80, 0x81),
        fc.array(tie("element"), { maxLength: 3 }),
      )
      .map(([tag, parts]) => element(tag, ...parts)),
    fc
      .constantFrom("80", "84ffffffff", "847fffffff", "8400000001", "8900", "ff")
      .map((length) => Buffer.from(`04${length}`, "hex")),
    anyBytes,
  ),
})).element;

/** Well-formed and not so well-formed values of the password policy's control (draft-behera-ldap-password-policy). */
const policyValue = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x80, 0x81, 0xa0, 0xa1), anyElement)
    .map(([tag, inner]) => element(0x30, element(tag, inner))),
  fc
    .integer({ min: 0, max: 255 })
    .map((error) => element(0x30, element(0x81, Buffer.from([error])))),
  fc
    .tuple(fc.constantFrom(0x80, 0x81, 0x82), anyBytes)
    .map(([tag, bytes]) => element(0x30, element(0xa0, element(tag, bytes)))),
  anyElement,
);

const anyControls = fc
  .array(
    fc
      .tuple(fc.constantFrom(...CONTROLS), policyValue)
      .map(([oid, value]) => element(0x30, element(0x04, oid), element(0x04, value))),
    { maxLength: 3 },
  )
  .map((controls) => (controls.length > 0 ? element(0xa0, ...controls) : Buffer.alloc(0)));

interface Forged {
  readonly idOffset: number;
  readonly tag: number;
  readonly code: number;
  readonly inside: readonly Buffer[];
  readonly behind: Buffer;
}

const forged: fc.Arbitrary<Forged> = fc.record({
  idOffset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1, 1_000)),
  tag: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0x61, 0x65) },
    fc.constantFrom(0x64, 0x73, 0x78, 0x79, 0x7e, 0x60, 0x6f),
  ),
  code: fc.oneof(fc.constantFrom(0, 49, 53, 10, 4), fc.nat(130)),
  inside: fc.array(anyElement, { maxLength: 2 }),
  behind: fc.oneof(anyControls, anyElement),
});

function write({ idOffset, tag, code, inside, behind }: Forged, id: number): Buffer {
  const result = [element(0x0a, Buffer.from([code])), element(0x04, ""), element(0x04, "")];
  return element(
    0x30,
    integer(Math.max(0, id + idOffset)),
    element(tag, ...result, ...inside),
    behind,
  );
}

function answers(...all: readonly Forged[]): Script {
  return ({ id }, { send, socket }) => {
    for (const each of all) send(write(each, id));
    socket.end();
  };
}

describe("a server that answers anything", () => {
  it("lets nobody in but by a success of the very bind", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    let successes = 0;
    await fc.assert(
      fc.asyncProperty(forged, async (answer) => {
        server.script = answers(answer);
        const verdict = await directory
          .checkPassword(USER, "secret", soon())
          .catch(onlyDirectoryError);
        if (verdict?.accepted !== true) return;
        successes += 1;
        const { idOffset, tag, code } = answer;
        assert.deepEqual({ idOffset, tag, code }, { idOffset: 0, tag: 0x61, code: 0 });
      }),
      { numRuns: 1_500 },
    );
    assert(successes > 0, "some of them are right");
  });

  it("gets no further than a DirectoryError with a search", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    await fc.assert(
      fc.asyncProperty(fc.array(forged, { minLength: 1, maxLength: 3 }), async (all) => {
        server.script = answers(...all);
        const entries = await directory.search(ANYBODY, soon()).catch(onlyDirectoryError);
        const isDone = all.some(
          ({ idOffset, tag, code }) => idOffset === 0 && tag === 0x65 && (code === 0 || code === 4),
        );
        assert(entries === undefined || isDone);
      }),
      { numRuns: 1_500 },
    );
  });

  it("gets no further than a DirectoryError with entries of any kind", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    const attribute = fc
      .tuple(
        fc.oneof(fc.constantFrom("uid", "dn", "__proto__", "constructor"), fc.string()),
        fc.array(anyBytes, { maxLength: 3 }),
      )
      .map(([name, values]) =>
        element(
          0x30,
          element(0x04, name),
          element(0x31, ...values.map((value) => element(0x04, value))),
        ),
      );
    const list = fc.array(fc.oneof({ weight: 4, arbitrary: attribute }, anyElement), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant(Buffer.from(USER)), anyBytes),
        list,
        async (dn, attributes) => {
          server.script = ({ id }, { send, socket }) => {
            const body = element(0x64, element(0x04, dn), element(0x30, ...attributes));
            send(element(0x30, integer(id), body));
            send(
              write({ idOffset: 0, tag: 0x65, code: 0, inside: [], behind: Buffer.alloc(0) }, id),
            );
            socket.end();
          };
          const [found] = (await directory.search(ANYBODY, soon()).catch(onlyDirectoryError)) ?? [];
          if (found === undefined) return;
          assert.equal(found.dn, dn.toString());
          for (const [name, values] of found.attributes) {
            assert.equal(name, name.toLowerCase());
            assert(values.every((value) => typeof value === "string" || Buffer.isBuffer(value)));
          }
        },
      ),
      { numRuns: 800 },
    );
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });
});

function onlyDirectoryError(error: unknown): undefined {
  assert(error instanceof DirectoryError, String(error));
}

after(() => assert.deepEqual(unhandled, []));
