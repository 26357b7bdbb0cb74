import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { administrator } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { realProgram } from "../support/real.ts";
import { type Slapd, slapd, startSlapd } from "../support/slapd.ts";

const PEOPLE = 1_000;
const WEB = "ou=web,dc=domain,dc=org";
const ldapModify = realProgram("ldapmodify");

const ldif = Array.from(
  { length: PEOPLE },
  (_, n) => `dn: uid=visitor${n},${WEB}
objectClass: inetOrgPerson
objectClass: webAccessUser
uid: visitor${n}
cn: Visitor ${n}
sn: Visitor
userPassword: visitor${n}-pw
WebAccess: MyWebApp_Level_1
MyWebAccess: MyWebApp_Level_1
`,
).join("\n");

describe("a thousand people with sessions, on a real OpenLDAP with syncprov", {
  skip: slapd.skip || ldapModify.skip,
}, () => {
  let server: Slapd;
  let site: ProtectedApp;
  let cookies: readonly string[];

  before(async () => {
    server = await startSlapd({ modules: ["syncprov"], database: "overlay syncprov", ldif });
    const url = `${server.url}/${WEB}?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`;
    site = await protectedApp({ url, watch: "auto", session: { revalidateAfter: 3_600_000 } });
    cookies = await inTurn(PEOPLE, signIn);
    await isWatched();
    // The watch may have begun after some of them had signed in.
    await allAreIn();
  });
  after(async () => {
    await site?.close();
    await server?.close();
  });

  /** After an outage the watch lets some time pass before it tries again. */
  async function isWatched(): Promise<void> {
    const end = performance.now() + 30_000;
    while (site.ldap.health().watch?.[0] !== "syncrepl") {
      assert(performance.now() < end, "the watch has not come back");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function signIn(n: number): Promise<string> {
    const answer = await fetch(`${site.url}/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: `visitor${n}`, password: `visitor${n}-pw` }),
    });
    assert.equal(answer.status, 200);
    return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }

  async function ask(n: number): Promise<number> {
    const headers = { Cookie: cookies[n] ?? "", Accept: "application/json" };
    const answer = await fetch(`${site.url}/`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  }

  async function allAreIn(except?: number): Promise<void> {
    const statuses = await inTurn(PEOPLE, ask);
    for (const [n, status] of statuses.entries()) {
      assert.equal(status, n === except ? 401 : 200, `visitor${n}`);
    }
  }

  const operations = () =>
    site.ldap.metrics().operations.reduce((sum, { count }) => sum + count, 0);

  it("asks the directory nothing for requests with a session", async () => {
    const before = operations();
    await allAreIn();
    await allAreIn();
    assert.equal(operations(), before);
  });

  it("refuses who is suspended within a second, and asks about nobody else", async (t) => {
    const suspended = 500;
    const before = operations();
    await modify(`dn: uid=visitor${suspended},${WEB}\nchangetype: modify\ndelete: WebAccess\n`);
    const accepted = performance.now();
    while ((await ask(suspended)) === 200) assert(performance.now() - accepted < 1_000);
    const took = performance.now() - accepted;
    t.diagnostic(`refused ${took.toFixed(0)} ms after the directory had accepted it`);
    assert(took < 1_000, `${took} ms`);
    await allAreIn(suspended);
    // Where they stood, and whether they have moved.
    assert.equal(operations() - before, 2);
  });

  it("signs nobody out while the directory is away, and asks about everybody at most once after", async () => {
    await server.stop();
    await allAreIn(500);
    const before = operations();
    await server.start();
    await isWatched();
    await allAreIn(500);
    await allAreIn(500);
    assert(operations() - before <= PEOPLE + 20, `${operations() - before} operations`);
  });

  async function modify(text: string): Promise<void> {
    const args = ["-x", "-H", server.url, "-D", administrator.dn, "-w", administrator.password];
    await new Promise<void>((resolve, reject) => {
      const child = execFile(ldapModify.path ?? "", args, (error) =>
        error ? reject(error) : resolve(),
      );
      child.stdin?.end(text);
    });
  }
});

/** Sixteen at a time. */
async function inTurn<T>(count: number, work: (n: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return results;
}
