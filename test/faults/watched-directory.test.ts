import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  idSet,
  newCookie,
  STATES,
  SYNC,
  syncEntry,
  uuidBytes,
} from "../directory/watch/fake-sync.ts";
import { eventually } from "../support/eventually.ts";
import type { Wire } from "../support/fault-proxy.ts";
import { ALL_IS_WELL, type FaultySite, startFaultySite } from "../support/faulty-site.ts";
import { administrator } from "../support/fixture-directory.ts";
import { LdapClient } from "../support/ldap-client.ts";
import { type Slapd, slapd, startSlapd } from "../support/slapd.ts";
import { unhandled } from "../support/watched-process.ts";

const ALICE = "uid=alice,ou=People,dc=domain,dc=org";
const hex = (text: string) => Buffer.from(text, "hex");

/** The connection that listens to changes, and the message id of its search. */
interface Listener {
  readonly wire: Wire;
  readonly id: number;
}

/** What may come to it. */
const FAULTS: readonly (readonly [what: string, happen: (listener: Listener) => void])[] = [
  ["a TCP reset", ({ wire }) => wire.client.resetAndDestroy()],
  ["an end", ({ wire }) => wire.client.end()],
  ["nothing, and no end", ({ wire }) => wire.cutCable()],
  ["garbage", ({ wire }) => wire.client.write(Buffer.alloc(64, 0xff))],
  ["a length of 2 GiB", ({ wire }) => wire.client.write(hex("30847fffffff020101"))],
  [
    "success of a bind",
    ({ wire, id }) => wire.client.write(hex(`300c0201${byte(id)}61070a010004000400`)),
  ],
  [
    "the news that somebody is gone who is there",
    ({ wire, id }) => wire.client.write(syncEntry(id, ALICE, STATES.delete)),
  ],
  [
    "the news that all are gone",
    ({ wire, id }) => wire.client.write(idSet(id, true, [uuidBytes(1)])),
  ],
  [
    "cookies without end",
    ({ wire, id }) => {
      for (let n = 0; n < 20_000; n++) wire.client.write(newCookie(id, `rid=001,csn=${n}`));
    },
  ],
];

function byte(id: number): string {
  return (id & 0x7f).toString(16).padStart(2, "0");
}

describe("an app that follows changes", { skip: slapd.skip, concurrency: 4 }, () => {
  let server: Slapd;
  before(async () => {
    server = await startSlapd({
      modules: ["syncprov"],
      database: "overlay syncprov",
      ldif: FAULTS.map((_, n) => person(n)).join("\n"),
    });
  });
  after(async () => {
    await server.close();
    assert.deepEqual(unhandled, []);
  });

  for (const [n, [what, happen]] of FAULTS.entries()) {
    it(`signs nobody out by ${what}, and sees what really happens afterwards`, async () => {
      const site = await startFaultySite(server.port, {
        session: { revalidateAfter: 3_600_000 },
        watch: "auto",
      });
      let listener: Listener | undefined;
      site.proxy.interfere = ({ side, id, bytes }, wire) => {
        if (side === "asked" && bytes.includes(SYNC)) listener = { wire, id };
        return false;
      };
      // It may have begun before anybody looked: then it begins anew.
      site.proxy.resetAll();
      try {
        assert.deepEqual(await site.ask(), ALL_IS_WELL);
        await eventually(() => listener !== undefined);
        const cookie = await signIn(site, n);
        if (listener) happen(listener);
        for (let round = 0; round < 3; round++) assert.deepEqual(await site.ask(), ALL_IS_WELL);
        assert.equal(await statusOf(site, cookie), 200);

        await deletePerson(server, n);
        await isOut(site, cookie);
        assert.deepEqual(await site.ask(), ALL_IS_WELL);
      } finally {
        await site.close();
      }
      await eventually(() => site.proxy.connections === 0);
    });
  }
});

function person(n: number): string {
  return `dn: uid=leaver${n},ou=People,dc=domain,dc=org
objectClass: inetOrgPerson
uid: leaver${n}
cn: ${n}
sn: ${n}
userPassword: leaver-pw
`;
}

async function signIn({ site }: FaultySite, n: number): Promise<string> {
  const answer = await fetch(`${site.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: `leaver${n}`, password: "leaver-pw" }),
  });
  assert.equal(answer.status, 200);
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function statusOf({ site }: FaultySite, cookie: string): Promise<number> {
  const answer = await fetch(site.url, { headers: { cookie, accept: "application/json" } });
  await answer.arrayBuffer();
  return answer.status;
}

async function deletePerson(server: Slapd, n: number): Promise<void> {
  const client = await LdapClient.connect(server.port);
  await client.bind(administrator.dn, administrator.password);
  const { code } = await client.delete(`uid=leaver${n},ou=People,dc=domain,dc=org`);
  client.close();
  assert.equal(code, 0);
}

/** A connection that is silent is noticed after half a minute: until then this one's session goes on. */
async function isOut(site: FaultySite, cookie: string): Promise<void> {
  const end = performance.now() + 45_000;
  while ((await statusOf(site, cookie)) !== 401) {
    assert(performance.now() < end, "never signed out");
    await wait(50);
  }
}
