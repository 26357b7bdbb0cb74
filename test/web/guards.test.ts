import assert from "node:assert/strict";
import { describe, it } from "node:test";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import request from "supertest";
import { type Decision, denied, GRANTED } from "../../src/authorization/decision.ts";
import type { CompiledRule } from "../../src/authorization/question.ts";
import { ConfigError, DirectoryError } from "../../src/errors.ts";
import { type Guard, guard } from "../../src/web/guard.ts";
import {
  requireAll,
  requireAllDenied,
  requireAllGranted,
  requireAny,
  requireAttribute,
  requireDn,
  requireEnv,
  requireExpr,
  requireFileGroup,
  requireFilter,
  requireGroup,
  requireIp,
  requireLevel,
  requireLocal,
  requireMethod,
  requireNone,
  requireRemoteUser,
  requireRule,
  requireSearch,
  requireUser,
  requireValidUser,
} from "../../src/web/guards.ts";
import { onEachExpress, signedIn, type WebAppOptions, webApp } from "../support/web-app.ts";

const ok: RequestHandler = (_req, res) => {
  res.send("inside");
};
const ruleThat = (compiled: CompiledRule) => guard({ type: "valid-user" }, compiled);
const routes = (handler: RequestHandler): Pick<WebAppOptions, "routes"> => ({
  routes: (app) => void app.all("/x", handler, ok),
});

describe("guards", () => {
  const dn = "cn=admins,dc=example";
  it("carry their rule as plain data", () => {
    assert.deepEqual(requireLevel(2).rule, { type: "level", level: 2 });
    assert.deepEqual(requireValidUser().rule, { type: "valid-user" });
    assert.deepEqual(requireUser("a", "b").rule, { type: "user", names: ["a", "b"] });
    assert.deepEqual(requireGroup(dn).rule, { type: "group", groups: [dn] });
    assert.deepEqual(requireDn(dn).rule, { type: "dn", dns: [dn] });
    const attribute = { type: "attribute", attribute: "mail", values: ["x"] };
    assert.deepEqual(requireAttribute("mail", "x").rule, attribute);
    assert.deepEqual(requireFilter("(a=b)").rule, { type: "filter", filter: "(a=b)" });
    assert.deepEqual(requireSearch("(a=b)").rule, { type: "search", filter: "(a=b)" });
    const search = { type: "search", filter: "(a=b)", base: dn, scope: "one" };
    assert.deepEqual(requireSearch("(a=b)", { base: dn, scope: "one" }).rule, search);
    assert.deepEqual(requireAny(requireLevel(3), requireNone(requireUser("a"))).rule, {
      type: "any",
      rules: [
        { type: "level", level: 3 },
        { type: "none", rules: [{ type: "user", names: ["a"] }] },
      ],
    });
  });

  it("carry rules about the request too, and groups' settings", () => {
    assert.deepEqual(requireGroup(dn, { nested: "auto" }).rule, {
      type: "group",
      groups: [dn],
      nested: "auto",
    });
    assert.deepEqual(requireIp("10.1", "::1").rule, { type: "ip", addresses: ["10.1", "::1"] });
    assert.deepEqual(requireLocal().rule, { type: "local" });
    assert.deepEqual(requireMethod("GET").rule, { type: "method", methods: ["GET"] });
    assert.deepEqual(requireEnv("X").rule, { type: "env", names: ["X"] });
    const expression = "%{REQUEST_URI} == '/'";
    assert.deepEqual(requireExpr(expression).rule, { type: "expr", expression });
    assert.deepEqual(requireRemoteUser("a").rule, { type: "remote-user", names: ["a"] });
    const fileGroup = { type: "file-group", file: import.meta.filename, groups: ["g"] };
    assert.deepEqual(requireFileGroup(import.meta.filename, "g").rule, fileGroup);
    assert.deepEqual(requireAllGranted().rule, { type: "granted" });
    assert.deepEqual(requireAllDenied().rule, { type: "denied" });
  });

  it("can be made of plain data, which does not change them afterwards", () => {
    const rule = JSON.parse(JSON.stringify(requireAny(requireLevel(3), requireUser("a")).rule));
    const made = requireRule(rule);
    assert.deepEqual(made.rule, rule);
    rule.rules.push({ type: "granted" });
    assert.notDeepEqual(made.rule, rule);
  });

  it("have rules that can't be changed afterwards", () => {
    const { rule } = requireAll(requireUser("a"));
    assert.throws(() => Object.assign(rule, { type: "valid-user" }), TypeError);
    assert.throws(() => ((rule as unknown as { rules: unknown[] }).rules.length = 0), TypeError);
  });

  const wrong: Readonly<Record<string, () => unknown>> = {
    "no names": () => requireUser(),
    "an empty name": () => requireUser(""),
    "a name that is no text": () => requireUser(1 as never),
    "no groups": () => requireGroup(),
    "a group that is no DN": () => requireGroup("admins"),
    "no DNs": () => requireDn(),
    "no values": () => requireAttribute("mail"),
    "no attribute": () => requireAttribute("", "x"),
    "an empty filter": () => requireFilter(""),
    "a broken filter": () => requireFilter("(a=b"),
    "a search without a filter": () => requireSearch("" as never),
    "a search with a wrong scope": () => requireSearch("(a=b)", { scope: "all" as never }),
    "all of nothing": () => requireAll(),
    "any of nothing": () => requireAny(),
    "none of nothing": () => requireNone(),
    "something else than a guard": () => requireAll(ok as never),
    undefined: () => requireAny(undefined as never),
    "a rule that does not exist": () =>
      requireAny(Object.assign(() => {}, { rule: { type: "everybody" } }) as never),
    "a negative level": () => requireLevel(-1),
    "half a level": () => requireLevel(1.5),
    "no level": () => requireLevel(undefined as never),
    "only settings of groups": () => requireGroup({ nested: 1 }),
    "an unknown setting of groups": () => requireGroup(dn, { deep: true } as never),
    "settings of groups before a group": () => requireGroup({ nested: 1 } as never, dn),
    "no addresses": () => requireIp(),
    "no address": () => requireIp("localhost"),
    "no methods": () => requireMethod(),
    "a method in small letters": () => requireMethod("get"),
    "no variables": () => requireEnv(),
    "a broken expression": () => requireExpr("%{REQUEST_URI"),
    "no file": () => requireFileGroup("", "g"),
    "no groups of a file": () => requireFileGroup("/f"),
    "no rule": () => requireRule(undefined as never),
    "a rule by its name": () => requireRule("valid-user" as never),
    "arguments where there are none": () => requireAllGranted({} as never),
  };
  for (const [what, make] of Object.entries(wrong)) {
    it(`refuse ${what} where they are made`, () => assert.throws(make, ConfigError));
  }
});

onEachExpress("a guard", (createExpress) => {
  it("lets pass whom its rule grants, and answers 403 to others", async () => {
    const { app, realm } = webApp(createExpress, routes(requireLevel(2)));
    await request(app).get("/x").auth("web3", "web3-pw").expect(200, "inside");
    const { body, headers } = await request(app).get("/x").auth("web1", "web1-pw").expect(403);
    assert.equal(body.code, "forbidden");
    assert.equal(headers["cache-control"], "no-store");
    const record = realm.records.at(-1);
    assert.equal(record?.event, "access-denied");
    assert.equal(record?.details?.username, "web1");
    assert.equal(record?.details?.path, "/x");
  });

  it("shows a page to a browser: who it is, a way out, a way back", async () => {
    const { app, realm } = webApp(createExpress, routes(requireLevel(2)));
    realm.people.set("<b>", { password: "<b>-pw", levels: [] });
    const agent = await signedIn(app, "<b>");
    const { text } = await agent.get("/x").set("Accept", "text/html").expect(403);
    assert.match(text, /signed in as &lt;b&gt;, but you are not allowed here/);
    assert.match(text, /<form method="post" action="\/logout">/);
    assert.match(text, /href="\/"/);
    assert.doesNotMatch(text, /MyWebApp|dc=domain|<b>/);
  });

  it("challenges nobody like the middleware itself", async () => {
    const settings = { anonymous: "allow" } as const;
    const { app } = webApp(createExpress, { settings, ...routes(requireValidUser()) });
    const page = await request(app).get("/x").set("Accept", "text/html").expect(303);
    assert.equal(page.headers.location, "/login?returnTo=%2Fx");
    const { headers } = await request(app).get("/x").expect(401);
    assert.match(String(headers["www-authenticate"]), /^Basic /);
    await request(app).get("/x").auth("web1", "web1-pw").expect(200);
  });

  it("about the request lets in without a login, and asks for one only where that could change its answer", async () => {
    const settings = { anonymous: "allow" } as const;
    const status = async (handler: Guard, method: "get" | "post" = "get") => {
      const { app } = webApp(createExpress, { settings, ...routes(handler) });
      return (await request(app)[method]("/x")).status;
    };
    assert.equal(await status(requireLocal()), 200);
    assert.equal(await status(requireIp("10.1")), 403);
    assert.equal(await status(requireMethod("GET")), 200);
    assert.equal(await status(requireMethod("GET"), "post"), 403);
    assert.equal(await status(requireAllDenied()), 403);
    assert.equal(await status(requireAny(requireIp("10.1"), requireLevel(1))), 401);
    assert.equal(await status(requireAny(requireLevel(1), requireLocal())), 200);
    assert.equal(await status(requireAll(requireIp("10.1"), requireLevel(1))), 403);
    assert.equal(await status(requireAll(requireLocal(), requireLevel(1))), 401);
    assert.equal(await status(requireNone(requireUser("web1"))), 401);
    assert.equal(await status(requireNone(requireIp("10.1"))), 200);
    assert.equal(await status(requireExpr("%{REMOTE_USER} == 'web1'")), 401);
    assert.equal(await status(requireExpr("%{REQUEST_URI} == '/y'")), 403);
  });

  it("sees who is signed in as REMOTE_USER, and the variables of the entry", async () => {
    const passes = async (handler: Guard) => {
      const { app } = webApp(createExpress, routes(handler));
      return (await request(app).get("/x").auth("web1", "web1-pw")).status;
    };
    assert.equal(await passes(requireExpr("%{REMOTE_USER} == 'web1'")), 200);
    assert.equal(await passes(requireExpr("%{REMOTE_USER} == 'web3'")), 403);
    assert.equal(await passes(requireRemoteUser("web1")), 200);
    assert.equal(await passes(requireRemoteUser("web3")), 403);
    assert.equal(await passes(requireEnv("AUTHENTICATE_MYWEBACCESS")), 200);
    assert.equal(await passes(requireEnv("AUTHORIZE_MYWEBACCESS")), 403);
    const level = requireExpr("env('AUTHENTICATE_MYWEBACCESS') == 'MyWebApp_Level_1'");
    assert.equal(await passes(level), 200);
  });

  it("logs one line of reason that a visitor can't break, and never shows it", async () => {
    const rule = ruleThat(async () => denied("no\nlevel \u001b[2J"));
    const { app, realm } = webApp(createExpress, routes(rule));
    const { text } = await request(app).get("/x").auth("web1", "web1-pw").expect(403);
    const { reason } = realm.records.at(-1)?.details ?? {};
    assert.match(String(reason), /^no.*level/);
    assert.doesNotMatch(String(reason), /\p{Cc}/u);
    assert.doesNotMatch(text, /no.level/);
  });

  it("fails where no authnzLdap ran before, whatever stands in the request", async () => {
    const app = createExpress();
    const seen: unknown[] = [];
    app.use((req, _res, next) => {
      Object.assign(req, { authenticated: { UID: "admin", username: "admin" } });
      next();
    });
    app.get("/x", requireValidUser(), ok);
    app.use(((error, _req, res, _next) => {
      seen.push(error);
      res.status(500).send("failed");
    }) satisfies ErrorRequestHandler);
    await request(app).get("/x").auth("web1", "web1-pw").expect(500, "failed");
    assert(seen[0] instanceof ConfigError);
    assert.match(seen[0].message, /no authnzLdap ran before/);
  });

  it("fails when it was not called", async () => {
    for (const uncalled of [
      requireValidUser,
      requireLevel,
      requireUser,
      requireAny,
      requireSearch,
    ]) {
      const { app } = webApp(createExpress, routes(uncalled as unknown as RequestHandler));
      const { text } = await request(app).get("/x").auth("web3", "web3-pw").expect(500);
      assert.doesNotMatch(text, /inside/);
    }
  });

  it("passes on a ConfigError that only a request can find", async () => {
    const { app, realm } = webApp(createExpress, routes(requireLevel("Other_*")));
    const { body } = await request(app).get("/x").auth("web3", "web3-pw").expect(500);
    assert.equal(body.code, "misconfigured");
    assert.doesNotMatch(JSON.stringify(body), /Other|MyWebApp/);
    assert.equal(realm.records.at(-1)?.event, "misconfigured");
  });

  const timedOut = () => new DirectoryError("ldap.example.org", { code: "timeout" });
  const failures: Readonly<Record<string, readonly [CompiledRule, number]>> = {
    "is undecided": [async () => ({ outcome: "undecided", reason: "x", error: timedOut() }), 503],
    "rejects with a DirectoryError": [async () => Promise.reject(timedOut()), 503],
    "rejects with anything": [async () => Promise.reject(new TypeError("x")), 500],
    throws: [
      () => {
        throw new TypeError("x");
      },
      500,
    ],
    "never settles": [() => new Promise(() => {}), 503],
    "answers with nothing": [async () => undefined as unknown as Decision, 500],
    "answers with true": [async () => true as unknown as Decision, 403],
    "answers with another outcome": [async () => ({ outcome: "yes" }) as unknown as Decision, 403],
  };
  for (const [what, [compiled, status]] of Object.entries(failures)) {
    it(`answers ${status} when its rule ${what}`, async () => {
      const { app, realm } = webApp(createExpress, routes(ruleThat(compiled)));
      app.set("env", "test");
      const deadline = { remaining: () => 20 };
      Object.assign(realm, { startDeadline: () => deadline });
      const { text } = await request(app).get("/x").auth("web3", "web3-pw").expect(status);
      assert.doesNotMatch(text, /inside|ldap\.example/);
    });
  }

  it("starts a new time budget where an upload has used up the first", async () => {
    let started = 0;
    let isSpent = false;
    const rule = ruleThat(async ({ deadline }) =>
      deadline.remaining() > 0 ? GRANTED : denied("late"),
    );
    const upload: RequestHandler = (_req, _res, next) => {
      isSpent = true;
      next();
    };
    const { app, realm } = webApp(createExpress, {
      routes: (app) => void app.get("/x", upload, rule, rule, ok),
    });
    Object.assign(realm, {
      startDeadline: () => {
        const mine = ++started;
        return { remaining: () => (isSpent && mine === 1 ? 0 : 1_000) };
      },
    });
    await request(app).get("/x").auth("web1", "web1-pw").expect(200);
    assert.equal(started, 2);
  });

  it("calls next once, also when what follows throws", async () => {
    let calls = 0;
    const after: RequestHandler = () => {
      calls++;
      throw new Error("the app's own");
    };
    const { app } = webApp(createExpress, {
      routes: (app) => {
        app.set("env", "test");
        app.get("/x", requireLevel(1), after);
      },
    });
    await request(app).get("/x").auth("web1", "web1-pw").expect(500);
    assert.equal(calls, 1);
  });

  it("does not go on once something else has answered", async () => {
    let reached = false;
    const { app } = webApp(createExpress, {
      routes: (app) => {
        app.get(
          "/x",
          (_req, res, next) => {
            next();
            res.send("timed out");
          },
          requireLevel(1),
          () => {
            reached = true;
          },
        );
      },
    });
    await request(app).get("/x").auth("web1", "web1-pw").expect(200, "timed out");
    assert.equal(reached, false);
  });

  it("fails quietly when its rule does so after something else has answered", async () => {
    let fail: () => void = () => {};
    const rule = ruleThat(
      () =>
        new Promise((_, reject) => {
          fail = () => reject(timedOut());
        }),
    );
    const passed: unknown[] = [];
    const { app, realm } = webApp(createExpress, {
      routes: (app) => {
        app.get(
          "/x",
          (_req, res, next) => {
            next();
            res.send("timed out");
          },
          rule,
          ok,
        );
        app.use(((failure, _req, _res, _next) => {
          passed.push(failure);
        }) satisfies ErrorRequestHandler);
      },
    });
    await request(app).get("/x").auth("web1", "web1-pw").expect(200, "timed out");
    fail();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(realm.records.at(-1)?.event, "directory-unavailable");
    assert.deepEqual(passed, []);
  });

  it("ends in an error, and not the process, when even the log fails", async () => {
    const { app, realm } = webApp(
      createExpress,
      routes(ruleThat(async () => Promise.reject(timedOut()))),
    );
    app.set("env", "test");
    Object.assign(realm, {
      log() {
        throw new TypeError("the log is full");
      },
    });
    const { text } = await request(app).get("/x").auth("web1", "web1-pw").expect(500);
    assert.doesNotMatch(text, /inside/);
  });

  it("stands in the way of every method and every spelling that reaches its route", async () => {
    const { app } = webApp(createExpress, {
      settings: { anonymous: "allow" },
      routes: (app) => {
        const admin = express.Router();
        admin.use(requireLevel(3));
        admin.all("/secret", ok);
        app.use("/admin", admin);
      },
    });
    const inside = await request(app).get("/admin/secret").auth("web3", "web3-pw");
    assert.equal(inside.text, "inside");
    for (const method of ["get", "head", "options", "post", "put", "patch", "delete"] as const) {
      const { text } = await request(app)
        [method]("/admin/secret")
        .set("X-HTTP-Method-Override", "GET")
        .auth("web1", "web1-pw")
        .expect(403);
      assert.doesNotMatch(text ?? "", /inside/);
    }
    const spellings = ["/ADMIN/secret", "/admin//secret", "/admin/secret/", "/admin/%73ecret"];
    for (const path of [...spellings, "/admin/./secret", "/admin/x/../secret", "/admin/secret;x"]) {
      const { status, text } = await request(app).get(path).auth("web1", "web1-pw");
      assert.notEqual(status, 200, path);
      assert.doesNotMatch(text, /inside/, path);
    }
  });

  it("stands at a route parameter too", async () => {
    const { app } = webApp(createExpress, {
      routes: (app) => {
        app.param("id", (_req, _res, next) => next());
        app.get("/items/:id", requireLevel(3), ok);
      },
    });
    await request(app).get("/items/1").auth("web1", "web1-pw").expect(403);
    await request(app).get("/items/1").auth("web3", "web3-pw").expect(200);
  });

  it("composes", async () => {
    const cases = [
      [requireAll(requireLevel(1), requireUser("web3")), 200],
      [requireAny(requireLevel(9), requireUser("web3")), 200],
      [requireNone(requireLevel(9)), 200],
      [requireAll(requireLevel(1), requireLevel(9)), 403],
      [requireNone(requireLevel(9), requireLevel(1)), 403],
    ] as const;
    for (const [rule, status] of cases) {
      const { app } = webApp(createExpress, routes(rule));
      await request(app).get("/x").auth("web3", "web3-pw").expect(status);
    }
  });
});
