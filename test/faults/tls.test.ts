import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { keyPair, pem } from "../directory/opened-directory.ts";
import {
  entry,
  type FakeServer,
  type FakeServerOptions,
  result,
  resultFor,
  type Script,
  startFakeServer,
} from "../support/fake-server.ts";
import { SERVICE } from "../support/faulty-site.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { unhandled } from "../support/watched-process.ts";
import { WITHOUT_MEMORY } from "../support/without-memory.ts";

type Security = "starttls" | "ldaps";

const opened: { close(): Promise<void> }[] = [];
after(async () => {
  await Promise.all(opened.map((each) => each.close()));
  assert.deepEqual(unhandled, []);
});

/** Whoever gets to this server is let in, with any password: all that stands in its way is TLS. */
const letsEverybodyIn: Script = (received, connection) => {
  const { id, tag } = received;
  if (tag === 0x42) return;
  if (tag === 0x63) connection.send(entry(id, "uid=alice,dc=test", { uid: ["alice"] }));
  connection.send(resultFor(received));
  if (tag === 0x77) connection.secure();
};

async function fakeServer(
  security: Security,
  options: FakeServerOptions,
  script: Script = letsEverybodyIn,
): Promise<FakeServer> {
  const server = await startFakeServer(script, { ...options, tls: security === "ldaps" });
  opened.push(server);
  return server;
}

async function siteOf(security: Security, ...ports: readonly number[]): Promise<ProtectedApp> {
  const scheme = security === "ldaps" ? "ldaps" : "ldap";
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(" ");
  const site = await protectedApp({
    url: `${scheme}://${hosts}/dc=test?uid?sub`,
    ...SERVICE,
    ...WITHOUT_MEMORY,
    tls: { ca: pem("ca.pem").toString() },
    timeout: 700,
  });
  opened.push(site);
  return site;
}

async function ask(site: ProtectedApp): Promise<number> {
  const authorization = `Basic ${Buffer.from("alice:visitors-pw").toString("base64")}`;
  const began = performance.now();
  const answer = await fetch(site.url, { headers: { authorization } });
  await answer.arrayBuffer();
  assert(performance.now() - began < 2_500);
  return answer.status;
}

/** Neither in clear nor, where the server is nobody to trust, inside TLS. */
function assertGotNothing(server: FakeServer): void {
  const bytes = Buffer.concat([server.clearBytes, server.securedBytes]);
  for (const secret of ["visitors-pw", SERVICE.bindPassword, "alice", "cn=reader"]) {
    assert(!bytes.includes(secret), `the server was sent ${secret}`);
  }
}

const BAD = [
  ...["expired", "not-yet-valid", "unknown-ca", "self-signed", "wrong-host", "name-only"],
  ...["common-name-only", "for-clients"],
];

describe("a directory that lets everybody in", { concurrency: 8 }, () => {
  for (const security of ["starttls", "ldaps"] as const) {
    it(`lets in over ${security} with a good certificate`, async () => {
      const server = await fakeServer(security, keyPair("good"));
      assert.equal(await ask(await siteOf(security, server.port)), 200);
      assert(server.securedBytes.includes("visitors-pw"));
      assert(!server.clearBytes.includes("visitors-pw"));
    });

    for (const certificate of BAD) {
      it(`lets in nobody over ${security}, and learns nothing, if its certificate is "${certificate}"`, async () => {
        const server = await fakeServer(security, keyPair(certificate));
        const { port } = server;
        const site = await siteOf(security, port);
        for (let round = 0; round < 2; round++) assert.equal(await ask(site), 503);
        assertGotNothing(server);
        await server.close();

        const good = await fakeServer(security, { ...keyPair("good"), port });
        assert.equal(await ask(site), 200);
        assert(!good.clearBytes.includes("visitors-pw"));
      });
    }

    it(`lets in nobody over ${security} if it knows TLS 1.1 at most`, async () => {
      const server = await fakeServer(security, { ...keyPair("good"), maxVersion: "TLSv1.1" });
      assert.equal(await ask(await siteOf(security, server.port)), 503);
      assertGotNothing(server);
    });
  }
});

/** What somebody on the way may make of a StartTLS. */
const STRIPPED: readonly (readonly [what: string, script: Script])[] = [
  ["refused as unknown", (received, { send }) => send(resultFor(received, 2))],
  ["refused as unavailable", (received, { send }) => send(resultFor(received, 52))],
  ["agreed to, and forgotten", (received, { send }) => send(resultFor(received))],
  [
    "agreed to, with an answer in clear behind",
    (received, connection) => {
      connection.send(resultFor(received), result(2, 0x61, 0), result(3, 0x65, 0));
      connection.secure();
    },
  ],
  [
    "answered by the success of a bind",
    ({ id }, { send }) => send(result(id, 0x61, 0), result(id, 0x78, 0)),
  ],
];

describe("StartTLS", { concurrency: 8 }, () => {
  for (const [what, onStartTls] of STRIPPED) {
    it(`that is ${what} lets in nobody, and no name or password goes in clear`, async () => {
      const server = await fakeServer("starttls", keyPair("good"), (received, connection) =>
        (received.tag === 0x77 ? onStartTls : letsEverybodyIn)(received, connection),
      );
      const site = await siteOf("starttls", server.port);
      for (let round = 0; round < 2; round++) assert.equal(await ask(site), 503);
      assertGotNothing(server);
    });
  }

  it("that the first server does not know is not left out at the second", async () => {
    const servers = await Promise.all([
      fakeServer("starttls", {}, (received, { send }) => send(resultFor(received, 2))),
      fakeServer("starttls", {}, (received, connection) =>
        received.tag === 0x77
          ? connection.send(resultFor(received, 2))
          : letsEverybodyIn(received, connection),
      ),
    ]);
    const site = await siteOf("starttls", ...servers.map(({ port }) => port));
    assert.equal(await ask(site), 503);
    for (const server of servers) assertGotNothing(server);
  });
});

describe("ldaps", () => {
  it("is not left for a second server that speaks in clear, when the first is away", async () => {
    const first = await fakeServer("ldaps", keyPair("good"));
    const second = await startFakeServer(letsEverybodyIn);
    opened.push(second);
    const { port } = first;
    const site = await siteOf("ldaps", port, second.port);
    assert.equal(await ask(site), 200);
    await first.close();
    for (let round = 0; round < 3; round++) assert.equal(await ask(site), 503);
    assertGotNothing(second);
    const again = await fakeServer("ldaps", { ...keyPair("good"), port });
    assert.equal(await ask(site), 200);
    assert(again.securedBytes.includes("visitors-pw"));
  });

  it("is left for a second server that proves who it is", async () => {
    const first = await fakeServer("ldaps", keyPair("expired"));
    const second = await fakeServer("ldaps", keyPair("good"));
    assert.equal(await ask(await siteOf("ldaps", first.port, second.port)), 200);
    assertGotNothing(first);
  });
});
