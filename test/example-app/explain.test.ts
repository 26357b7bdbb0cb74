import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Express } from "express";
import request from "supertest";
import { createApp } from "../../example-app/app.ts";
import { startBuiltInDirectory } from "../../example-app/built-in-directory.ts";
import type { AuthnzLdap } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";

const OPENED = "Why? · Domain Intranet";

describe("the page that explains", () => {
  let app: Express;
  let ldap: AuthnzLdap;
  let directory: TestDirectory;
  before(async () => {
    const builtIn = await startBuiltInDirectory();
    directory = builtIn.directory;
    const ldapOptions = { url: builtIn.url, log: () => {} };
    ({ app, ldap } = createApp({ ldapOptions, sessionSecret: "test" }));
  });
  after(async () => {
    await ldap?.close();
    await directory?.close();
  });

  const explain = (visitor: string, query: Readonly<Record<string, unknown>>) =>
    request(app).get("/explain").query(query).accept("text/html").auth(visitor, `${visitor}-pw`);
  const badgesOf = (text: string) =>
    [...text.matchAll(/class="badge">([^<]+)</g)].map(([, badge]) => badge);

  it("is for level 3 only, and so is the link to it", async () => {
    for (const visitor of ["web1", "web2", "webmixed", "webnomine"]) {
      const { text } = await explain(visitor, { username: "web1" }).expect(403);
      assert(!text.includes(OPENED) && !text.includes("cn=editors"), visitor);
      const access = await request(app).get("/access").auth(visitor, `${visitor}-pw`).expect(200);
      assert.doesNotMatch(access.text, /href="\/explain"/);
    }
    await request(app).get("/explain?username=web1").accept("text/html").expect(303);
    const access = await request(app).get("/access").auth("web3", "web3-pw").expect(200);
    assert.match(access.text, /href="\/explain"/);
  });

  it("tells for each page what its guard says of somebody, and why", async () => {
    const { text } = await explain("web3", { username: "web1" }).expect(200);
    assert(text.includes(OPENED));
    assert.deepEqual(badgesOf(text), ["granted", "denied", "denied", "granted"]);
    assert.match(text, /MyWebAccess holds no level 3/);
    assert.match(text, /group holds: cn=editors,ou=Groups,dc=domain,dc=org/);
    assert.match(text, /search <code>cn=editors,ou=Groups,dc=domain,dc=org<\/code>/);
  });

  it("tells it of one page alone", async () => {
    const { text } = await explain("web3", { username: "web1", path: "/board" }).expect(200);
    assert.deepEqual(badgesOf(text), ["denied"]);
    assert.match(text, /<option value="\/board" selected>/);
  });

  it("denies whom the directory does not know, or who can't sign in", async () => {
    for (const username of ["nobody", "webother", "*", "web1)(uid=*"]) {
      const { text } = await explain("web3", { username }).expect(200);
      assert.deepEqual(badgesOf(text), ["denied", "denied", "denied", "denied"], username);
    }
  });

  it("explains nothing where no name was given", async () => {
    for (const query of [{}, { username: "" }, { username: ["web1", "web2"] }]) {
      const { text } = await explain("web3", query).expect(200);
      assert.deepEqual(badgesOf(text), []);
    }
  });

  it("escapes the name", async () => {
    const evil = `"><script>alert('1')</script>`;
    const { text } = await explain("web3", { username: evil, path: evil }).expect(200);
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /value="&quot;&gt;&lt;script&gt;/);
  });

  it("says that it can't tell while the directory is away", async () => {
    const visitor = request.agent(app).accept("text/html");
    const credentials = { username: "web3", password: "web3-pw" };
    await visitor.post("/login").type("form").send(credentials).expect(303);
    await directory.stop();
    const { text } = await visitor.get("/explain?username=web1").expect(200);
    await directory.start();
    assert.deepEqual(badgesOf(text), ["undecided", "undecided", "undecided", "undecided"]);
  });
});
