import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { SearchQuery } from "../../src/directory/directory.ts";
import type { DirectorySettings } from "../../src/directory/directory-settings.ts";
import type { DirectoryError } from "../../src/errors.ts";
import { textValues } from "../../src/ldap/entry.ts";
import { eventually } from "../support/eventually.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { slapd, startSlapd } from "../support/slapd.ts";
import { openedDirectory, unhandled } from "./opened-directory.ts";

/** What the built-in directory and slapd have in common. */
interface RunningServer {
  readonly port: number;
  readonly ldapsPort: number | undefined;
  readonly ca: string | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";
const ALICE_QUERY: SearchQuery = {
  base: "ou=People,dc=domain,dc=org",
  scope: "one",
  filter: { type: "equal", attribute: "uid", value: Buffer.from("alice") },
  attributes: ["UID", "nothingLikeThis", "jpegPhoto"],
  limit: 2,
};
/** Where Linux lists the connections of this machine. */
const SOCKETS = "/proc/net/tcp";
const noSockets = { skip: !existsSync(SOCKETS) };
const soon = () => startDeadline(5_000);

function openedOn(server: RunningServer, settings: Partial<DirectorySettings> = {}) {
  const { port, ldapsPort = 0, ca = "" } = server;
  return openedDirectory([settings.security === "tls" ? ldapsPort : port], {
    security: "starttls",
    tls: { minVersion: "TLSv1.2", ca: [ca] },
    serviceAccount: {
      kind: "simple",
      dn: "cn=reader,ou=Services,dc=domain,dc=org",
      password: "reader-pw",
    },
    ...settings,
  }).directory;
}

function behavesWell(start: () => Promise<RunningServer>): void {
  let server: RunningServer;
  before(async () => {
    server = await start();
  });
  after(() => server.close());

  for (const security of ["none", "starttls", "tls"] as const) {
    it(`is searched and checks passwords (${security})`, async () => {
      const directory = openedOn(server, { security });
      const [entry, ...others] = await directory.search(ALICE_QUERY, soon());
      assert.deepEqual(others, []);
      assert.equal(entry?.dn, ALICE);
      assert.deepEqual([...entry.attributes], [["uid", ["alice"]]]);
      assert.equal((await directory.checkPassword(ALICE, "alice-pw", soon())).accepted, true);
      assert.equal((await directory.checkPassword(ALICE, "alice-PW", soon())).accepted, false);
      assert.equal(
        (await directory.checkPassword(`cn=nobody,${ALICE}`, "alice-pw", soon())).accepted,
        false,
      );
      assert.equal(await directory.compare(ALICE, "uid", "ALICE", soon()), true);
      assert.equal(await directory.compare(ALICE, "uid", "bob", soon()), false);
      assert.equal(await directory.compare(ALICE, "carLicense", "x", soon()), false);
      await directory.checkNobody(soon());
      assert.equal(directory.health().state, "ready");
    });
  }

  it("has no password that is empty", async () => {
    const directory = openedOn(server);
    assert.equal((await directory.checkPassword(ALICE, "", soon())).accepted, false);
  });

  it("tells a base that does not exist", async () => {
    const query = { ...ALICE_QUERY, base: "ou=Nowhere,dc=domain,dc=org" };
    await assert.rejects(openedOn(server).search(query, soon()), { code: "no-such-object" });
    await assert.rejects(openedOn(server).compare(query.base, "ou", "x", soon()), {
      code: "no-such-object",
    });
  });

  it("gives everything where there is no limit, and as much as asked for where there is one", async () => {
    const directory = openedOn(server);
    const query: SearchQuery = {
      base: "dc=domain,dc=org",
      scope: "sub",
      filter: { type: "present", attribute: "objectClass" },
      attributes: [],
    };
    const all = await directory.search(query, soon());
    assert(all.length > 90, `${all.length}`);
    assert(all.every(({ attributes }) => attributes.size === 0));
    assert.equal((await directory.search({ ...query, limit: 2 }, soon())).length, 2);
  });

  it("gives photographs as bytes, also where they are no text", async () => {
    const query = {
      ...ALICE_QUERY,
      filter: { type: "equal", attribute: "uid", value: Buffer.from("photo") },
    } as const;
    const [entry] = await openedOn(server).search(query, soon());
    const [photo] = entry?.attributes.get("jpegphoto") ?? [];
    assert(Buffer.isBuffer(photo) && photo.includes(0));
  });

  it("gives 100 logins at the same time their own verdicts", async () => {
    const directory = openedOn(server);
    const people = ["alice", "bob", "carol", "dave"];
    const logins = Array.from({ length: 100 }, (_, index) => {
      const name = people[index % people.length] ?? "";
      return { name, password: index % 3 === 0 ? `${name}-pw` : "wrong" };
    });
    const verdicts = await Promise.all(
      logins.map(async ({ name, password }) => {
        const value = Buffer.from(name);
        const filter = { type: "equal", attribute: "uid", value } as const;
        const [entry] = await directory.search({ ...ALICE_QUERY, filter }, soon());
        assert(entry && textValues(entry, "uid")[0] === name);
        return (await directory.checkPassword(entry.dn, password, soon())).accepted;
      }),
    );
    assert.deepEqual(
      verdicts,
      logins.map(({ password }) => password !== "wrong"),
    );
  });

  it("that is stopped and comes back costs errors while it is away and nothing after", async () => {
    const directory = openedOn(server);
    const login = async () => {
      const [entry] = await directory.search(ALICE_QUERY, soon());
      return (await directory.checkPassword(entry?.dn ?? "", "alice-pw", soon())).accepted;
    };
    assert.equal(await login(), true);
    for (let round = 0; round < 2; round++) {
      await server.stop();
      await assert.rejects(login(), { name: "DirectoryError" });
      assert.equal(directory.health().state, "down");
      await server.start();
      const verdicts = await Promise.all(Array.from({ length: 20 }, login));
      assert(verdicts.every(Boolean));
    }
  });

  it("that is stopped in the middle of much work lets nobody in who should not be, and all in after", async () => {
    const directory = openedOn(server);
    let isOver = false;
    async function keepTrying(password: string): Promise<void> {
      while (!isOver) {
        const verdict = await directory
          .checkPassword(ALICE, password, soon())
          .then(({ accepted }) => accepted)
          .catch((error: DirectoryError) => {
            assert.equal(error.name, "DirectoryError");
            return undefined;
          });
        if (verdict !== undefined) assert.equal(verdict, password === "alice-pw");
      }
    }
    const work = Array.from({ length: 16 }, (_, index) =>
      keepTrying(index % 2 ? "alice-pw" : "wrong"),
    );
    for (let round = 0; round < 3; round++) {
      await server.stop();
      await server.start();
    }
    isOver = true;
    await Promise.all(work);
    assert.equal((await directory.checkPassword(ALICE, "alice-pw", soon())).accepted, true);
  });
}

describe("the built-in directory", () => {
  behavesWell(() => startFixtureDirectory({ tls: true }));

  it("has as many connections after 10,000 wrong passwords as before", async () => {
    const server = await startFixtureDirectory();
    try {
      const directory = openedOn(server, {
        security: "none",
        connections: { search: 2, bind: 8, queue: 1_000 },
      });
      const guesses = async (count: number) => {
        for (let guess = 0; guess < count; guess++) {
          assert.equal(
            (await directory.checkPassword(ALICE, `wrong-${guess}`, soon())).accepted,
            false,
          );
        }
      };
      await Promise.all(Array.from({ length: 8 }, () => guesses(10)));
      const { connections } = server;
      await Promise.all(Array.from({ length: 8 }, () => guesses(1_250)));
      assert.equal(server.connections, connections);
      assert.equal(server.totalConnections, connections);
    } finally {
      await server.close();
    }
  });
});

describe("slapd", { skip: slapd.skip }, () => {
  behavesWell(startSlapd);

  it("has as many connections after 10,000 wrong passwords as before", noSockets, async () => {
    const server = await startSlapd();
    try {
      const directory = openedOn(server, {
        security: "none",
        connections: { search: 2, bind: 8, queue: 1_000 },
      });
      const guesses = async (count: number) => {
        for (let guess = 0; guess < count; guess++) {
          assert.equal(
            (await directory.checkPassword(ALICE, `wrong-${guess}`, soon())).accepted,
            false,
          );
        }
      };
      await Promise.all(Array.from({ length: 8 }, () => guesses(10)));
      const before = connectionsTo(server.port);
      await Promise.all(Array.from({ length: 8 }, () => guesses(1_250)));
      assert.equal(connectionsTo(server.port), before);
      assert(before <= 8);
      await directory.close();
      await eventually(() => connectionsTo(server.port) === 0);
    } finally {
      await server.close();
    }
  });

  it("takes the client certificate for the service account (SASL EXTERNAL)", async () => {
    const server = await startSlapd();
    try {
      const { cert, key } = server.authority.issue();
      const directory = openedOn(server, {
        tls: { minVersion: "TLSv1.2", ca: [server.ca], cert, key },
        serviceAccount: { kind: "external" },
      });
      assert.equal((await directory.search(ALICE_QUERY, soon())).length, 1);
      assert.equal((await directory.checkPassword(ALICE, "wrong", soon())).accepted, false);
    } finally {
      await server.close();
    }
  });

  it("refuses EXTERNAL without a certificate: that is the service account's trouble", async () => {
    const server = await startSlapd();
    try {
      const directory = openedOn(server, { serviceAccount: { kind: "external" } });
      await assert.rejects(directory.search(ALICE_QUERY, soon()), { code: "service-account" });
    } finally {
      await server.close();
    }
  });

  it("that closes idle connections does not disturb anybody", async () => {
    const server = await startSlapd({ global: "idletimeout 1" });
    try {
      const directory = openedOn(server);
      await directory.search(ALICE_QUERY, soon());
      await directory.checkPassword(ALICE, "alice-pw", soon());
      await eventually(() => {
        const { search, bind } = directory.health().connections;
        return search + bind === 0;
      });
      assert.equal((await directory.search(ALICE_QUERY, soon())).length, 1);
      assert.equal((await directory.checkPassword(ALICE, "alice-pw", soon())).accepted, true);
    } finally {
      await server.close();
    }
  });

  it("whose own limit cuts an answer short is not believed", async () => {
    const server = await startSlapd({ global: "sizelimit 20" });
    try {
      const directory = openedOn(server);
      const filter = { type: "present", attribute: "objectClass" } as const;
      const query = { base: "dc=domain,dc=org", scope: "sub", filter, attributes: [] } as const;
      await assert.rejects(directory.search(query, soon()), { code: "limit" });
      await assert.rejects(directory.search({ ...query, limit: 50 }, soon()), { code: "limit" });
      assert.equal((await directory.search({ ...query, limit: 20 }, soon())).length, 20);
    } finally {
      await server.close();
    }
  });

  it("gives in pages what it does not give at once, to several at the same time", async () => {
    const ldif = Array.from({ length: 1_200 }, (_, index) =>
      [
        `dn: uid=page${index},ou=Staff,dc=domain,dc=org`,
        "objectClass: inetOrgPerson",
        `uid: page${index}`,
        "cn: x",
        "sn: x",
        "",
        "",
      ].join("\n"),
    ).join("");
    const server = await startSlapd({
      ldif,
      database: "limits * size.soft=100 size.hard=100 size.pr=1000 size.prtotal=unlimited",
    });
    try {
      const directory = openedOn(server);
      const value = Buffer.from("page");
      const filter = { type: "substrings", attribute: "uid", initial: value, any: [] } as const;
      const base = "ou=Staff,dc=domain,dc=org";
      const query = { base, scope: "one", filter, attributes: ["uid"] } as const;
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => directory.search(query, soon())),
      );
      for (const entries of answers) {
        assert.equal(new Set(entries.map(({ dn }) => dn)).size, 1_200);
      }
    } finally {
      await server.close();
    }
  });
});

/** Open connections to a port of this machine, as the kernel counts them. */
function connectionsTo(port: number): number {
  const list = readFileSync(SOCKETS, "utf8");
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  // Remote address, state 01: ESTABLISHED.
  return list.split("\n").filter((line) => line.match(/^\s*\d+: \S+ \S+:(\S+) 01/)?.[1] === hex)
    .length;
}

after(() => assert.deepEqual(unhandled, []));
