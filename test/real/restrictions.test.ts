import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import request from "supertest";
import type TestAgent from "supertest/lib/agent.js";
import { type AuthnzLdapOptions, DirectoryError } from "../../src/index.ts";
import { ldapTable } from "../../src/open-table.ts";
import { addressKeys } from "../../src/tables/address-keys.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import { requireRestriction } from "../../src/web/require-restriction.ts";
import { administrator, startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { realProgram } from "../support/real.ts";
import { skipWithoutModules, startSlapd } from "../support/slapd.ts";

const WORDS = "This account is not allowed to send emails, plz talk to abuse@example.org";
const TESTUSER2 = "uid=testuser2,ou=people,dc=domain,dc=org";
const ldapmodify = realProgram("ldapmodify");

/** As in the blog, but for where the directory is and the name of the attribute, whose `_` slapd does not take. */
const tableFile = (port: number) => `server_host = ldap://127.0.0.1:${port}
search_base = ou=People,dc=domain,dc=org
query_filter = (&(smtpdSenderRestrictions=true)(mail=%s))
result_attribute = uid
result_filter = uid
result_format = REJECT ${WORDS}
version = 3
timeout = 5
`;

interface Server {
  readonly port: number;
  /** Suspends testuser2, or not any more. */
  suspend(isSuspended: boolean): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const change = (isSuspended: boolean) => `dn: ${TESTUSER2}
changetype: modify
replace: smtpdSenderRestrictions
smtpdSenderRestrictions: ${isSuspended}
-
`;

const SERVERS: readonly {
  readonly name: string;
  readonly skip: string | false;
  start(): Promise<Server>;
}[] = [
  {
    name: "the built-in directory",
    skip: false,
    start: async () => {
      const directory = await startFixtureDirectory({ contentSync: true });
      return { ...directory, suspend: async (is) => directory.apply(change(is)) };
    },
  },
  {
    name: "a real OpenLDAP with syncprov",
    skip: skipWithoutModules("syncprov") || ldapmodify.skip,
    start: async () => {
      const server = await startSlapd({ modules: ["syncprov"], database: "overlay syncprov" });
      return { ...server, suspend: (is) => modify(server.url, change(is)) };
    },
  },
];

/** As an administrator would. */
function modify(url: string, ldif: string): Promise<void> {
  const { dn, password } = administrator;
  return new Promise((resolve, reject) => {
    const args = ["-x", "-H", url, "-D", dn, "-w", password];
    const child = execFile(ldapmodify.path ?? "", args, (error) =>
      error ? reject(error) : resolve(),
    );
    child.stdin?.end(ldif);
  });
}

/** Asks again and again, ten seconds at most. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isTrue())) {
    assert(performance.now() < end, `never true: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const { name, skip, start } of SERVERS) {
  describe(`the blog's table on ${name}`, { skip }, () => {
    let server: Server;
    let table: LdapTable;
    let site: ProtectedApp;

    before(async () => {
      server = await start();
    });
    beforeEach(async () => {
      await server.suspend(false);
      table = ldapTable({ text: tableFile(server.port) }, { log: () => {} });
    });
    afterEach(async () => {
      await site.close();
      await table.close();
    });
    after(() => server.close());

    async function open(options: Partial<AuthnzLdapOptions> = {}): Promise<void> {
      const url = `ldap://127.0.0.1:${server.port}/ou=people,dc=domain,dc=org?uid,mail`;
      site = await protectedApp({ url, timeout: 3_000, ...options }, (app) => {
        const key = requireRestriction(table, {
          key: (req) => req.authenticated?.values("mail"),
          keys: addressKeys({ recipientDelimiter: "+" }),
        });
        app.post("/send", key, (_req, res) => void res.send("sent"));
      });
    }
    const get = (agent: TestAgent) => agent.get("/").set("Accept", "text/html");
    const send = (agent: TestAgent) => agent.post("/send");
    async function signedIn(username = "testuser2"): Promise<TestAgent> {
      const agent = request.agent(site.url);
      const form = { username, password: `${username}-pw` };
      await agent.post("/login").type("form").send(form).expect(303);
      return agent;
    }

    it("keeps who is suspended from sending, and not from reading", async () => {
      await open();
      const agent = await signedIn();
      await send(agent).expect(200, "sent");
      await server.suspend(true);
      const { body } = await send(agent).expect(403);
      assert.equal(body.detail, WORDS);
      assert.deepEqual([body.smtpCode, body.enhancedStatus], [554, "5.7.1"]);
      await get(agent).expect(200);
      const other = await signedIn("testuser3");
      await send(other).expect(200, "sent");
    });

    it("refuses who is suspended when they sign in, after the right password", async () => {
      await open({ restrictions: [table] });
      await server.suspend(true);
      const post = (password: string) =>
        request(site.url).post("/login").type("form").send({ username: "testuser2", password });
      assert((await post("testuser2-pw").expect(403)).text.includes(`${WORDS} (554 5.7.1)`));
      assert(!(await post("wrong").expect(401)).text.includes(WORDS));
      await signedIn("testuser3");
    });

    it("ends the session of who is suspended meanwhile, with the blog's words", async () => {
      await open({ restrictions: [table], session: { revalidateAfter: 0 } });
      const agent = await signedIn();
      await get(agent).expect(200);
      await server.suspend(true);
      await get(agent).expect(303).expect("Location", "/login?returnTo=%2F");
      const { text } = await agent.get("/login").expect(200);
      assert(text.includes(`You have been signed out: ${WORDS} (554 5.7.1)`), text);
    });

    it("ends it as soon as the watch sees the change", async () => {
      const session = { revalidateAfter: 3_600_000 };
      await open({ restrictions: [table], watch: "auto", session });
      const agent = await signedIn();
      await get(agent).expect(200);
      await until(async () => site.ldap.health().watch?.[0] === "syncrepl");
      await server.suspend(true);
      await until(async () => (await get(agent)).status === 303);
    });

    it("lets nobody send, and ends no session, while the server is away", async () => {
      await open({ restrictions: [table], session: { revalidateAfter: 0 } });
      const agent = await signedIn();
      await server.stop();
      await send(agent).expect(503);
      await get(agent).expect(503);
      await assert.rejects(table.lookup("testuser2@domain.org"), DirectoryError);
      await server.start();
      await until(async () => (await send(agent)).status === 200);
      await get(agent).expect(200);
    });
  });
}
