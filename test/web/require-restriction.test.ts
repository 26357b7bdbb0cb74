import assert from "node:assert/strict";
import { describe, it } from "node:test";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import request from "supertest";
import { ConfigError, DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import { addressKeys } from "../../src/tables/address-keys.ts";
import type { LdapTable } from "../../src/tables/ldap-table.ts";
import {
  type RequireRestrictionOptions,
  requireRestriction,
} from "../../src/web/require-restriction.ts";
import { fakeRealm } from "../support/fake-realm.ts";
import { type MemoryTableEntries, tableOf } from "../support/memory-table.ts";
import { type CreateExpress, onEachExpress, signedIn, webApp } from "../support/web-app.ts";

const BLOG = "This account is not allowed to send emails, plz talk to abuse@example.org";
const ok: RequestHandler = (_req, res) => void res.send("sent");

/** An app whose `/send` asks a table about who is signed in. */
function appWith(
  createExpress: CreateExpress,
  entries: MemoryTableEntries | Error,
  {
    anonymous = "refuse",
    ...options
  }: Partial<RequireRestrictionOptions> & { readonly anonymous?: "allow" | "refuse" } = {},
) {
  const table = tableOf({}, "suspended.cf");
  table.says(entries);
  const events: LdapEvent[] = [];
  const realm = { ...fakeRealm(), observe: (event: LdapEvent) => void events.push(event) };
  const guard = requireRestriction(table, {
    key: (req) => req.authenticated?.UID,
    ...options,
  });
  const { app } = webApp(createExpress, {
    realm,
    settings: { anonymous },
    routes: (routes) => {
      routes.get("/may", (req, res, next) => {
        guard.allows(req).then((may) => void res.json({ may }), next);
      });
      routes.all("/send", guard, ok);
    },
  });
  const send = () => request(app).post("/send").auth("web1", "web1-pw");
  const restrictions = () => events.filter(({ type }) => type === "restriction");
  return { app, table, realm, send, restrictions };
}

onEachExpress("requireRestriction", (createExpress) => {
  it("lets pass whom the table does not know, or says OK or DUNNO of", async () => {
    for (const entries of [{}, { web1: ["OK"] }, { web1: ["DUNNO"] }, { web1: ["550"] }]) {
      const { send, table, restrictions } = appWith(createExpress, entries);
      await send().expect(200, "sent");
      assert.deepEqual(table.asked, ["web1"]);
      assert.deepEqual(restrictions(), []);
    }
  });

  it("refuses addresses that were joined into one text, which no table knows", async () => {
    const key = () => "web1@example.org; other@example.org";
    const { send, table } = appWith(createExpress, {}, { key });
    await send().expect(403);
    assert.deepEqual(table.asked, []);
  });

  it("answers 403 with the administrator's words, the code and the enhanced status", async () => {
    const { app, send, realm, restrictions } = appWith(createExpress, { web1: [`REJECT ${BLOG}`] });
    const { body, headers, type } = await send().expect(403);
    assert.equal(type, "application/problem+json");
    assert.deepEqual(body, {
      type: "about:blank",
      title: "Forbidden",
      status: 403,
      code: "restricted",
      detail: BLOG,
      smtpCode: 554,
      enhancedStatus: "5.7.1",
    });
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["retry-after"], undefined);
    const agent = await signedIn(app);
    const page = await agent.get("/send").set("Accept", "text/html").expect(403);
    assert(page.text.includes(`${BLOG} (554 5.7.1)`), page.text);
    assert.doesNotMatch(page.text, /sent/);
    const record = realm.records.find(({ event }) => event === "access-denied");
    assert.equal(record?.details?.username, "web1");
    assert.equal(record?.details?.path, "/send");
    assert.equal(record?.details?.reason, "suspended.cf: 554 5.7.1");
    assert.deepEqual(restrictions()[0], {
      ...{ type: "restriction", username: "web1", table: "suspended.cf" },
      ...{ outcome: "rejected", action: "REJECT", enhancedStatus: "5.7.1" },
    });
  });

  it("answers 503 and Retry-After where the table defers", async () => {
    for (const [value, text, reply] of [
      ["DEFER back soon", "back soon", [450, "4.7.1"]],
      ["421 4.3.2 closing", "closing", [421, "4.3.2"]],
      ["DEFER_IF_PERMIT", "Service unavailable", [450, "4.7.1"]],
    ] as const) {
      const { app, send } = appWith(createExpress, { web1: [value] });
      const { body, headers } = await send().expect(503);
      assert.equal(headers["retry-after"], "300");
      assert.equal(body.code, "deferred");
      assert.equal(body.detail, text);
      assert.deepEqual([body.smtpCode, body.enhancedStatus], reply);
      const page = await request(app)
        .get("/send")
        .auth("web1", "web1-pw")
        .set("Accept", "text/html")
        .expect(503);
      assert(page.text.includes(`${text} (${reply.join(" ")})`));
    }
  });

  it("lets pass with a note, and tells of it", async () => {
    for (const action of ["WARN", "INFO", "HOLD", "PREPEND", "REDIRECT", "BCC", "FILTER"]) {
      const { send, realm, restrictions } = appWith(createExpress, { web1: [`${action} look`] });
      await send().expect(200);
      assert.deepEqual(restrictions(), [
        {
          ...{ type: "restriction", username: "web1", table: "suspended.cf" },
          ...{ outcome: "noted", action },
        },
      ]);
      const record = realm.records.find(({ event }) => event === "restriction-noted");
      assert.equal(record?.level, action === "WARN" ? "warn" : "info");
      assert.equal(record?.details?.text, "look");
    }
  });

  for (const value of ["NONSENSE", "DISCARD", "OK,OK", "", "permit_mynetworks, reject", "true"]) {
    it(`lets nobody in with ${JSON.stringify(value)}, and says in the log why`, async () => {
      const { send, realm, restrictions } = appWith(createExpress, { web1: [value] });
      const { body } = await send().expect(503);
      assert.equal(body.detail, "Server configuration error");
      assert.deepEqual([body.smtpCode, body.enhancedStatus], [451, "4.3.5"]);
      assert(
        realm.records.some(({ event, level }) => event === "misconfigured" && level === "error"),
      );
      assert.equal(restrictions().length, 1);
    });
  }

  it("shows what the table says as text, whatever that is", async () => {
    const evil = `"'><script>alert(1)</script>&amp;\r\nSet-Cookie: a=b\u001b[2J\u0000\u202e`;
    const { app, send } = appWith(createExpress, { web1: [`REJECT ${evil}`] });
    const page = await request(app)
      .get("/send")
      .auth("web1", "web1-pw")
      .set("Accept", "text/html")
      .expect(403);
    assert.doesNotMatch(page.text, /<script|[^\P{Cc}\n]|\u202e/u);
    assert.match(page.text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&amp;amp;/);
    assert.equal(page.headers["set-cookie"], undefined);
    assert.match(String(page.headers["content-security-policy"]), /default-src '(none|self)'/);
    const { body } = await send().expect(403);
    assert.equal(body.detail, `"'><script>alert(1)</script>&amp;  Set-Cookie: a=b?[2J??`);
    const long = appWith(createExpress, { web1: [`REJECT ${"x".repeat(1_000_000)}`] });
    assert.equal((await long.send().expect(403)).body.detail.length, 1_000);
  });

  it("asks for the keys of an address, in order", async () => {
    const { send, table } = appWith(
      createExpress,
      { "sub.example.org": ["REJECT whole domain"], "bob@": ["OK"] },
      {
        key: () => "bob+tag@sub.example.org",
        keys: addressKeys({ recipientDelimiter: "+" }),
      },
    );
    await send().expect(403);
    assert.deepEqual(table.asked, [
      ...["bob+tag@sub.example.org", "bob@sub.example.org", "sub.example.org"],
    ]);
  });

  it("asks for each of several keys until one is found", async () => {
    const { send, table } = appWith(
      createExpress,
      { b: ["REJECT"] },
      { key: () => ["a", "b", "c"] },
    );
    await send().expect(403);
    assert.deepEqual(table.asked, ["a", "b"]);
  });

  for (const [what, key] of Object.entries<unknown>({
    undefined,
    "an empty text": "",
    "an empty list": [],
    "a list with an empty text": ["a", ""],
    "a NUL": "web1\0",
    "half a letter": "\ud800",
  })) {
    it(`refuses where the key is ${what}: nobody could say that it is allowed`, async () => {
      const site = appWith(createExpress, {}, { key: () => key as string });
      const { body } = await site.send().expect(403);
      assert.equal(body.detail, "Access denied");
      assert.deepEqual(site.table.asked, []);
      assert.equal(site.restrictions().length, 1);
      assert(site.realm.records.some(({ details }) => details?.action === "no-key"));
    });
  }

  it("refuses what is no single address, before the table could miss it", async () => {
    const { send, table } = appWith(
      createExpress,
      { "bad@example.org": ["REJECT"] },
      { key: () => "good@example.org; bad@example.org", keys: addressKeys() },
    );
    await send().expect(403);
    assert.deepEqual(table.asked, []);
  });

  it("refuses where one of several addresses is none, whatever the others are", async () => {
    const { send, table } = appWith(
      createExpress,
      { "good@example.org": ["OK"] },
      { key: () => ["good@example.org", "b ad@example.org"], keys: addressKeys() },
    );
    await send().expect(403);
    assert.deepEqual(table.asked, []);
  });

  it("does not look a person without an address up as the null sender", async () => {
    const { send, table } = appWith(
      createExpress,
      { "<>": ["OK"] },
      { key: () => "", keys: addressKeys() },
    );
    await send().expect(403);
    assert.deepEqual(table.asked, []);
  });

  it("asks nobody's request to sign in, and the application for no key of theirs", async () => {
    const site = appWith(
      createExpress,
      {},
      { anonymous: "allow", key: () => assert.fail("nobody is signed in") },
    );
    const { headers } = await request(site.app).post("/send").expect(401);
    assert.match(String(headers["www-authenticate"]), /^Basic /);
    const page = await request(site.app).get("/send").set("Accept", "text/html").expect(303);
    assert.equal(page.headers.location, "/login?returnTo=%2Fsend");
    assert.deepEqual((await request(site.app).get("/may").expect(200)).body, { may: false });
    assert.deepEqual(site.table.asked, []);
  });

  it("answers 503 where the table could not say, and never lets in", async () => {
    const error = new DirectoryError("away", { code: "unreachable" });
    const { send, realm } = appWith(createExpress, error);
    const { body } = await send().expect(503);
    assert.equal(body.code, "unavailable");
    assert(realm.records.some(({ event }) => event === "directory-unavailable"));
  });

  it("answers 503 where the table does not answer in time", async () => {
    const table: LdapTable = { ...tableOf({}), lookup: () => new Promise(() => {}) };
    const { app } = webApp(createExpress, {
      realm: fakeRealm({ timeout: 100 }),
      routes: (routes) => void routes.get("/x", requireRestriction(table, { key: () => "a" }), ok),
    });
    await request(app).get("/x").auth("web1", "web1-pw").expect(503);
  });

  it("hands other failures to the application's error handling", async () => {
    const errors: unknown[] = [];
    const handler: ErrorRequestHandler = (error, _req, res, _next) => {
      errors.push(error);
      res.status(500).end();
    };
    const bug = new TypeError("a bug");
    for (const [table, options] of [
      [
        tableOf({}),
        {
          key: () => {
            throw bug;
          },
        },
      ],
      [
        {
          ...tableOf({}),
          lookup: () => {
            throw bug;
          },
        },
        { key: () => "a" },
      ],
      [
        tableOf({ a: ["REJECT"] }),
        {
          key: () => "a",
          onRestricted: () => {
            throw bug;
          },
        },
      ],
      [tableOf({ a: ["REJECT"] }), { key: () => "a", onRestricted: () => Promise.reject(bug) }],
    ] as const) {
      const { app } = webApp(createExpress, {
        routes: (routes) => {
          routes.get("/x", requireRestriction(table, options), ok);
          routes.use(handler);
        },
      });
      await request(app).get("/x").auth("web1", "web1-pw").expect(500);
    }
    assert.deepEqual(errors, [bug, bug, bug, bug]);
  });

  it("refuses a key that is no text as a mistake of the set-up", async () => {
    const keys: readonly (() => unknown)[] = [
      ...[() => 1, () => null, () => ({}), () => ["a", 1]],
      ...[async () => "web1", () => Promise.reject(new Error("x"))],
    ];
    for (const key of keys) {
      const site = appWith(createExpress, {}, { key: key as () => string });
      const { body } = await site.send().expect(500);
      assert.equal(body.code, "misconfigured");
      assert.deepEqual(site.table.asked, []);
    }
  });

  it("lets the application answer itself, or let pass after all", async () => {
    const site = appWith(
      createExpress,
      { web1: ["REJECT 5.7.9 no"], web3: ["DEFER later"] },
      {
        onRestricted: (restriction, req, res, next) => {
          if (restriction.kind === "defer") next();
          else res.status(418).json({ restriction, who: req.authenticated?.UID });
        },
      },
    );
    const { body } = await site.send().expect(418);
    assert.deepEqual(body, {
      restriction: { kind: "reject", code: 554, enhancedStatus: "5.7.9", text: "no" },
      who: "web1",
    });
    await request(site.app).post("/send").auth("web3", "web3-pw").expect(200, "sent");
  });

  it("says what it would do, without telling of it", async () => {
    const site = appWith(createExpress, { web1: ["REJECT"], web3: ["WARN x"] });
    const may = async (name: string) =>
      (await request(site.app).get("/may").auth(name, `${name}-pw`).expect(200)).body.may;
    assert.equal(await may("web1"), false);
    assert.equal(await may("web3"), true);
    assert.deepEqual(site.restrictions(), []);
    site.table.says(new DirectoryError("away", { code: "unreachable" }));
    await request(site.app).get("/may").auth("web1", "web1-pw").expect(503);
  });
});

describe("requireRestriction", () => {
  it("fails each request where no authnzLdap ran before", async () => {
    const errors: unknown[] = [];
    const guard = requireRestriction(tableOf({}), { key: () => "a" });
    const app = express();
    app.get("/may", (req, _res, next) => void guard.allows(req).then(() => next(), next));
    app.get("/x", guard, ok);
    app.use(((error, _req, res, _next) => {
      errors.push(error);
      res.status(500).end();
    }) as ErrorRequestHandler);
    await request(app).get("/x").expect(500);
    await request(app).get("/may").expect(500);
    for (const error of errors) {
      assert(error instanceof ConfigError);
      assert.match(error.message, /requireRestriction.* mount it first/);
    }
    assert.equal(errors.length, 2);
  });

  const table = tableOf({});
  const wrong: Readonly<Record<string, () => unknown>> = {
    "no table": () => requireRestriction(undefined as never, { key: () => "a" }),
    "a file instead of a table": () => requireRestriction("x.cf" as never, { key: () => "a" }),
    "no options": () => requireRestriction(table, undefined as never),
    "no key": () => requireRestriction(table, {} as never),
    "a key that is no function": () => requireRestriction(table, { key: "a" as never }),
    "keys that are no function": () =>
      requireRestriction(table, { key: () => "a", keys: ["a"] as never }),
    "an answer that is no function": () =>
      requireRestriction(table, { key: () => "a", onRestricted: 403 as never }),
    "an unknown option": () =>
      requireRestriction(table, { key: () => "a", onRestrict: () => {} } as never),
  };
  for (const [what, make] of Object.entries(wrong)) {
    it(`refuses ${what} where it is made`, () => assert.throws(make, ConfigError));
  }
});
