import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Express } from "express";
import request from "supertest";
import { createApp } from "../../example-app/app.ts";
import { PEOPLE_TO_TRY, startBuiltInDirectory } from "../../example-app/built-in-directory.ts";
import type { AuthnzLdap } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { describePeople } from "../support/people-suite.ts";
import { VISITORS } from "../support/people-table.ts";

describePeople("the built-in directory", false, async () => {
  const { directory, url } = await startBuiltInDirectory();
  return { ldapOptions: { url }, close: () => directory.close() };
});

describe("the example app's pages", () => {
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

  const pageOf = (username: string, path: string) =>
    request(app).get(path).accept("text/html").auth(username, `${username}-pw`);

  it("show what Apache showed as AUTHENTICATE_*", async () => {
    const { text } = await pageOf("webmixed", "/").expect(200);
    assert.match(text, />AUTHENTICATE_UID<\/th><td>webmixed</);
    assert.match(text, />AUTHENTICATE_MYWEBACCESS<\/th><td>OtherApp_Level_9; MyWebApp_Level_2</);
  });

  it("explain what each guard says, and change nothing by asking", async () => {
    const { text } = await pageOf("web2", "/access").expect(200);
    const badges = [...text.matchAll(/class="badge">([^<]+)</g)].map(([, badge]) => badge);
    assert.deepEqual(badges, ["Granted", "Granted", "Refused", "Refused"]);
    assert.match(text, /\{&quot;type&quot;:&quot;level&quot;,&quot;level&quot;:3\}/);
    await pageOf("web2", "/board").expect(403);
  });

  it("say who is signed in where access is refused", async () => {
    const { text } = await pageOf("web1", "/board").expect(403);
    assert.match(text, /You are signed in as web1, but you are not allowed here/);
  });

  it("answer a path that is not there with 404, and only to who is signed in", async () => {
    await pageOf("web1", "/nowhere").expect(404);
    await request(app).get("/nowhere").accept("text/html").expect(303);
  });

  it("are kept by no browser", async () => {
    for (const path of ["/", "/access", "/explain", "/canteen", "/board", "/nowhere"]) {
      const { headers } = await pageOf("web1", path);
      assert.equal(headers["cache-control"], "no-store", path);
    }
  });

  it("are tried with names that do what is said of them", () => {
    for (const [username, about] of PEOPLE_TO_TRY) {
      const visitor = VISITORS.find(
        (each) => each.username === username && each.password === `${username}-pw`,
      );
      assert(visitor, username);
      assert.equal(visitor.authenticated === undefined, about.includes("can't sign in"), username);
    }
  });
});
