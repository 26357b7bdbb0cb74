import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import { resultFor, type Script } from "../support/fake-server.ts";
import { fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";
const PASSWORD = "visitors-canary";

const FAILURES: readonly (readonly [what: string, code: string, script: Script])[] = [
  [
    "answers with result code 80",
    "refused",
    (received, { send }) => send(resultFor(received, 80, "internal error")),
  ],
  [
    "repeats the request in what it says",
    "refused",
    (received, { send }) => send(resultFor(received, 80, received.bytes.toString("latin1"))),
  ],
  [
    "is busy, and repeats the request",
    "refused",
    (received, { send }) => send(resultFor(received, 51, received.bytes.toString("latin1"))),
  ],
  ["does not answer in time", "timeout", () => {}],
  ["resets the connection", "unreachable", (_, { socket }) => void socket.resetAndDestroy()],
];

describe("a visitor's password", () => {
  for (const [what, code, script] of FAILURES) {
    it(`is in no error, log or directory when the server ${what}`, async () => {
      const server = await fakeServer(script);
      const { directory, log } = openedDirectory([server.port], { operationTimeout: 100 });
      const error = await directory.checkPassword(USER, PASSWORD, soon()).then(
        () => assert.fail("an answer"),
        (reason: unknown) => reason,
      );
      assert.equal((error as { readonly code?: unknown }).code, code);
      assert(server.clearBytes.includes(PASSWORD), "it was sent");
      const shown = inspect([directory, error, log, directory.health()], {
        depth: 20,
        showHidden: true,
      });
      assert(!shown.includes(PASSWORD), shown);
      const bytes = inspect(Buffer.from(PASSWORD)).slice("<Buffer ".length, -1);
      assert(!shown.includes(bytes), shown);
    });
  }
});

after(() => assert.deepEqual(unhandled, []));
