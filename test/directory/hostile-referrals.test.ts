import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { SearchQuery } from "../../src/directory/directory.ts";
import type { DirectorySettings, ReferralServer } from "../../src/directory/directory-settings.ts";
import { refusesCredentials } from "../../src/directory/result-codes.ts";
import {
  entry,
  type FakeServer,
  type Received,
  reference,
  referral,
  resultFor,
  type Script,
} from "../support/fake-server.ts";
import { fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const BASE = "dc=test";
const PART = `ou=part,${BASE}`;
const BOSS = `uid=boss,${BASE}`;
const SECRET = "the service account's secret";
const QUERY: SearchQuery = {
  base: BASE,
  scope: "sub",
  filter: { type: "equal", attribute: "uid", value: Buffer.from("anna") },
  attributes: ["uid"],
  limit: 2,
};
/** Answers searches with these messages before the end, all else with success. */
function searchesWith(answer: (received: Received) => readonly Buffer[]): Script {
  return (received, connection) => {
    const first = received.tag === 0x63 ? answer(received) : [];
    connection.send(...first, resultFor(received));
  };
}

function scopeOf({ bytes }: Received): number | undefined {
  return bytes[bytes.indexOf(Buffer.of(0x0a, 0x01)) + 2];
}

const named = ({ port }: FakeServer): ReferralServer => ({
  address: { kind: "tcp", host: "127.0.0.1", port },
  security: "none",
});
const url = ({ port }: FakeServer, rest = `/${PART}`) => `ldap://127.0.0.1:${port}${rest}`;

function opened(
  main: FakeServer,
  others: readonly FakeServer[],
  settings: Partial<DirectorySettings> = {},
) {
  return openedDirectory([main.port], {
    serviceAccount: { kind: "simple", dn: "cn=service", password: SECRET },
    referrals: { allow: others.map(named), hops: 5 },
    ...settings,
  });
}

describe("a server that refers elsewhere", () => {
  it("leads to nobody who is not named, however the URL is dressed up", async () => {
    const friend = await fakeServer();
    const evil = await fakeServer();
    const at = `127.0.0.1:${evil.port}`;
    const urls = [
      url(evil),
      `ldap://127.0.0.1:${friend.port}@${at}/${PART}`,
      `ldap://127.0.0.1@${at}/${PART}`,
      `ldap://${at}#127.0.0.1:${friend.port}/${PART}`,
      `ldap://${at}?127.0.0.1:${friend.port}/${PART}`,
      `ldap://127.0.0.1:${friend.port},${at}/${PART}`,
      `ldap://127.0.0.1:${friend.port} ${at}/${PART}`,
      `ldap://127.0.0.1:0${evil.port}/${PART}`,
      `ldap://127.1:${friend.port}/${PART}`,
      `ldaps://127.0.0.1:${friend.port}/${PART}`,
      `ldap://127.0.0.1:${friend.port}\0/${PART}`,
      `//127.0.0.1:${friend.port}/${PART}`,
      "",
      "\0",
    ];
    const main = await fakeServer(
      searchesWith((received) => urls.map((each) => reference(received, each))),
    );
    const { directory, log } = opened(main, [friend]);
    assert.deepEqual(await directory.search(QUERY, soon()), []);
    assert.equal(friend.totalConnections, 0);
    assert.equal(evil.totalConnections, 0);
    assert(log.length > 0 && log.length <= 10, `${log.length}`);
    assert(log.every(({ event }) => event === "referral-ignored"));
  });

  it("leads no password to anybody who is not named", async () => {
    const evil = await fakeServer();
    const main = await fakeServer((received, connection) => {
      connection.send(received.tag === 0x60 ? referral(received, url(evil)) : resultFor(received));
    });
    const { directory } = opened(main, [], { serviceAccount: { kind: "anonymous" } });
    const refused = { code: "refused", resultCode: 10 };
    await assert.rejects(directory.checkPassword(BOSS, "boss-pw", soon()), refused);
    await assert.rejects(directory.as(BOSS, "boss-pw").search(QUERY, soon()), refused);
    assert.equal(evil.totalConnections, 0);
  });

  it("cannot make the service account's password go elsewhere", async () => {
    const friend = await fakeServer();
    const main = await fakeServer((received, connection) => {
      connection.send(
        received.tag === 0x60 ? referral(received, url(friend)) : resultFor(received),
      );
    });
    const { directory } = opened(main, [friend]);
    await assert.rejects(directory.search(QUERY, soon()), { code: "service-account" });
    assert.equal(friend.totalConnections, 0);
  });

  it("takes the secret and the password along to a server that is named, and only there", async () => {
    const friend = await fakeServer(
      searchesWith(({ id }) => [entry(id, `uid=anna,${PART}`, { uid: ["anna"] })]),
    );
    const evil = await fakeServer();
    const main = await fakeServer((received, connection) => {
      if (received.tag === 0x63) connection.send(reference(received, url(evil), url(friend)));
      const isPerson = received.bytes.includes("uid=anna");
      connection.send(
        isPerson && received.tag === 0x60
          ? referral(received, url(evil), url(friend, ""))
          : resultFor(received),
      );
    });
    const { directory } = opened(main, [friend]);
    const [anna] = await directory.search(QUERY, soon());
    assert.equal(anna?.origin, url(friend, ""));
    assert.equal((await directory.checkPassword(anna.dn, "anna-pw", soon())).accepted, true);
    assert(friend.clearBytes.includes(SECRET) && friend.clearBytes.includes("anna-pw"));
    assert.equal(evil.totalConnections, 0);
  });

  it("names nobody with 10,000 URLs, and costs no more than one", async () => {
    const evil = await fakeServer();
    const many = Array.from({ length: 10_000 }, (_, index) => url(evil, `/ou=${index}`));
    const main = await fakeServer(searchesWith((received) => [reference(received, ...many)]));
    const { directory } = opened(main, []);
    assert.deepEqual(await directory.search(QUERY, soon()), []);
    assert.equal(evil.totalConnections, 0);
  });

  it("is not followed to more than a few places in one answer", async () => {
    const friend = await fakeServer();
    const main = await fakeServer(
      searchesWith((received) =>
        Array.from({ length: 1_000 }, (_, index) =>
          reference(received, url(friend, `/ou=${index},${PART}`)),
        ),
      ),
    );
    const { directory } = opened(main, [friend]);
    await assert.rejects(directory.search(QUERY, soon()), { code: "limit" });
    assert(friend.received.length < 70, `${friend.received.length}`);
  });

  it("leads no deeper than the question where it does not say how deep", async () => {
    const friend = await fakeServer();
    const main = await fakeServer(searchesWith((received) => [reference(received, url(friend))]));
    const { directory } = opened(main, [friend]);
    await directory.search({ ...QUERY, scope: "one" }, soon());
    await directory.search(QUERY, soon());
    // The scope is the first enumeration of a search: base is 0, sub is 2.
    const scopes = friend.received.filter(({ tag }) => tag === 0x63).map(scopeOf);
    assert.deepEqual(scopes, [0, 2]);
  });

  it("is asked once, where it names the same place a thousand times", async () => {
    const friend = await fakeServer(
      searchesWith(({ id }) => [entry(id, `uid=anna,${PART}`, { uid: ["anna"] })]),
    );
    const main = await fakeServer(
      searchesWith((received) =>
        Array.from({ length: 1_000 }, () => reference(received, url(friend))),
      ),
    );
    const { directory } = opened(main, [friend]);
    assert.equal((await directory.search(QUERY, soon())).length, 1);
    assert.equal(friend.received.filter(({ tag }) => tag === 0x63).length, 1);
  });

  it("ends the connection with references without end", async () => {
    const main = await fakeServer((received, connection) => {
      if (received.tag !== 0x63) connection.send(resultFor(received));
      else for (let i = 0; i <= 10_000; i++) connection.send(reference(received, "ldap://a"));
    });
    await assert.rejects(opened(main, []).directory.search(QUERY, soon()), { code: "protocol" });
  });

  it("does not hang what it refers to itself", async () => {
    const main = await fakeServer();
    main.script = searchesWith((received) => [
      entry(received.id, `uid=anna,${BASE}`, { uid: ["anna"] }),
      reference(received, url(main, `/${BASE}`)),
    ]);
    const { directory } = opened(main, [main]);
    // One entry, not the same one twice, which would be nobody.
    assert.equal((await directory.search(QUERY, soon())).length, 1);
    main.script = (received, connection) =>
      connection.send(
        received.tag === 0x63 ? referral(received, url(main, `/${BASE}`)) : resultFor(received),
      );
    await assert.rejects(directory.search(QUERY, soon()), { code: "refused", resultCode: 10 });
  });

  it("is left after so many hops", async () => {
    const main = await fakeServer();
    let base = BASE;
    let hops = 0;
    main.script = (received, connection) => {
      if (received.tag !== 0x63) return connection.send(resultFor(received));
      hops += 1;
      base = `ou=${hops},${base}`;
      connection.send(referral(received, url(main, `/${base}`)));
    };
    const { directory } = opened(main, [main]);
    await assert.rejects(directory.search(QUERY, soon()), { code: "limit" });
    assert.equal(hops, 6);
  });

  it("may answer what it likes within the time of the request, and no longer", async () => {
    const silent = await fakeServer(() => {});
    const main = await fakeServer(searchesWith((received) => [reference(received, url(silent))]));
    const { directory } = opened(main, [silent]);
    const began = performance.now();
    await assert.rejects(directory.search(QUERY, soon(300)), { code: "timeout" });
    assert(performance.now() - began < 1_500);
  });

  it("shows nothing of a URL that repeats what it was sent", async () => {
    const main = await fakeServer((received, connection) => {
      connection.send(
        received.tag === 0x60 ? referral(received, "ldap://boss-pw.test/") : resultFor(received),
      );
    });
    const { directory } = opened(main, [], { serviceAccount: { kind: "anonymous" } });
    for (const asked of [
      directory.checkPassword(BOSS, "boss-pw", soon()),
      directory.as(BOSS, "boss-pw").search(QUERY, soon()),
    ]) {
      const error = await asked.then(
        () => assert.fail("accepted"),
        (cause: unknown) => cause,
      );
      assert.equal(inspect(error, { depth: 9, showHidden: true }).includes("boss-pw"), false);
    }
  });
});

describe("a server that was named for a part of the tree", () => {
  async function withFriend(script: Script, referTo: (friend: FakeServer) => string) {
    const friend = await fakeServer(script);
    const main = await fakeServer(
      searchesWith((received) => [reference(received, referTo(friend))]),
    );
    return { friend, main, directory: opened(main, [friend, main]).directory };
  }

  it("gives out no entries of another part", async () => {
    for (const dn of [BOSS, BASE, "", `uid=boss\\,${PART}`, "nonsense"]) {
      const { directory } = await withFriend(
        searchesWith(({ id }) => [entry(id, dn, { uid: ["anna"] })]),
        (friend) => url(friend),
      );
      await assert.rejects(directory.search(QUERY, soon()), { code: "protocol" }, dn);
    }
  });

  it("refers to no other part", async () => {
    for (const answer of [reference, referral]) {
      const { directory, friend } = await withFriend(
        (received, connection) => {
          if (received.tag !== 0x63) connection.send(resultFor(received));
          else connection.send(answer(received, url(friend, `/${BASE}`)), resultFor(received));
        },
        (each) => url(each),
      );
      await assert.rejects(directory.search(QUERY, soon()), { code: "protocol" });
    }
  });

  it("refers to nobody who is not named", async () => {
    const evil = await fakeServer();
    const { directory } = await withFriend(
      (received, connection) =>
        connection.send(
          received.tag === 0x63 ? referral(received, url(evil)) : resultFor(received),
        ),
      (friend) => url(friend),
    );
    await assert.rejects(directory.search(QUERY, soon()), { code: "refused", resultCode: 10 });
    assert.equal(evil.totalConnections, 0);
  });

  it("says nothing of others than a person whom it is asked as", async () => {
    const friend = await fakeServer((received, connection) => {
      if (received.tag === 0x63) connection.send(entry(received.id, BOSS, { uid: ["anna"] }));
      connection.send(resultFor(received, received.tag === 0x6e ? 6 : 0));
    });
    const main = await fakeServer((received, connection) => {
      connection.send(referral(received, url(friend, "")));
    });
    const { directory } = opened(main, [friend]);
    const anna = `uid=anna,${PART}`;
    const as = directory.as(anna, "anna-pw");
    await assert.rejects(as.search(QUERY, soon()), { code: "protocol" });
    await assert.rejects(as.compare(`cn=admins,${BASE}`, "member", anna, soon()), {
      code: "protocol",
    });
    assert.equal(await as.compare(anna, "uid", "anna", soon()), true);
  });

  it("cannot have a password taken for right by refusing it", async () => {
    const friend = await fakeServer((received, connection) => {
      connection.send(resultFor(received, received.tag === 0x60 ? 49 : 0));
    });
    const main = await fakeServer((received, connection) => {
      connection.send(referral(received, url(friend, "")));
    });
    const { directory } = opened(main, [friend], { serviceAccount: { kind: "anonymous" } });
    assert.equal((await directory.checkPassword(BOSS, "boss-pw", soon())).accepted, false);
    const error = await directory
      .as(BOSS, "boss-pw")
      .search(QUERY, soon())
      .catch((cause: unknown) => cause);
    assert.equal(refusesCredentials(error), true);
  });
});

it("leaves no rejection unhandled", () => assert.deepEqual(unhandled, []));
