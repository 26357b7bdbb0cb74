import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change } from "../../src/directory/change.ts";
import type { TestDirectory, TestDirectoryOptions } from "../../src/testing/index.ts";
import { watching } from "../directory/watch/fake-sync.ts";
import { eventually } from "../support/eventually.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org";
const ALICE = `uid=alice,${PEOPLE}`;
const anything: Change = { kind: "anything" };

/** A directory that tells its changes, and a watch on it. */
async function watched(
  run: (server: TestDirectory, watch: ReturnType<typeof watching>) => Promise<void>,
  options: Partial<TestDirectoryOptions> = {},
): Promise<void> {
  const server = await startFixtureDirectory({ contentSync: true, ...options });
  const watch = watching([server.port], {}, {}, PEOPLE);
  try {
    await eventually(() => watch.modes.length === 1);
    await run(server, watch);
  } finally {
    await watch.close();
    await server.close();
  }
}

const describeAs = (dn: string, text: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`;

function dnsOf(changes: readonly Change[]): readonly (string | undefined)[] {
  return changes.map((change) => (change.kind === "entry" ? change.dn : change.kind));
}

describe("the built-in directory's content synchronization", () => {
  it("tells what is modified, renamed, deleted and added", async () => {
    await watched(async (server, { changes, modes }) => {
      assert.deepEqual([changes, modes], [[anything], ["syncrepl"]]);
      server.apply(describeAs(ALICE, "changed"));
      await eventually(() => changes.length === 2);
      const [, change] = changes;
      assert(change?.kind === "entry");
      const { id } = change;
      assert.equal(id, String(server.entry(ALICE)?.attributes.get("entryuuid")));
      assert(change.classes?.includes("inetorgperson"));

      server.apply(`dn: ${ALICE}\nchangetype: modrdn\nnewrdn: uid=alicia\ndeleteoldrdn: 1\n`);
      const alicia = `uid=alicia,${PEOPLE}`;
      await eventually(() => changes.some((each) => each.kind === "entry" && each.dn === alicia));
      assert(changes.slice(1).every((each) => each.kind === "entry" && each.id === id));
      const { length } = changes;
      server.apply(`dn: ${alicia}\nchangetype: delete\n`);
      await eventually(() => changes.length > length);
      assert.deepEqual(changes.at(-1), { kind: "entry", dn: alicia, id });
    });
  });

  it("tells a client that comes back what it missed, and one that was away too long to begin anew", async () => {
    await watched(async (server, { changes, modes }) => {
      await server.stop();
      await eventually(() => modes.length === 2);
      server.apply(describeAs(ALICE, "missed"));
      await server.start();
      await eventually(() => modes.length === 3);
      assert.deepEqual(dnsOf(changes), ["anything", ALICE]);
      await server.stop();
      await eventually(() => modes.length === 4);
      for (let n = 0; n < 1_001; n++) server.apply(describeAs(ALICE, `${n}`));
      await server.start();
      await eventually(() => modes.length === 5);
      assert.deepEqual(dnsOf(changes), ["anything", ALICE, "anything"]);
    });
  });

  it("tells nobody of what they may not read", async () => {
    const hidden = "cn=secretgroup,ou=groups,dc=domain,dc=org";
    await watched(async (server, { changes }) => {
      server.apply(describeAs(hidden, "unseen"));
      server.apply(`dn: ${hidden}\nchangetype: delete\n`);
      server.apply(describeAs(ALICE, "seen"));
      await eventually(() => changes.length === 2);
      assert.deepEqual(dnsOf(changes), ["anything", ALICE]);
    });
  });

  it("is offered only where that was asked for", async () => {
    const server = await startFixtureDirectory();
    const watch = watching([server.port], {}, {}, PEOPLE);
    await eventually(() => watch.modes.length === 1);
    assert.deepEqual(watch.modes, ["interval"]);
    await watch.close();
    await server.close();
  });

  it("is closed to who may not search", async () => {
    const server = await startFixtureDirectory({ contentSync: true, anonymous: "bind" });
    const watch = watching([server.port], {}, {}, PEOPLE);
    await eventually(() => watch.modes.length === 1);
    assert.deepEqual(watch.modes, ["interval"]);
    assert.deepEqual(watch.changes, []);
    await watch.close();
    await server.close();
  });
});
