import assert from "node:assert/strict";
import { describe, it } from "node:test";
import supertest from "supertest";
import { createApp } from "../../example-app/app.ts";
import { startBuiltInDirectory } from "../../example-app/built-in-directory.ts";
import { html } from "../../example-app/pages/html.ts";
import { notFoundPage } from "../../example-app/pages/not-found.ts";

async function startIntranet() {
  const { directory, url } = await startBuiltInDirectory();
  const { app, ldap } = createApp({ ldapOptions: { url, log: () => {} }, sessionSecret: "test" });
  const close = async () => {
    await ldap.close();
    await directory.close();
  };
  return { app, directory, url, close };
}

describe("the intranet", () => {
  it("asks its built-in directory with the URL that the README tells", async () => {
    const { directory, url, close } = await startIntranet();
    assert.equal(
      url,
      `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`,
    );
    await close();
  });

  it("answers 503 while the directory is away, and says that it can't tell who may see what", async () => {
    const { app, directory, close } = await startIntranet();
    try {
      const browser = supertest.agent(app).set("Accept", "text/html");
      const signIn = () =>
        browser.post("/login").type("form").send({ username: "web1", password: "web1-pw" });
      await signIn().expect(303);
      await directory.stop();
      await browser.get("/newsroom").expect(503);
      const { text } = await browser.get("/access").expect(200);
      assert.match(text, /Could not be asked<\/span>\s*<p><a href="\/newsroom">/);
      assert.match(text, /Granted<\/span>\s*<p><a href="\/canteen">/);
      await signIn().expect(503);
      await directory.start();
      await browser.get("/newsroom").expect(200);
    } finally {
      await close();
    }
  });

  it("sets helmet's headers, and hides what it is built with", async () => {
    const { app, close } = await startIntranet();
    const { headers } = await supertest(app).get("/").auth("web1", "web1-pw").expect(200);
    assert.match(headers["content-security-policy"] ?? "", /default-src 'self'/);
    assert.equal(headers["x-powered-by"], undefined);
    await close();
  });

  it("keeps its cookie from scripts and other sites", async () => {
    const { app, close } = await startIntranet();
    const person = { username: "web1", password: "web1-pw" };
    const signedIn = await supertest(app).post("/login").type("form").send(person).expect(303);
    assert.match(String(signedIn.headers["set-cookie"]), /; HttpOnly; SameSite=Lax$/);
    await close();
  });

  it("escapes what it puts into a page", () => {
    const evil = `"><script>alert('1')</script>&`;
    const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
    const page = html`<p title="${evil}">${[html`${evil}`]}</p>`;
    assert.equal(String(page), `<p title="${escaped}">${escaped}</p>`);
    assert.equal(notFoundPage(evil).includes("<script>"), false);
  });
});
