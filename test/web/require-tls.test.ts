import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createHttpsServer, Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { it, type TestContext } from "node:test";
import type { Express } from "express";
import request from "supertest";
import type { LdapEvent } from "../../src/events.ts";
import { createSelfSignedCertificate } from "../../src/testing/certificate.ts";
import { requireLevel } from "../../src/web/guards.ts";
import type { WebSettings } from "../../src/web/web-settings.ts";
import { type FakeRealm, fakeRealm } from "../support/fake-realm.ts";
import { onEachExpress, signedIn, type WebAppOptions, webApp } from "../support/web-app.ts";

const RIGHT = { username: "web1", password: "web1-pw" };
const HTML = { Accept: "text/html" };
const SAID = "Passwords are not asked for or accepted without TLS.";

/** What comes from a proxy on this machine that the app does not know of. */
const FROM_A_PROXY = { "X-Forwarded-For": "203.0.113.7" };

type Headers = Readonly<Record<string, string>>;

/** How a request gets there, and whether a password may travel so: by default, with `true`, and never with `false`. */
const WAYS: readonly {
  readonly what: string;
  readonly trustProxy?: unknown;
  readonly headers?: Headers;
  readonly byDefault: boolean;
  readonly overTlsOnly?: boolean;
}[] = [
  { what: "loopback", byDefault: true },
  { what: "an unknown proxy (X-Forwarded-For)", headers: FROM_A_PROXY, byDefault: false },
  {
    what: "an unknown proxy that says loopback",
    headers: { "X-Forwarded-For": "127.0.0.1" },
    byDefault: false,
  },
  {
    what: "an unknown proxy that says https",
    headers: { ...FROM_A_PROXY, "X-Forwarded-Proto": "https" },
    byDefault: false,
  },
  ...[
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Real-IP",
    "Via",
    "Forwarded",
  ].map((header) => ({
    what: `an unknown proxy (${header})`,
    headers: { [header]: "for=127.0.0.1" },
    byDefault: false,
  })),
  {
    what: "a known proxy over https",
    trustProxy: "loopback",
    headers: { ...FROM_A_PROXY, "X-Forwarded-Proto": "https" },
    byDefault: true,
    overTlsOnly: true,
  },
  {
    what: "a known proxy over http",
    trustProxy: "loopback",
    headers: { ...FROM_A_PROXY, "X-Forwarded-Proto": "http" },
    byDefault: false,
  },
  {
    what: "a known proxy that says nothing of TLS",
    trustProxy: "loopback",
    headers: FROM_A_PROXY,
    byDefault: false,
  },
  {
    what: "a known proxy that says nothing of where it comes from",
    trustProxy: "loopback",
    headers: { "X-Forwarded-Host": "app.example" },
    byDefault: false,
  },
  {
    what: "a known proxy that uses RFC 7239, which Express does not read",
    trustProxy: "loopback",
    headers: { "X-Forwarded-For": "127.0.0.1", Forwarded: "for=203.0.113.7" },
    byDefault: false,
  },
  {
    what: "this machine through a known proxy",
    trustProxy: "loopback",
    headers: { "X-Forwarded-For": "::1" },
    byDefault: true,
  },
  {
    what: "a known proxy behind an unknown one on the same machine",
    trustProxy: 1,
    headers: { "X-Forwarded-For": "203.0.113.7, 127.0.0.1" },
    byDefault: false,
  },
  {
    what: "a visitor who says loopback before a known proxy says otherwise",
    trustProxy: 1,
    headers: { "X-Forwarded-For": "127.0.0.1, 203.0.113.7" },
    byDefault: false,
  },
  {
    what: "loopback with a port",
    trustProxy: 1,
    headers: { "X-Forwarded-For": "127.0.0.1:4711" },
    byDefault: false,
  },
  {
    what: "a known proxy elsewhere, which this one is not",
    trustProxy: "10.0.0.5",
    headers: { ...FROM_A_PROXY, "X-Forwarded-Proto": "https" },
    byDefault: false,
  },
];

onEachExpress("requireTls", (createExpress) => {
  function app(options: WebAppOptions & { readonly trustProxy?: unknown } = {}) {
    const { trustProxy = false, ...rest } = options;
    const events: LdapEvent[] = [];
    const observe = (event: LdapEvent) => void events.push(event);
    const realm: FakeRealm = Object.assign(rest.realm ?? fakeRealm({ changes: true }), { observe });
    const passwordChange = { path: "/password" };
    const settings = { passwordChange, ...rest.settings };
    const made = webApp(createExpress, { ...rest, realm, settings });
    made.app.set("trust proxy", trustProxy);
    return { ...made, events };
  }

  async function mayTravel(to: Express, headers: Headers): Promise<boolean> {
    const answers = [
      await request(to).get("/login").set(headers).set(HTML),
      await request(to).get("/").set(headers).auth("web1", "web1-pw"),
      await request(to).post("/login").set(headers).send(RIGHT),
    ];
    const statuses = answers.map(({ status }) => status);
    assert([200, 403].includes(statuses[0] ?? 0), String(statuses));
    assert(
      statuses.every((each) => each === statuses[0]),
      String(statuses),
    );
    return statuses[0] === 200;
  }

  for (const { what, trustProxy, headers = {}, byDefault, overTlsOnly = false } of WAYS) {
    it(`decides about ${what}`, async () => {
      const may = (requireTls: WebSettings["requireTls"]) =>
        mayTravel(app({ trustProxy, settings: { requireTls } }).app, headers);
      assert.equal(await may("loopback-or-tls"), byDefault, "loopback-or-tls");
      assert.equal(await may(true), overTlsOnly, "true");
      assert.equal(await may(false), true, "false");
    });
  }

  it("asks nobody for a password, and says why", async () => {
    const { app: site, realm } = app();
    for (const path of ["/", "/login", "/password"]) {
      const page = await request(site).get(path).set(FROM_A_PROXY).set(HTML).expect(403);
      assert.match(page.text, /Only over HTTPS/);
      assert(page.text.includes(SAID));
      assert.doesNotMatch(page.text, /<form|<input|<script/);
      const json = await request(site).get(path).set(FROM_A_PROXY).expect(403);
      assert.equal(json.body.code, "tls-required");
      assert(json.body.detail.startsWith(SAID));
      assert.match(String(json.headers["content-type"]), /^application\/problem\+json/);
      const head = await request(site).head(path).set(FROM_A_PROXY).expect(403);
      for (const { headers } of [page, json, head]) {
        assert.equal(headers["www-authenticate"], undefined);
        assert.equal(headers.location, undefined);
        assert.equal(headers["cache-control"], "no-store");
      }
    }
    assert.deepEqual(realm.asked, []);
    assert.deepEqual(realm.records, []);
  });

  it("says of a password that was sent that it is exposed, and neither checks nor counts it", async () => {
    const {
      app: site,
      realm,
      events,
    } = app({
      settings: { throttle: { failures: 1, window: 60_000 } },
    });
    const change = { ...RIGHT, oldPassword: "web1-pw", newPassword: "another" };
    const tries = [
      () => request(site).get("/").auth("web1", "web1-pw"),
      () => request(site).get("/").auth("web1", "wrong"),
      () => request(site).get("/").set("Authorization", "Basic not/readable"),
      () => request(site).post("/login").send(RIGHT),
      () => request(site).post("/login").type("form").send(RIGHT),
      () => request(site).post("/login").set("Origin", "https://evil.example").send(RIGHT),
      () => request(site).post("/login").type("form").send("x".repeat(20_000)),
      () => request(site).post("/login").type("text/plain").send("web1-pw"),
      () => request(site).post("/password").send(change),
      () =>
        request(site)
          .post("/password")
          .type("form")
          .send({ ...change, confirmation: "other" }),
    ];
    for (const [index, attempt] of tries.entries()) {
      const json = await attempt().set(FROM_A_PROXY);
      assert.equal(json.status, 403, String(index));
      assert.equal(json.body.code, "tls-required");
      assert.match(json.body.detail, /If anyone was listening, it was exposed: please change it/);
      assert.equal(json.headers["www-authenticate"], undefined);
      assert.equal(json.headers["set-cookie"], undefined);
      const page = await attempt().set(FROM_A_PROXY).set(HTML).expect(403);
      assert.match(page.text, /Your password was sent without TLS/);
      assert.doesNotMatch(page.text, /<form|web1/);
    }
    assert.deepEqual(realm.asked, []);
    assert.deepEqual(realm.changesAsked, []);
    const expected = {
      level: "warn",
      event: "password-over-plain-http",
      message:
        "A password was sent over plain HTTP. It was not checked, and must be taken as exposed.",
    };
    assert.equal(realm.records.length, 2 * tries.length);
    for (const { details, ...record } of realm.records) {
      assert.deepEqual(record, expected);
      assert.deepEqual(Object.keys(details ?? {}), ["address"]);
      assert.match(String(details?.address), /127\.0\.0\.1$/);
    }
    assert.equal(events.length, 2 * tries.length);
    for (const event of events) {
      assert(event.type === "refusal");
      assert.deepEqual([event.username, event.reason], ["", "tls-required"]);
    }
    // No try was counted.
    await request(site).get("/").auth("web1", "web1-pw").expect(200);
  });

  it("serves who is signed in, and asks them for no password either", async () => {
    const { app: site } = app();
    const agent = await signedIn(site);
    await agent
      .get("/")
      .set(FROM_A_PROXY)
      .expect(200, { UID: "web1", MYWEBACCESS: "MyWebApp_Level_1" });
    await agent.get("/login").set(FROM_A_PROXY).expect(303);
    await agent.get("/password").set(FROM_A_PROXY).set(HTML).expect(403);
    await agent.post("/logout").set(FROM_A_PROXY).type("form").expect(303);
    await agent.get("/").set(FROM_A_PROXY).expect(403);
  });

  it("lets pass who need not sign in, but not with a password", async () => {
    const { app: site } = app({ settings: { anonymous: "allow" } });
    await request(site).get("/").set(FROM_A_PROXY).expect(200, "null");
    const { body } = await request(site)
      .get("/")
      .set(FROM_A_PROXY)
      .auth("web1", "web1-pw")
      .expect(403);
    assert.equal(body.code, "tls-required");
  });

  it("holds for guards of pages that others may see, too", async () => {
    const { app: site } = app({
      settings: { anonymous: "allow" },
      routes: (made) => made.get("/reports", requireLevel(1), (_req, res) => void res.send("ok")),
    });
    const asked = request(site).get("/reports").set(FROM_A_PROXY).set(HTML);
    const { text, headers } = await asked.expect(403);
    assert.match(text, /Only over HTTPS/);
    assert.equal(headers["www-authenticate"], undefined);
    const agent = await signedIn(site);
    await agent.get("/reports").set(FROM_A_PROXY).expect(200, "ok");
  });

  it("leaves an Authorization header alone where HTTP Basic is off, or is another scheme", async () => {
    const settings = { anonymous: "allow", basic: false } as const;
    await request(app({ settings }).app).get("/").set(FROM_A_PROXY).auth("a", "b").expect(200);
    const site = app({ settings: { anonymous: "allow" } }).app;
    await request(site).get("/").set(FROM_A_PROXY).set("Authorization", "Bearer x").expect(200);
  });

  it("takes passwords over real TLS, from wherever they come", async (test) => {
    const { app: site } = app({ settings: { requireTls: true } });
    const url = await listen(
      test,
      createHttpsServer(createSelfSignedCertificate(), site),
      "127.0.0.1",
    );
    const ask = (path: string) => request(url).get(path).trustLocalhost(true).set(FROM_A_PROXY);
    await ask("/login").set(HTML).expect(200);
    await ask("/").auth("web1", "web1-pw").expect(200);
    const { headers } = await ask("/").expect(401);
    assert.match(String(headers["www-authenticate"]), /^Basic /);
  });

  it("takes the IPv6 loopback, and IPv4's in IPv6", async (test) => {
    const { app: site } = app();
    for (const host of ["::1", "::ffff:127.0.0.1"]) {
      const url = await listen(test, createServer(site), host);
      const status = async (headers: Headers) => {
        const authorization = `Basic ${Buffer.from("web1:web1-pw").toString("base64")}`;
        const answer = await fetch(url, { headers: { authorization, ...headers } });
        await answer.text();
        return answer.status;
      };
      assert.deepEqual([host, await status({})], [host, 200]);
      assert.deepEqual([host, await status(FROM_A_PROXY)], [host, 403]);
    }
  });

  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === "IPv4")?.address;

  it("does not take an address of this machine that others reach for loopback", {
    skip: own === undefined && "this machine has no other address",
  }, async (test) => {
    const { app: site, realm } = app();
    const url = await listen(test, createServer(site), own ?? "");
    const { body } = await request(url).get("/").auth("web1", "web1-pw").expect(403);
    assert.equal(body.code, "tls-required");
    await request(url).get("/login").set(HTML).expect(403);
    assert.deepEqual(realm.asked, []);
    // What a visitor says himself does not help.
    for (const address of ["127.0.0.1", "::1"]) {
      await request(url).get("/login").set("X-Forwarded-For", address).expect(403);
      site.set("trust proxy", true);
      await request(url).get("/login").set("X-Forwarded-For", address).expect(403);
      site.set("trust proxy", false);
    }
  });

  async function listen(test: TestContext, server: Server, host: string): Promise<string> {
    test.after(() => server.close());
    server.listen(0, host);
    await once(server, "listening");
    const scheme = server instanceof HttpsServer ? "https" : "http";
    const name = host.includes(":") ? `[${host}]` : host;
    return `${scheme}://${name}:${(server.address() as AddressInfo).port}`;
  }
});
