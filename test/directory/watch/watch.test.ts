import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startDeadline } from "../../../src/directory/deadline.ts";
import { search } from "../../../src/directory/requests.ts";
import { eventually } from "../../support/eventually.ts";
import {
  entry,
  type FakeConnection,
  type FakeServer,
  type FakeServerOptions,
  resultFor,
  type Script,
  startFakeServer,
} from "../../support/fake-server.ts";
import { ANYBODY, keyPair, pem, unhandled } from "../opened-directory.ts";
import {
  CSN,
  type FollowingSearch,
  idSet,
  NOTIFICATION,
  newCookie,
  offering,
  PEOPLE,
  refreshed,
  STATES,
  SYNC,
  syncEntry,
  type TestWatch,
  uuidBytes,
  uuidText,
  watching,
} from "./fake-sync.ts";

const ALICE = `uid=alice,${PEOPLE}`;
const ANYTHING = { kind: "anything" } as const;
const alice = { kind: "entry", dn: ALICE, id: uuidText(1) } as const;
const IDS = ["entryUUID", "objectGUID", "ipaUniqueID", "nsUniqueId"];

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  assert.deepEqual(unhandled, []);
});

async function serve(script: Script, options?: FakeServerOptions): Promise<FakeServer> {
  const server = await startFakeServer(script, options);
  opened.push(server);
  return server;
}

function watch(...settings: Parameters<typeof watching>): TestWatch {
  const watch = watching(...settings);
  opened.push(watch);
  return watch;
}

/** Searches that go on, as they came, and a way to speak on the last of them. */
function recorder() {
  const searches: FollowingSearch[] = [];
  let last: FakeConnection | undefined;
  return {
    searches,
    send: (write: (id: number) => Buffer) => last?.send(write(searches.at(-1)?.id ?? 0)),
    follow(search: FollowingSearch, connection: FakeConnection) {
      searches.push(search);
      last = connection;
    },
  };
}

const done = (id: number, code: number) =>
  resultFor({ id, tag: 0x63, bytes: Buffer.alloc(0) }, code);

describe("content synchronization", () => {
  it("begins at the server's present state, and tells what changes then", async () => {
    const { searches, send, follow } = recorder();
    const script = offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow });
    const server = await serve(script);
    const { changes, modes } = watch([server.port]);
    await eventually(() => searches.length === 1);
    assert.deepEqual(
      { ...searches[0], id: 0 },
      {
        id: 0,
        base: "dc=test",
        scope: 2,
        attributes: ["objectClass", ...IDS],
        control: SYNC,
        isCritical: true,
        cookie: `rid=000,csn=${CSN}`,
      },
    );
    assert.deepEqual(modes, []);
    send((id) => refreshed(id, "delete"));
    await eventually(() => modes.length === 1);
    send((id) => syncEntry(id, ALICE, STATES.modify));
    send((id) => newCookie(id, "c"));
    send((id) => syncEntry(id, ALICE, STATES.delete));
    send((id) => idSet(id, true, [uuidBytes(9)]));
    await eventually(() => changes.length === 4);
    assert.deepEqual(changes, [ANYTHING, alice, alice, { kind: "entry", id: uuidText(9) }]);
    assert.deepEqual(modes, ["syncrepl"]);
    assert.equal(server.totalConnections, 1);
  });

  it("orders the times of several servers by the servers' numbers", async () => {
    const { searches, follow } = recorder();
    const of = (number: string) => `20261122101010.000001Z#000000#${number}#000000`;
    const context = { contextCSN: [of("00a"), of("001"), of("002")] };
    const server = await serve(offering({ controls: [SYNC], context, follow }));
    watch([server.port]);
    await eventually(() => searches.length === 1);
    assert.equal(searches[0]?.cookie, `rid=000,csn=${of("001")};${of("002")};${of("00a")}`);
  });

  for (const [what, contextCSN] of [
    ["shows no time", []],
    ["shows an unusable one", [CSN, "x,rid=1"]],
    ["shows too many", Array.from({ length: 65 }, () => CSN)],
  ] as const) {
    it(`only counts the entries of a server that ${what}, and tells them as one`, async () => {
      const { searches, send, follow } = recorder();
      const server = await serve(offering({ controls: [SYNC], context: { contextCSN }, follow }));
      const { changes, modes } = watch([server.port]);
      await eventually(() => searches.length === 1);
      assert.equal(searches[0]?.cookie, undefined);
      for (let n = 0; n < 5; n++) send((id) => syncEntry(id, `uid=p${n},${PEOPLE}`, STATES.add));
      assert.deepEqual(modes, []);
      send((id) => refreshed(id, "present", { cookie: "c" }));
      send((id) => syncEntry(id, ALICE, STATES.add));
      await eventually(() => changes.length === 2);
      assert.deepEqual(changes, [ANYTHING, alice]);
      assert.deepEqual(modes, ["syncrepl"]);
    });
  }

  it("goes on at the last cookie after the connection was lost, and misses nothing", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(
      offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow }),
    );
    const { changes, modes } = watch([server.port]);
    await eventually(() => searches.length === 1);
    send((id) => refreshed(id, "delete"));
    send((id) => newCookie(id, "first"));
    send((id) => syncEntry(id, ALICE, STATES.modify, { cookie: "second" }));
    await eventually(() => changes.length === 2);
    server.cutAll();
    await eventually(() => searches.length === 2);
    assert.equal(searches[1]?.cookie, "second");
    send((id) => syncEntry(id, ALICE, STATES.modify, { uuid: uuidBytes(2) }));
    send((id) => idSet(id, true, [uuidBytes(3)]));
    send((id) => refreshed(id, "delete", { cookie: "third" }));
    await eventually(() => modes.length === 3);
    assert.deepEqual(changes.slice(2), [
      { ...alice, id: uuidText(2) },
      { kind: "entry", id: uuidText(3) },
    ]);
    assert.deepEqual(modes, ["syncrepl", "away", "syncrepl"]);
    send((id) => done(id, 52));
    await eventually(() => searches.length === 3);
    assert.equal(searches[2]?.cookie, "third");
  });

  it("goes back to the cookie before a refresh that was cut off", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(
      offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow }),
    );
    const { changes } = watch([server.port]);
    await eventually(() => searches.length === 1);
    send((id) => refreshed(id, "delete", { cookie: "first" }));
    await eventually(() => changes.length === 1);
    server.cutAll();
    await eventually(() => searches.length === 2);
    send((id) => idSet(id, false, [uuidBytes(1)]));
    send((id) => newCookie(id, "too early"));
    send((id) => refreshed(id, "present", { cookie: "too early", isDone: false }));
    send((id) => syncEntry(id, ALICE, STATES.add, { cookie: "too early" }));
    await eventually(() => changes.length === 2);
    server.cutAll();
    await eventually(() => searches.length === 3);
    assert.equal(searches[2]?.cookie, "first");
  });

  const PRESENT = [
    ["ids of what is left", (id: number) => idSet(id, false, [uuidBytes(1)])],
    ["entries that are left", (id: number) => syncEntry(id, ALICE, STATES.present)],
    ["a phase of what is left", (id: number) => refreshed(id, "present", { isDone: false })],
  ] as const;
  for (const [what, write] of PRESENT) {
    it(`takes ${what} for a change of anything: the others are gone`, async () => {
      const { searches, send, follow } = recorder();
      const server = await serve(
        offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow }),
      );
      const { changes, modes } = watch([server.port]);
      await eventually(() => searches.length === 1);
      send((id) => refreshed(id, "delete", { cookie: "first" }));
      await eventually(() => changes.length === 1);
      server.cutAll();
      await eventually(() => searches.length === 2);
      send(write);
      send((id) => refreshed(id, "delete"));
      await eventually(() => modes.length === 3);
      assert.deepEqual(changes, [ANYTHING, ANYTHING]);
    });
  }

  it("tells many changes of the time in between as one", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(
      offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow }),
    );
    const { changes, modes } = watch([server.port]);
    await eventually(() => searches.length === 1);
    send((id) => refreshed(id, "delete"));
    await eventually(() => changes.length === 1);
    server.cutAll();
    await eventually(() => searches.length === 2);
    for (let n = 0; n < 3_000; n++) send((id) => syncEntry(id, ALICE, STATES.modify));
    send((id) => refreshed(id, "delete"));
    await eventually(() => modes.length === 3);
    assert.equal(changes.length, 1_002);
    assert.deepEqual(changes.at(-1), ANYTHING);
  });

  for (const code of [4096, 53]) {
    it(`begins anew when the last cookie is of no use any more (${code})`, async () => {
      const searches: FollowingSearch[] = [];
      const server = await serve(
        offering({
          controls: [SYNC],
          context: { contextCSN: [CSN] },
          follow(search, { send }) {
            searches.push(search);
            if (search.cookie === "old") send(done(search.id, code));
            else send(refreshed(search.id, "delete", { cookie: "old" }));
          },
        }),
      );
      const { changes, modes } = watch([server.port]);
      await eventually(() => modes.length === 1);
      server.cutAll();
      await eventually(() => modes.length === 3);
      const cookies = searches.map(({ cookie }) => cookie);
      assert.deepEqual(cookies, [`rid=000,csn=${CSN}`, "old", `rid=000,csn=${CSN}`]);
      assert.deepEqual(changes, [ANYTHING, ANYTHING]);
    });
  }

  it("begins anew when the server wants that in the midst of it", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(
      offering({ controls: [SYNC], context: { contextCSN: [CSN] }, follow }),
    );
    watch([server.port]);
    await eventually(() => searches.length === 1);
    send((id) => refreshed(id, "delete", { cookie: "old" }));
    send((id) => done(id, 4096));
    await eventually(() => searches.length === 2);
    assert.equal(searches[1]?.cookie, `rid=000,csn=${CSN}`);
  });

  it("fetches the entries where the server takes no cookie, and tells them as one", async () => {
    const cookies: (string | undefined)[] = [];
    const server = await serve(
      offering({
        controls: [SYNC],
        context: { contextCSN: [CSN] },
        follow({ id, cookie }, { send }) {
          cookies.push(cookie);
          if (cookie !== undefined) send(done(id, 4096));
          else send(syncEntry(id, ALICE, STATES.add), refreshed(id, "delete"));
        },
      }),
    );
    const { changes, modes } = watch([server.port]);
    await eventually(() => modes.length === 1);
    assert.deepEqual(cookies, [`rid=000,csn=${CSN}`, undefined]);
    assert.deepEqual(changes, [ANYTHING]);
  });

  for (const code of [32, 50]) {
    it(`follows the people alone where the whole tree may not be followed (${code})`, async () => {
      const searches: FollowingSearch[] = [];
      const server = await serve(
        offering({
          controls: [SYNC],
          context: { contextCSN: [CSN] },
          follow(search, { send }) {
            searches.push(search);
            if (search.base === PEOPLE) send(refreshed(search.id, "delete"));
            else send(done(search.id, code));
          },
        }),
      );
      const { modes } = watch([server.port]);
      await eventually(() => modes.length === 1);
      assert.deepEqual(modes, ["syncrepl"]);
      const last = searches.at(-1);
      assert.deepEqual([last?.base, last?.scope], [PEOPLE, 1]);
    });
  }

  it("is not taken up again at another server", async () => {
    const first = recorder();
    const second = recorder();
    const offer = { controls: [SYNC], context: { contextCSN: [CSN] } };
    const one = await serve(offering({ ...offer, follow: first.follow }));
    const two = await serve(offering({ ...offer, follow: second.follow }));
    const { changes } = watch([one.port, two.port]);
    await eventually(() => first.searches.length === 1);
    first.send((id) => refreshed(id, "delete", { cookie: "of the first" }));
    await eventually(() => changes.length === 1);
    await one.close();
    await eventually(() => second.searches.length === 1);
    assert.equal(second.searches[0]?.cookie, `rid=000,csn=${CSN}`);
    second.send((id) => refreshed(id, "delete"));
    await eventually(() => changes.length === 2);
    assert.deepEqual(changes, [ANYTHING, ANYTHING]);
  });
});

describe("Active Directory's change notification", () => {
  const root = { defaultNamingContext: ["dc=test"], highestCommittedUSN: ["1"] };

  it("tells the entries of the whole domain that change", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(offering({ controls: [NOTIFICATION], root, follow }));
    const { changes, modes } = watch([server.port]);
    await eventually(() => modes.length === 1);
    assert.deepEqual(modes, ["notification"]);
    const [search] = searches;
    assert.deepEqual([search?.base, search?.scope, search?.isCritical], ["dc=test", 2, true]);
    send((id) => entry(id, ALICE, { objectClass: ["Person"], objectGUID: [uuidBytes(1)] }));
    await eventually(() => changes.length === 2);
    const id = uuidBytes(1).toString("base64");
    assert.deepEqual(changes, [ANYTHING, { kind: "entry", dn: ALICE, id, classes: ["person"] }]);
  });

  it("is begun anew when the server ends it", async () => {
    const { searches, send, follow } = recorder();
    const server = await serve(offering({ controls: [NOTIFICATION], root, follow }));
    const { changes, modes } = watch([server.port]);
    await eventually(() => modes.length === 1);
    send((id) => done(id, 0));
    await eventually(() => modes.length === 3);
    assert.equal(searches.length, 2);
    assert.deepEqual(changes, [ANYTHING, ANYTHING]);
  });

  it("gives way to the change counter where it is refused", async () => {
    const server = await serve(
      offering({
        controls: [NOTIFICATION],
        root,
        follow: ({ id }, { send }) => send(done(id, 53)),
      }),
    );
    const { modes } = watch([server.port]);
    await eventually(() => modes.length === 1);
    assert.deepEqual(modes, ["poll"]);
  });
});

describe("a change counter", () => {
  const SOURCES = [
    ["contextCSN", (value: string) => ({ context: { contextCSN: [value] } })],
    ["highestCommittedUSN", (value: string) => ({ root: { highestCommittedUSN: [value] } })],
    ["lastChangeNumber", (value: string) => ({ root: { lastchangenumber: [value] } })],
  ] as const;
  for (const [name, offer] of SOURCES) {
    it(`tells that anything has changed: ${name}`, async () => {
      const server = await serve(offering(offer("1")));
      const { changes, modes } = watch([server.port]);
      await eventually(() => server.received.length > 6);
      assert.deepEqual(changes, [ANYTHING]);
      assert.deepEqual(modes, ["poll"]);
      server.script = offering(offer("2"));
      await eventually(() => changes.length === 2);
      assert.deepEqual(changes, [ANYTHING, ANYTHING]);
      assert.equal(server.totalConnections, 1);
    });
  }

  it("that is no more to be seen is looked for again later", async () => {
    const server = await serve(offering({ context: { contextCSN: ["1"] } }));
    const { modes } = watch([server.port], { lookAgain: 20 });
    await eventually(() => modes.length === 1);
    server.script = offering({});
    await eventually(() => modes.length === 2);
    server.script = offering({ context: { contextCSN: ["1"] } });
    await eventually(() => modes.length === 3);
    assert.deepEqual(modes, ["poll", "interval", "poll"]);
  });
});

describe("a server that offers nothing", () => {
  it("is left alone: one question or two, and the connection is closed", async () => {
    const server = await serve(offering({}));
    const { changes, modes } = watch([server.port]);
    await eventually(() => modes.length === 1 && server.connections === 0);
    assert.deepEqual(modes, ["interval"]);
    assert.deepEqual(changes, []);
    assert.equal(server.totalConnections, 1);
    assert.deepEqual(
      server.received.map(({ tag }) => tag),
      [0x63, 0x63, 0x42],
    );
  });

  it("is left alone, too, if it does not show its root DSE", async () => {
    const other: Script = (received, { send }) => send(resultFor(received, 50));
    const server = await serve(offering({ other }));
    const { modes } = watch([server.port]);
    await eventually(() => modes.length === 1);
    assert.deepEqual(modes, ["interval"]);
  });
});

describe("a watch", () => {
  const offer = {
    controls: [SYNC],
    context: { contextCSN: [CSN] },
    follow: ({ id }: FollowingSearch, { send }: FakeConnection) => send(refreshed(id, "delete")),
  };

  it("waits for a server that is away, and begins when it is there", async () => {
    const away = await serve(offering(offer));
    const { port } = away;
    await away.close();
    const { modes, log } = watch([port]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(modes, []);
    const server = await serve(offering(offer), { port });
    await eventually(() => modes.length === 1);
    assert.equal(server.totalConnections, 1);
    assert.deepEqual(
      log.map(({ event, level }) => [event, level]),
      [["watch", "info"]],
    );
  });

  it("moves to the server that is used from now on, though its own still answers", async () => {
    const one = await serve(offering(offer));
    const two = await serve(offering(offer));
    const { changes, modes, servers } = watch([one.port, two.port]);
    await eventually(() => modes.length === 1);
    const { script } = one;
    one.script = (received, { send }) => send(resultFor(received, 52));
    const ask = search({ ...ANYBODY, limit: 1 }, { seconds: 1 });
    await servers.perform("search", startDeadline(1_000), (send) => send(ask));
    await eventually(() => modes.length === 3);
    await eventually(() => one.connections === 0);
    assert.equal(two.totalConnections, 2);
    assert.deepEqual(changes, [ANYTHING, ANYTHING]);
    one.script = script;
    // The look at whether the first one is back comes after a pause of its own.
    await eventually(() => modes.length === 5);
    assert.deepEqual(modes, ["syncrepl", "away", "syncrepl", "away", "syncrepl"]);
  });

  it("stays where it is while nobody knows of a better server", async () => {
    const away = await serve(offering(offer));
    const { port } = away;
    await away.close();
    const server = await serve(offering(offer));
    const { modes } = watch([port, server.port]);
    await eventually(() => modes.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(modes, ["syncrepl"]);
    assert.equal(server.totalConnections, 1);
  });

  it("notices a server that has gone without a word", async () => {
    const server = await serve(offering(offer));
    const { modes } = watch([server.port], { quiet: 30, question: 60 });
    await eventually(() => modes.length === 1);
    server.script = () => {};
    await eventually(() => modes.length === 2);
    server.script = offering(offer);
    await eventually(() => modes.length === 3);
    assert.deepEqual(modes, ["syncrepl", "away", "syncrepl"]);
  });

  it("asks a quiet server whether it is there, and goes on listening", async () => {
    const { send, searches, follow } = recorder();
    const server = await serve(offering({ ...offer, follow }));
    const { changes } = watch([server.port], { quiet: 20 });
    await eventually(() => searches.length === 1);
    send((id) => refreshed(id, "delete"));
    await eventually(() => server.received.length > 6);
    send((id) => syncEntry(id, ALICE, STATES.modify));
    await eventually(() => changes.length === 2);
    assert.equal(server.totalConnections, 1);
  });

  it("sends nothing in clear where TLS was asked for, and nothing to who cannot be trusted", async () => {
    const refusing = await serve((received, { send }) => send(resultFor(received, 52)));
    const untrusted = await serve(offering(offer), { tls: true, ...keyPair("self-signed") });
    for (const [{ port }, security] of [
      [refusing, "starttls"],
      [untrusted, "tls"],
    ] as const) {
      const serviceAccount = { kind: "simple", dn: "cn=reader", password: "secret-word" } as const;
      const { modes } = watch([port], {}, { security, serviceAccount });
      const { totalConnections } = untrusted;
      await eventually(
        () => refusing.totalConnections > 2 || untrusted.totalConnections > totalConnections + 2,
      );
      assert.deepEqual(modes, []);
    }
    assert(refusing.received.every(({ tag }) => tag === 0x77));
    assert.deepEqual(untrusted.received, []);
    assert(!refusing.clearBytes.includes("secret-word"));
  });

  it("does not try a refused service account over and over", async () => {
    const server = await serve((received, { send }) => send(resultFor(received, 49)));
    const serviceAccount = { kind: "simple", dn: "cn=reader", password: "wrong" } as const;
    const { modes } = watch([server.port], {}, { serviceAccount });
    await eventually(() => server.totalConnections > 4);
    assert.equal(server.received.filter(({ tag }) => tag === 0x60).length, 1);
    assert.deepEqual(modes, []);
  });

  for (const security of ["none", "tls"] as const) {
    it(`does not keep the process alive (${security})`, async () => {
      const tls = security === "tls" ? { tls: true, ...keyPair("good") } : {};
      const server = await serve(offering(offer), tls);
      const program = fileURLToPath(new URL("watching-process.ts", import.meta.url));
      const args = [program, String(server.port), security, pem("ca.pem").toString()];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
      assert.equal(stdout, "syncrepl\n");
    });
  }

  it("is over when it is closed, whatever it was about to do", async () => {
    const stages: readonly Script[] = [
      () => {},
      offering({ ...offer, follow: () => {} }),
      offering(offer),
      offering({ context: { contextCSN: ["1"] } }),
      offering({}),
      (_, { socket }) => socket.destroy(),
    ];
    for (const script of stages) {
      const server = await serve(script);
      const one = watch([server.port]);
      await eventually(() => server.received.length > 0);
      await one.close();
      await eventually(() => server.connections === 0);
      assert.equal(one.mode, undefined);
      const { totalConnections } = server;
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(server.totalConnections, totalConnections);
    }
  });
});
