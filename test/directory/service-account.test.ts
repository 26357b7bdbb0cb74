import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import type { PasswordSource } from "../../src/directory/directory-settings.ts";
import { type FakeServer, resultFor } from "../support/fake-server.ts";
import { ANYBODY, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const DN = "cn=service,dc=test";

/** A server that knows the service account by this password, which can be changed. */
async function serverThatWants(password: { now: string }): Promise<FakeServer> {
  return fakeServer((received, { send }) => {
    const isWrong = received.tag === 0x60 && !received.bytes.includes(password.now);
    send(resultFor(received, isWrong ? 49 : 0));
  });
}

function directoryWith(server: FakeServer, password: PasswordSource) {
  return openedDirectory([server.port], { serviceAccount: { kind: "simple", dn: DN, password } });
}

const bindsAt = (server: FakeServer) => server.received.filter(({ tag }) => tag === 0x60).length;

describe("the service account", () => {
  it("is bound once per search connection and never on the connections of visitors", async () => {
    const server = await fakeServer();
    const { directory } = directoryWith(server, "first-secret");
    await Promise.all(Array.from({ length: 20 }, () => directory.search(ANYBODY, soon())));
    await directory.checkPassword("uid=a,dc=test", "secret", soon());
    assert.equal(server.received.filter(({ bytes }) => bytes.includes(DN)).length, 1);
  });

  it("is not bound where there is none", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    assert.equal(bindsAt(server), 0);
  });

  it("is told apart from a visitor whose password is wrong, and loudly", async () => {
    const server = await serverThatWants({ now: "right-secret" });
    const { directory, log } = directoryWith(server, "wrong-secret");
    await assert.rejects(directory.search(ANYBODY, soon()), {
      code: "service-account",
      resultCode: 49,
    });
    const records = log.filter(({ event }) => event === "service-account-refused");
    assert.equal(records.length, 1);
    assert.equal(records[0]?.level, "error");
    assert.equal(directory.health().state, "down");
    assert(!JSON.stringify(log).includes("wrong-secret"));
  });

  it("is not tried again at once with the password that was refused", async () => {
    const server = await serverThatWants({ now: "right-secret" });
    const { directory, log } = directoryWith(server, "wrong-secret");
    for (let attempt = 0; attempt < 20; attempt++) {
      await assert.rejects(directory.search(ANYBODY, soon()), { code: "service-account" });
    }
    assert.equal(bindsAt(server), 1);
    assert.equal(log.length, 1);
  });

  it("is tried with a new password as soon as there is one", async () => {
    const directoryPassword = { now: "new-secret" };
    const server = await serverThatWants(directoryPassword);
    let password = "old-secret";
    const { directory } = directoryWith(server, async () => password);
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "service-account" });

    password = "new-secret";
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.equal(directory.health().state, "ready");
  });

  it("reads a password file again for each connection, without the line end", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "password-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "password");
    let wanted = "";
    const server = await fakeServer((received, { send }) => {
      // The last thing of a simple bind, with its tag and length (RFC 4511 section 4.2).
      const end = Buffer.concat([Buffer.from([0x80, wanted.length]), Buffer.from(wanted)]);
      const isRight = received.tag !== 0x60 || received.bytes.subarray(-end.length).equals(end);
      send(resultFor(received, isRight ? 0 : 49));
    });
    const { directory } = directoryWith(server, { file });

    for (const [content, password] of [
      ["one \n", "one "],
      ["two\r\n", "two"],
      ["three", "three"],
      ["four\n\n", "four\n"],
    ] as const) {
      await writeFile(file, content);
      wanted = password;
      server.cutAll();
      assert.deepEqual(await directory.search(ANYBODY, soon()), [], JSON.stringify(content));
    }
  });

  const unreadable: readonly (readonly [what: string, source: PasswordSource])[] = [
    ["an empty string", ""],
    ["a file that is not there", { file: "/nowhere/at/all" }],
    ["an empty function", () => ""],
    [
      "a function that throws",
      () => {
        throw new Error("vault is sealed");
      },
    ],
    ["a function that rejects", () => Promise.reject(new Error("vault is sealed"))],
    ["a function that returns something else", (() => undefined) as unknown as () => string],
  ];
  for (const [what, source] of unreadable) {
    it(`sends nothing when the password is ${what}`, async () => {
      const server = await fakeServer();
      const { directory } = directoryWith(server, source);
      await assert.rejects(directory.search(ANYBODY, soon()), {
        name: "DirectoryError",
        code: "service-account",
      });
      assert.equal(bindsAt(server), 0);
    });
  }

  it("does not wait for ever for a password", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port], {
      dialTimeout: 100,
      serviceAccount: { kind: "simple", dn: DN, password: () => new Promise<string>(() => {}) },
    });
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "timeout" });
  });

  it("does not show its password to whoever looks at the directory or its errors", async () => {
    const server = await serverThatWants({ now: "right-secret" });
    const { directory } = directoryWith(server, "wrong-secret");
    const error = await directory.search(ANYBODY, soon()).catch((reason: unknown) => reason);
    const shown = inspect([directory, error, directory.health()], { depth: 20, showHidden: true });
    assert(!shown.includes("wrong-secret"));
  });
});

after(() => assert.deepEqual(unhandled, []));
