import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { createChanges } from "../../src/authentication/changes.ts";
import type { Change, WatchMode } from "../../src/directory/change.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Directory } from "../../src/directory/directory.ts";
import type { DirectorySettings } from "../../src/directory/directory-settings.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { openServers } from "../../src/directory/open-servers.ts";
import { openWatch } from "../../src/directory/watch/open-watch.ts";
import { WATCH_TIMES } from "../../src/directory/watch/watch-times.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { administrator } from "../support/fixture-directory.ts";
import { realProgram } from "../support/real.ts";
import {
  DOMAIN,
  administrator as domainAdministrator,
  type Samba,
  sambaSkip,
  startSamba,
} from "../support/samba.ts";
import { type Slapd, slapd, startSlapd } from "../support/slapd.ts";

const ldapModify = realProgram("ldapmodify");
const skip = slapd.skip || ldapModify.skip;

const PEOPLE = "ou=People,dc=domain,dc=org";
const ALICE = `uid=alice,${PEOPLE}`;
const BOB = `uid=bob,${PEOPLE}`;
const READER = "cn=reader,ou=Services,dc=domain,dc=org";
const SYNCPROV = { modules: ["syncprov"], database: "overlay syncprov" } as const;
const NOT_SO_SOON = 20_000;

function settingsOf(port: number, more: Partial<DirectorySettings> = {}): DirectorySettings {
  return {
    servers: [{ kind: "tcp", host: "127.0.0.1", port }],
    security: "none",
    tls: { minVersion: "TLSv1.2" },
    serviceAccount: { kind: "simple", dn: READER, password: "reader-pw" },
    connections: { search: 2, bind: 8, queue: 100 },
    dialTimeout: 2_000,
    operationTimeout: 2_000,
    idleTimeout: 60_000,
    log: () => {},
    ...more,
  };
}

/** Changes as they are seen, each with the time. */
class Seen {
  readonly changes: { readonly change: Change; readonly at: number }[] = [];
  readonly modes: (WatchMode | "away")[] = [];
  readonly add = (change: Change): void => {
    this.changes.push({ change, at: performance.now() });
  };
  readonly onMode = (mode: WatchMode | undefined): void => {
    this.modes.push(mode ?? "away");
  };
}

async function until(isTrue: () => boolean, patience = NOT_SO_SOON): Promise<void> {
  const end = performance.now() + patience;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`never true: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Changes entries as the administrator; resolves with the time at which the server had accepted it. */
async function modify(url: string, ldif: string): Promise<number> {
  const { dn, password } = administrator;
  await new Promise<void>((resolve, reject) => {
    const args = ["-x", "-H", url, "-D", dn, "-w", password];
    const child = execFile(ldapModify.path ?? "", args, (error) =>
      error ? reject(error) : resolve(),
    );
    child.stdin?.end(ldif);
  });
  return performance.now();
}

const describeAs = (dn: string, text: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`;

describe("a watch on a real OpenLDAP with syncprov", { skip }, () => {
  let server: Slapd;
  let proxy: FaultProxy;
  let directory: Directory;
  let seen: Seen;
  before(async () => {
    server = await startSlapd(SYNCPROV);
    proxy = await startFaultProxy(server.port, READER);
    directory = openDirectory(settingsOf(proxy.port));
    seen = new Seen();
    directory.watch({ base: PEOPLE, scope: "one", onMode: seen.onMode }, seen.add);
    await until(() => seen.modes.length === 1);
  });
  after(async () => {
    await directory?.close();
    await proxy?.close();
    await server?.close();
  });

  /** What was seen of something, and how long after it was accepted at the latest. */
  async function seenOf(ldif: string, count = 1): Promise<{ changes: Change[]; after: number }> {
    const from = seen.changes.length;
    const accepted = await modify(server.url, ldif);
    await until(() => seen.changes.length >= from + count);
    const news = seen.changes.slice(from);
    const after = Math.max(...news.map(({ at }) => at)) - accepted;
    return { changes: news.map(({ change }) => change), after };
  }

  it("begins with a change of anything, and fetches no tree", () => {
    assert.deepEqual(seen.modes, ["syncrepl"]);
    assert.deepEqual(
      seen.changes.map(({ change }) => change),
      [{ kind: "anything" }],
    );
  });

  it("sees a person's entry modified, renamed and deleted, each within a moment", async () => {
    const zoe = `uid=zoe,${PEOPLE}`;
    const added = await seenOf(
      `dn: ${zoe}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: zoe\ncn: Zoe\nsn: Z\n`,
    );
    const modified = await seenOf(describeAs(zoe, "modified"));
    const renamed = await seenOf(
      `dn: ${zoe}\nchangetype: modrdn\nnewrdn: uid=zoey\ndeleteoldrdn: 1\n`,
    );
    const zoey = `uid=zoey,${PEOPLE}`;
    const deleted = await seenOf(`dn: ${zoey}\nchangetype: delete\n`);
    const [{ id, classes } = { id: undefined, classes: undefined }] = modified.changes.filter(
      (change) => change.kind === "entry",
    );
    assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(classes, ["inetorgperson"]);
    assert.deepEqual(added.changes, [{ kind: "entry", dn: zoe, id, classes }]);
    assert.deepEqual(modified.changes, [{ kind: "entry", dn: zoe, id, classes }]);
    assert.deepEqual(renamed.changes, [{ kind: "entry", dn: zoey, id, classes }]);
    assert.deepEqual(deleted.changes, [{ kind: "entry", dn: zoey, id }]);
    for (const { after: late } of [added, modified, renamed, deleted]) {
      assert(late < 500, `${late} ms after it was accepted`);
    }
  });

  it("sees a group changed, though the people are elsewhere", async () => {
    const group = "cn=watched,ou=Groups,dc=domain,dc=org";
    const { changes } = await seenOf(
      `dn: ${group}\nchangetype: add\nobjectClass: groupOfNames\nmember: ${ALICE}\n`,
    );
    const [change] = changes;
    assert(change?.kind === "entry");
    assert.deepEqual([change.dn, change.classes], [group, ["groupofnames"]]);
    const everybody = createChanges();
    everybody.note(change);
    assert(everybody.lastOf({ dn: BOB, username: "bob", id: "b" }) > 0);
  });

  it("asks nothing while a hundred changes are made", async () => {
    const from = seen.changes.length;
    const { length } = proxy.clearBytes;
    const changes = Array.from({ length: 100 }, (_, n) => describeAs(n % 2 ? ALICE : BOB, `${n}`));
    await modify(server.url, changes.join("\n"));
    await until(() => seen.changes.length >= from + 100);
    assert.equal(proxy.clearBytes.length, length);
  });

  it("goes on where it was after its connection broke, and sees what was changed meanwhile", async () => {
    const { length } = seen.modes;
    // What is deleted can't be told from what is there without a session log: then it was anything.
    const from = seen.changes.length;
    proxy.interfere = ({ phase }, { client }) => {
      if (phase !== "connect") return false;
      client.destroy();
      return true;
    };
    proxy.resetAll();
    await until(() => seen.modes.length === length + 1);
    await modify(server.url, describeAs(ALICE, "while nobody looked"));
    proxy.interfere = undefined;
    await until(() => seen.modes.length === length + 2);
    const changes = seen.changes.slice(from).map(({ change }) => change);
    assert(changes.some((change) => change.kind === "entry" && change.dn === ALICE));
    assert.deepEqual(seen.modes.slice(length), ["away", "syncrepl"]);
  });

  it("tells nothing after a connection broke and nothing was changed", async () => {
    const { length } = seen.modes;
    const from = seen.changes.length;
    proxy.resetAll();
    await until(() => seen.modes.length === length + 2);
    assert.deepEqual(seen.changes.slice(from), []);
  });

  it("sees an entry that was deleted while the connection was broken", async () => {
    const { length } = seen.modes;
    const dave = `uid=gone,${PEOPLE}`;
    await seenOf(
      `dn: ${dave}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: gone\ncn: G\nsn: G\n`,
    );
    const from = seen.changes.length;
    proxy.interfere = ({ phase }, { client }) => {
      if (phase !== "connect") return false;
      client.destroy();
      return true;
    };
    proxy.resetAll();
    await until(() => seen.modes.length === length + 1);
    await modify(server.url, `dn: ${dave}\nchangetype: delete\n`);
    proxy.interfere = undefined;
    await until(() => seen.modes.length === length + 2);
    assert(seen.changes.slice(from).some(({ change }) => change.kind === "anything"));
  });

  it("goes on after the server was restarted", async () => {
    const { length } = seen.modes;
    await server.stop();
    await until(() => seen.modes.length === length + 1);
    await server.start();
    await until(() => seen.modes.length === length + 2);
    const { changes } = await seenOf(describeAs(BOB, "after the restart"));
    assert.equal(changes.at(-1)?.kind, "entry");
    assert.equal(seen.modes.at(-1), "syncrepl");
  });
});

describe("a watch on a real OpenLDAP that stands still", { skip }, () => {
  it("notices, and sees what was changed when it goes on", async () => {
    const server = await startSlapd(SYNCPROV);
    const servers = openServers(settingsOf(server.port));
    const seen = new Seen();
    const watch = openWatch(
      servers,
      { base: PEOPLE, scope: "one", onMode: seen.onMode },
      seen.add,
      () => {},
      { ...WATCH_TIMES, tick: 50, quiet: 200, question: 300 },
    );
    try {
      await until(() => seen.modes.length === 1);
      server.signal("SIGSTOP");
      await until(() => seen.modes.length === 2, 3_000);
      server.signal("SIGCONT");
      await until(() => seen.modes.length === 3);
      const from = seen.changes.length;
      await modify(server.url, describeAs(ALICE, "awake"));
      await until(() => seen.changes.length > from);
      assert.deepEqual(seen.modes, ["syncrepl", "away", "syncrepl"]);
    } finally {
      server.signal("SIGCONT");
      await watch.close();
      await servers.close();
      await server.close();
    }
  });
});

describe("a watch on a real OpenLDAP with a password policy", { skip }, () => {
  it("takes a storm of failed logins for the one person's that it is", async () => {
    const policy = `cn=policy,dc=domain,dc=org`;
    const server = await startSlapd({
      modules: ["syncprov", "ppolicy"],
      database: `overlay ppolicy\nppolicy_default "${policy}"\noverlay syncprov\nlastbind on`,
      ldif: [
        `dn: ${policy}`,
        ...["objectClass: device", "objectClass: pwdPolicy", "cn: policy"],
        ...["pwdAttribute: userPassword", "pwdLockout: TRUE", "pwdMaxFailure: 1000", ""],
      ].join("\n"),
    });
    const directory = openDirectory(settingsOf(server.port));
    const seen = new Seen();
    const changes = createChanges();
    try {
      directory.watch({ base: PEOPLE, scope: "one", onMode: seen.onMode }, (change) => {
        seen.add(change);
        changes.note(change);
      });
      await until(() => seen.modes.length === 1);
      const bob = { dn: BOB, username: "bob", id: "another" };
      const alice = { dn: ALICE, username: "alice", id: "unknown" };
      const before = changes.lastOf(bob);
      const effects = new Set<number>();
      const began = performance.now();
      for (let n = 0; n < 200; n++) {
        await directory.checkPassword(ALICE, "wrong", startDeadline(2_000));
        effects.add(changes.lastOf(alice));
      }
      await until(() => seen.changes.length > 100);
      const seconds = (performance.now() - began) / 1_000;
      assert(effects.size <= seconds + 3, `${effects.size} effects in ${seconds} s`);
      assert(changes.lastOf(alice) > before);
      assert.equal(changes.lastOf(bob), before, "nobody else is to be read again");
      // A right password changes the entry, too (lastbind).
      const from = seen.changes.length;
      const answer = await directory.checkPassword(BOB, "bob-pw", startDeadline(2_000));
      assert.equal(answer.accepted, true);
      await until(() => seen.changes.length > from);
      await until(() => changes.lastOf(bob) > before);
    } finally {
      await directory.close();
      await server.close();
    }
  });
});

describe("a watch on a real OpenLDAP without syncprov", { skip }, () => {
  it("says that there is nothing to follow", async () => {
    const server = await startSlapd();
    const directory = openDirectory(settingsOf(server.port));
    const seen = new Seen();
    directory.watch({ base: PEOPLE, scope: "one", onMode: seen.onMode }, seen.add);
    await until(() => seen.modes.length === 1);
    assert.deepEqual(seen.modes, ["interval"]);
    await directory.close();
    await server.close();
  });

  it("sees on a replica that something has changed", async () => {
    const provider = await startSlapd(SYNCPROV);
    const replica = await startSlapd({
      database: `
syncrepl rid=001 provider=${provider.url} type=refreshAndPersist retry="1 +"
  bindmethod=simple binddn="${administrator.dn}" credentials=${administrator.password}
  searchbase="dc=domain,dc=org" scope=sub schemachecking=off
updateref ${provider.url}`,
    });
    const directory = openDirectory(settingsOf(replica.port));
    const seen = new Seen();
    try {
      await modify(provider.url, describeAs(ALICE, "for the replica"));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      directory.watch({ base: PEOPLE, scope: "one", onMode: seen.onMode }, seen.add);
      await until(() => seen.modes.length === 1);
      assert.deepEqual(seen.modes, ["poll"]);
      const from = seen.changes.length;
      const accepted = await modify(provider.url, describeAs(ALICE, "once more"));
      await until(() => seen.changes.length > from);
      assert.deepEqual(seen.changes.at(-1)?.change, { kind: "anything" });
      const late = (seen.changes.at(-1)?.at ?? Number.POSITIVE_INFINITY) - accepted;
      assert(late < 2_500, `${late} ms`);
    } finally {
      await directory.close();
      await replica.close();
      await provider.close();
    }
  });
});

describe("a watch on a real Active Directory (Samba)", { skip: sambaSkip }, () => {
  const USERS = `CN=Users,${DOMAIN}`;
  /** Samba looks every five seconds for changes that it has to tell. */
  const SAMBAS_PERIOD = 7_000;
  let samba: Samba;
  let directory: Directory;
  let seen: Seen;
  before(async () => {
    samba = await startSamba();
    for (const name of ["reader", "alice"]) await samba.tool("user", "create", name, `${name}-pw`);
    await samba.tool("group", "add", "staff");
    directory = openDirectory(
      sambaSettings({ kind: "simple", dn: "reader@ad.example", password: "reader-pw" }),
    );
    seen = new Seen();
    directory.watch({ base: USERS, scope: "sub", onMode: seen.onMode }, seen.add);
    await until(() => seen.modes.length === 1);
  });
  after(async () => {
    await directory?.close();
    await samba?.close();
  });

  function sambaSettings(serviceAccount: DirectorySettings["serviceAccount"]): DirectorySettings {
    const { hostname: host } = new URL(samba.ldapsUrl);
    return settingsOf(0, {
      servers: [{ kind: "tcp", host, port: 636 }],
      security: "tls",
      tls: { minVersion: "TLSv1.2", ca: [samba.ca] },
      serviceAccount,
    });
  }

  async function isSeen(dn: string, act: () => Promise<unknown>): Promise<Change> {
    const from = seen.changes.length;
    const find = () =>
      seen.changes
        .slice(from)
        .map(({ change }) => change)
        .find((change) => change.kind === "entry" && change.dn === dn);
    await act();
    await until(() => find() !== undefined, SAMBAS_PERIOD);
    return find() ?? { kind: "anything" };
  }

  it("is told which person was disabled", async () => {
    assert.deepEqual(seen.modes, ["notification"]);
    const dn = `CN=alice,${USERS}`;
    const change = await isSeen(dn, () => samba.tool("user", "disable", "alice"));
    assert(change.kind === "entry");
    assert.equal(Buffer.from(change.id ?? "", "base64").length, 16);
    assert(change.classes?.includes("user"));
  });

  it("is told which group was changed", async () => {
    const dn = `CN=staff,${USERS}`;
    const change = await isSeen(dn, () => samba.tool("group", "addmembers", "staff", "alice"));
    assert(change.kind === "entry" && change.classes?.includes("group"));
  });

  it("is told under which name somebody stands now, with the id as before", async () => {
    const before = await isSeen(`CN=alice,${USERS}`, () => samba.tool("user", "enable", "alice"));
    const change = await isSeen(`CN=alicia,${USERS}`, () =>
      samba.modify(
        `dn: CN=alice,${USERS}\nchangetype: modrdn\nnewrdn: CN=alicia\ndeleteoldrdn: 1\n`,
      ),
    );
    assert(change.kind === "entry" && before.kind === "entry");
    assert.equal(change.id, before.id);
  });

  it("is told of a deleted person, with the id as before, if the service account may see what is deleted", async () => {
    const { dn, password } = domainAdministrator;
    const privileged = openDirectory(sambaSettings({ kind: "simple", dn, password }));
    const all = new Seen();
    try {
      privileged.watch({ base: USERS, scope: "sub", onMode: all.onMode }, all.add);
      await until(() => all.modes.length === 1);
      await samba.tool("user", "create", "brief", "brief-pw");
      const ids = () =>
        all.changes.flatMap(({ change }) =>
          change.kind === "entry" && change.dn?.startsWith("CN=brief") ? [change.id] : [],
        );
      await until(() => ids().length > 0, SAMBAS_PERIOD);
      const { length } = ids();
      await samba.tool("user", "delete", "brief");
      await until(() => ids().length > length, SAMBAS_PERIOD);
      assert.equal(new Set(ids()).size, 1);
    } finally {
      await privileged.close();
    }
  });
});
