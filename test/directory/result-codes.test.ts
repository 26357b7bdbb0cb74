import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { entry, type FakeServer, result, resultFor } from "../support/fake-server.ts";
import { ANYBODY, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";

function answering(code: number): Promise<FakeServer> {
  return fakeServer((received, { send }) => send(resultFor(received, code, "because")));
}

describe("checkPassword", () => {
  for (const code of [19, 48, 49, 32]) {
    it(`takes result code ${code} for a wrong password`, async () => {
      const { directory } = openedDirectory([(await answering(code)).port]);
      assert.equal((await directory.checkPassword(USER, "secret", soon())).accepted, false);
    });
  }

  const others = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 34, 50, 51, 52, 53, 80, 118, 123, 4096,
  ];
  for (const code of others) {
    it(`takes result code ${code} for no verdict`, async () => {
      const server = await answering(code);
      const { directory } = openedDirectory([server.port]);
      await assert.rejects(directory.checkPassword(USER, "secret", soon()), {
        name: "DirectoryError",
        resultCode: code,
      });
      assert.equal(server.received.filter(({ tag }) => tag === 0x60).length, 1);
    });
  }
});

describe("search", () => {
  const codes = {
    3: "limit",
    4: "limit",
    11: "limit",
    32: "no-such-object",
    10: "refused",
    50: "refused",
    1: "refused",
    80: "refused",
  };
  for (const [code, expected] of Object.entries(codes)) {
    it(`tells result code ${code} as "${expected}"`, async () => {
      const { directory } = openedDirectory([(await answering(Number(code))).port]);
      const error = { name: "DirectoryError", code: expected, resultCode: Number(code) };
      await assert.rejects(directory.search(ANYBODY, soon()), error);
      const { limit: _, ...everybody } = ANYBODY;
      await assert.rejects(directory.search(everybody, soon()), error);
    });
  }

  it("takes as many entries as were asked for as an answer, whatever else there is", async () => {
    const server = await fakeServer(({ id }, { send }) =>
      send(entry(id, "uid=a"), entry(id, "uid=b"), result(id, 0x65, 4)),
    );
    const { directory } = openedDirectory([server.port]);
    assert.equal((await directory.search(ANYBODY, soon())).length, 2);
  });

  it("does not take fewer than were asked for as an answer if the server's own limit cut them", async () => {
    const server = await fakeServer(({ id }, { send }) =>
      send(entry(id, "uid=a"), result(id, 0x65, 4)),
    );
    const { directory } = openedDirectory([server.port]);
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "limit" });
    const { limit: _, ...everybody } = ANYBODY;
    await assert.rejects(directory.search(everybody, soon()), { code: "limit" });
  });
});

describe("compare", () => {
  for (const [code, expected] of [
    [6, true],
    [5, false],
    [16, false],
  ] as const) {
    it(`takes result code ${code} for ${expected}`, async () => {
      const { directory } = openedDirectory([(await answering(code)).port]);
      assert.equal(await directory.compare(USER, "uid", Buffer.from([0xff]), soon()), expected);
    });
  }

  it("takes a success, which is no answer to a comparison, for an error", async () => {
    const { directory } = openedDirectory([(await answering(0)).port]);
    await assert.rejects(directory.compare(USER, "uid", "x", soon()), { code: "refused" });
  });

  it("tells an attribute that the server does not know", async () => {
    const { directory } = openedDirectory([(await answering(17)).port]);
    const error = { code: "refused", resultCode: 17 };
    await assert.rejects(directory.compare(USER, "uid", "x", soon()), error);
  });

  it("tells a missing entry", async () => {
    const { directory } = openedDirectory([(await answering(32)).port]);
    await assert.rejects(directory.compare(USER, "uid", "x", soon()), { code: "no-such-object" });
  });

  it("sends the value's bytes", async () => {
    const server = await answering(6);
    const { directory } = openedDirectory([server.port]);
    await directory.compare(USER, "objectGUID", Buffer.from([0xff, 0x00, 0x80]), soon());
    assert(server.received[0]?.bytes.includes(Buffer.from([0x04, 3, 0xff, 0x00, 0x80])));
  });
});

after(() => assert.deepEqual(unhandled, []));
