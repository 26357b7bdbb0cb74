import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Express } from "express";
import request from "supertest";
import type TestAgent from "supertest/lib/agent.js";
import { createApp } from "../../example-app/app.ts";
import { AREAS } from "../../example-app/areas.ts";
import type { AuthnzLdapOptions } from "../../src/index.ts";
import { VISITORS, type Visitor } from "./people-table.ts";

/** A directory with the people of the table, and how the example app reaches it. */
export interface PeopleDirectory {
  readonly ldapOptions: AuthnzLdapOptions;
  close(): Promise<void>;
}

const JSON_TYPE = "application/json";

/** The example app's answers to everybody in the table, by HTTP Basic and through the login form. */
export function describePeople(
  name: string,
  skip: string | false,
  start: () => Promise<PeopleDirectory>,
): void {
  describe(`the example app on ${name}`, { skip }, () => {
    let app: Express;
    let close = async (): Promise<void> => {};
    before(async () => {
      const directory = await start();
      const ldapOptions = { ...directory.ldapOptions, log: () => {}, throttle: false } as const;
      const created = createApp({ ldapOptions, sessionSecret: "test" });
      app = created.app;
      close = async () => {
        await created.ldap.close();
        await directory.close();
      };
    });
    after(() => close());

    for (const visitor of VISITORS) {
      const { about, authenticated } = visitor;
      if (authenticated === undefined) describeRefused(`${about} is refused`, () => app, visitor);
      else describeAdmitted(`${about}: ${authenticated}`, () => app, visitor, authenticated);
    }

    it("refuses everybody in the same words", async () => {
      const refused = VISITORS.filter((visitor) => visitor.authenticated === undefined);
      const answers = new Set<string>();
      for (const { username, password } of refused) {
        const { text } = await request(app).get("/").accept(JSON_TYPE).auth(username, password);
        answers.add(text);
      }
      assert.equal(answers.size, 1, [...answers].join("\n"));
    });
  });
}

function describeAdmitted(
  name: string,
  app: () => Express,
  visitor: Visitor,
  authenticated: string,
): void {
  const { username, password, opens } = visitor;
  describe(name, () => {
    it("by HTTP Basic", async () => {
      const get = (path: string) =>
        request(app()).get(path).accept(JSON_TYPE).auth(username, password);
      assert.equal((await get("/").expect(200)).text, authenticated);
      for (const { path } of AREAS) {
        const { status, body } = await get(path);
        assert.equal(status, opens.includes(path) ? 200 : 403, path);
        if (status === 403) assert.equal(body.code, "forbidden", path);
      }
    });

    it("through the form, until signing out", async () => {
      const agent = request.agent(app());
      const signIn = await agent.post("/login").type("form").send({ username, password });
      assert.equal(signIn.status, 303);
      assert.equal(signIn.headers.location, "/");
      const [cookie = ""] = signIn.get("Set-Cookie") ?? [];
      assert.match(cookie, /^connect\.sid=/);
      const start = await agent.get("/").accept(JSON_TYPE).expect(200);
      assert.equal(start.text, authenticated);
      for (const { path, title } of AREAS) {
        const { status, text } = await agent.get(path).accept("text/html");
        assert.equal(status, opens.includes(path) ? 200 : 403, path);
        assert.equal(text.includes(`<h1>${title}</h1>`), opens.includes(path), path);
      }
      const signOut = await agent.post("/logout").type("form").expect(303);
      assert.equal(signOut.headers.location, "/login");
      await assertOutside(agent);
      await assertOutside(request(app()), cookie.split(";", 1)[0]);
    });
  });
}

function describeRefused(name: string, app: () => Express, visitor: Visitor): void {
  const { username, password } = visitor;
  describe(name, () => {
    it("by HTTP Basic", async () => {
      for (const path of ["/", ...AREAS.map((area) => area.path)]) {
        const { status, headers } = await request(app())
          .get(path)
          .accept(JSON_TYPE)
          .auth(username, password);
        assert.equal(status, 401, path);
        assert.match(headers["www-authenticate"] ?? "", /^Basic realm=/);
      }
    });

    it("through the form", async () => {
      const agent = request.agent(app());
      await agent.post("/login").type("form").send({ username, password }).expect(401);
      await assertOutside(agent);
    });
  });
}

/** The start page and the areas send a browser to the login page, and show a program nothing. */
async function assertOutside(
  client: Pick<TestAgent, "get">,
  cookie: string | undefined = undefined,
): Promise<void> {
  const headers = cookie === undefined ? {} : { Cookie: cookie };
  for (const path of ["/", ...AREAS.map((area) => area.path)]) {
    const page = await client.get(path).set(headers).accept("text/html").expect(303);
    assert.match(page.headers.location ?? "", /^\/login/);
    const { body } = await client.get(path).set(headers).accept(JSON_TYPE).expect(401);
    assert.equal(body.code, "authentication-required", path);
  }
}
