import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import createExpress from "express";
import session from "express-session";
import request from "supertest";
import { createProtect } from "../../src/web/protect.ts";
import { changePage } from "../../src/web/views/change-page.ts";
import { STYLE_SOURCE } from "../../src/web/views/layout.ts";
import { loginPage } from "../../src/web/views/login-page.ts";
import { messagePage } from "../../src/web/views/message-page.ts";
import { fakeRealm } from "../support/fake-realm.ts";
import { SETTINGS } from "../support/web-app.ts";

const PAGE = { title: "Intranet", action: "/login", returnTo: "/", username: "" };
const EVIL = `"'><script>alert(1)</script>&amp;`;

describe("the login page", () => {
  it("can be filled in by a password manager, and does not correct names", () => {
    const html = loginPage(PAGE);
    assert.match(html, /<label for="username">/);
    assert.match(html, /<label for="password">/);
    assert.match(html, /id="username"[^>]*autocomplete="username"[^>]*autocapitalize="none"/);
    assert.match(html, /id="password"[^>]*type="password"[^>]*autocomplete="current-password"/);
    assert.match(html, /<html lang="en">/);
    assert.match(html, /<title>Sign in · Intranet<\/title>/);
  });

  it("puts the focus once: on the name, the password, or what went wrong", () => {
    const focused = (html: string) =>
      html.match(/<[^>]* autofocus[^>]*>/g)?.map((tag) => /id="(\w+)"/.exec(tag)?.[1]);
    assert.deepEqual(focused(loginPage(PAGE)), ["username"]);
    assert.deepEqual(focused(loginPage({ ...PAGE, username: "web1" })), ["password"]);
    assert.deepEqual(focused(loginPage({ ...PAGE, username: "web1", error: "No." })), ["error"]);
  });

  it("never fills in a password", () => {
    assert.doesNotMatch(/<input id="password"[^>]*>/.exec(loginPage(PAGE))?.[0] ?? "", /value=/);
  });

  it("escapes all that it is given", () => {
    const html = loginPage({
      title: EVIL,
      action: EVIL,
      returnTo: EVIL,
      username: EVIL,
      error: EVIL,
      notice: EVIL,
      passwordHref: EVIL,
    });
    assert.doesNotMatch(html, /<script|'>|alert\(1\)<\/s/);
    assert.equal(html.match(/&quot;&#39;&gt;&lt;script&gt;/g)?.length, 8);
  });
});

const CHANGE = { site: "Intranet", action: "/password", returnTo: "/", username: "" };

describe("the page to change a password", () => {
  it("puts the focus once: on the name, the old password, or what went wrong", () => {
    const focused = (html: string) =>
      html.match(/<[^>]* autofocus[^>]*>/g)?.map((tag) => /id="(\w+)"/.exec(tag)?.[1]);
    assert.deepEqual(focused(changePage(CHANGE)), ["username"]);
    assert.deepEqual(focused(changePage({ ...CHANGE, username: "web1" })), ["oldPassword"]);
    const failed = { ...CHANGE, username: "web1", error: "No." };
    assert.deepEqual(focused(changePage(failed)), ["error"]);
    assert.match(changePage(failed), /<title>Error · Change your password · Intranet<\/title>/);
  });

  it("never fills in a password", () => {
    const fields = changePage({ ...CHANGE, username: "x" }).match(
      /<input[^>]*type="password"[^>]*>/g,
    );
    assert.equal(fields?.length, 3);
    for (const field of fields ?? []) assert.doesNotMatch(field, /value=/);
  });

  it("escapes all that it is given", () => {
    const evil = { site: EVIL, action: EVIL, returnTo: EVIL, username: EVIL, error: EVIL };
    const html = changePage(evil);
    assert.doesNotMatch(html, /<script|'>|alert\(1\)<\/s/);
    assert.equal(html.match(/&quot;&#39;&gt;&lt;script&gt;/g)?.length, 7);
  });
});

describe("a message page", () => {
  it("escapes all that it is given", () => {
    const actions = [
      { label: EVIL, href: EVIL },
      { label: EVIL, post: EVIL },
    ];
    const html = messagePage({ site: EVIL, title: EVIL, text: EVIL, actions });
    assert.doesNotMatch(html, /<script|'>/);
  });
});

describe("our pages", () => {
  it("hold no script, no picture to load, and no style but the one sheet", () => {
    const pages = [
      loginPage({ ...PAGE, error: "x", notice: "y", passwordHref: "/password" }),
      changePage({ ...CHANGE, error: "x" }),
      messagePage({ site: "a", title: "b", text: "c", actions: [{ label: "d", post: "/e" }] }),
    ];
    for (const html of pages) {
      assert.doesNotMatch(
        html,
        /<script|javascript:|\son\w+=|\sstyle=|<img|<link(?! rel="icon" href="data:)|url\(|@import|https?:/i,
      );
      const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
      assert.equal(STYLE_SOURCE, `'sha256-${hash("sha256", style, "base64")}'`);
    }
  });

  it("bring a Content-Security-Policy where the app has none", async () => {
    const app = createExpress();
    app.use(session({ secret: "s", resave: false, saveUninitialized: false }));
    app.use(createProtect(fakeRealm(), SETTINGS));
    for (const path of ["/login", "/logout"]) {
      const { headers } = await request(app).get(path).set("Accept", "text/html");
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'none'; style-src 'sha256-/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(headers["x-frame-options"], "DENY");
    }
  });
});
