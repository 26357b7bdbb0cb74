import assert from "node:assert/strict";
import { it } from "node:test";
import { MemoryStore, type SessionData } from "express-session";
import request from "supertest";
import { DirectoryError } from "../../src/errors.ts";
import { onEachExpress, SETTINGS, signedIn, webApp } from "../support/web-app.ts";

const RIGHT = { username: "web1", password: "web1-pw" };

onEachExpress("the login form", (createExpress) => {
  it("is a page that nobody keeps and whose form can tell where it comes from", async () => {
    const { app } = webApp(createExpress);
    const { text, headers } = await request(app).get("/login").expect(200);
    assert.match(text, /<form method="post" action="\/login"/);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.equal(headers["set-cookie"], undefined);
    await request(app).head("/login").expect(200);
  });

  it("signs in, and goes back to where the visitor was going", async () => {
    const { app } = webApp(createExpress);
    const agent = request.agent(app);
    const sent = agent
      .post("/login")
      .type("form")
      .send({ ...RIGHT, returnTo: "/reports?year=1" });
    assert.equal((await sent.expect(303)).headers.location, "/reports?year=1");
    const { text } = await agent.get("/").expect(200);
    assert.equal(text, '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}');
  });

  it("sends who is signed in already to where they wanted", async () => {
    const { app } = webApp(createExpress);
    const agent = await signedIn(app);
    const { headers } = await agent.get("/login?returnTo=%2Freports").expect(303);
    assert.equal(headers.location, "/reports");
  });

  it("shows itself again after a wrong password, with the name, an alert, and no password", async () => {
    const { app } = webApp(createExpress);
    const wrong = { username: "web1", password: "canary-password", returnTo: "/reports" };
    const { text, headers } = await request(app)
      .post("/login")
      .type("form")
      .send(wrong)
      .expect(401);
    assert.match(text, /role="alert" tabindex="-1" autofocus/);
    assert.match(text, /value="web1"/);
    assert.match(text, /name="returnTo" value="\/reports"/);
    assert.doesNotMatch(text, /canary/);
    assert.equal(headers["www-authenticate"], 'FormLogin realm="Intranet"');
    assert.equal(headers["set-cookie"], undefined);
  });

  it("says the same to an unknown name as to a wrong password", async () => {
    const { app } = webApp(createExpress);
    const say = async (username: string) => {
      const sent = request(app).post("/login").type("form").send({ username, password: "wrong" });
      const { status, text } = await sent;
      return [status, text.replaceAll(username, "NAME")];
    };
    assert.deepEqual(await say("web1"), await say("nosuch"));
  });

  it("escapes what was typed", async () => {
    const { app } = webApp(createExpress);
    const evil = `"><script>alert('1')</script>&`;
    const sent = request(app).post(`/login?returnTo=${encodeURIComponent(`/${evil}`)}`);
    const { text } = await sent.type("form").send({ username: evil, password: "x" }).expect(401);
    assert.doesNotMatch(text, /<script|alert\('1'\)/);
    assert.match(text, /&quot;&gt;&lt;script&gt;/);
  });

  it("can be replaced", async () => {
    const view = () => "<p>mine</p>";
    const login = { path: "/anmelden", logoutPath: "/abmelden", view };
    const { app } = webApp(createExpress, { settings: { login } });
    const { text } = await request(app).get("/anmelden").expect(200);
    assert.equal(text, "<p>mine</p>");
    await request(app).get("/login").expect(401);
  });

  const notPages: Readonly<Record<string, () => unknown>> = {
    "a promise": async () => "<p>late</p>",
    "a promise that fails": async () => {
      throw new Error("no template");
    },
    nothing: () => undefined,
    "a number": () => 5,
    "an object": () => ({ html: "<p>x</p>" }),
  };
  for (const [what, view] of Object.entries(notPages)) {
    it(`is an error where a view returns ${what}`, async () => {
      const login = { ...SETTINGS.login, view: view as () => string };
      const { app, realm } = webApp(createExpress, { settings: { login } });
      const shown = await request(app).get("/login").expect(500);
      assert.equal(shown.body.code, "misconfigured");
      await request(app)
        .post("/login")
        .type("form")
        .send({ ...RIGHT, password: "x" })
        .expect(500);
      assert.match(JSON.stringify(realm.records), /login\.view must return/);
    });
  }

  it("is not there without express-session, or with a session that can't get a new id", async () => {
    const without = webApp(createExpress, { store: false });
    await request(without.app).get("/login").expect(401);
    const cookieSession = [
      (req: object, _res: unknown, next: () => void) => {
        Object.assign(req, { session: { authnzLdap: { person: { username: "admin" } } } });
        next();
      },
    ];
    const plain = webApp(createExpress, { store: false, before: cookieSession });
    await request(plain.app).get("/").expect(401);
    await request(plain.app).post("/login").type("form").send(RIGHT).expect(401);
  });

  it("answers other methods with 405", async () => {
    const { app, realm } = webApp(createExpress);
    const { headers } = await request(app).put("/login").send(RIGHT).expect(405);
    assert.equal(headers.allow, "GET, HEAD, POST");
    assert.deepEqual(realm.asked, []);
  });
});

onEachExpress("login as JSON", (createExpress) => {
  it("answers req.authenticated", async () => {
    const { app } = webApp(createExpress);
    const agent = request.agent(app);
    const { text } = await agent.post("/login").send(RIGHT).expect(200);
    assert.equal(text, '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}');
    await agent.get("/").expect(200);
  });

  it("answers problem details", async () => {
    const { app } = webApp(createExpress);
    const { body, type } = await request(app)
      .post("/login")
      .send({ ...RIGHT, password: "wrong" })
      .expect(401);
    assert.equal(type, "application/problem+json");
    assert.equal(body.code, "invalid-credentials");
  });
});

onEachExpress("what a login is sent as", (createExpress) => {
  const bad: readonly (readonly [string, string, string, number])[] = [
    ["a list of passwords", "form", "username=web1&password[]=web1-pw", 400],
    ["a name twice", "form", "username=web1&username=web1&password=web1-pw", 400],
    ["a password twice", "form", "username=web1&password=web1-pw&password=x", 400],
    ["no password", "form", "username=web1", 400],
    ["nothing", "form", "", 400],
    ["constructor", "form", "username=web1&password=web1-pw&constructor=x", 400],
    ["many parameters", "form", `username=web1&password=web1-pw${"&a=b".repeat(30)}`, 413],
    ["a large form", "form", `username=web1&password=${"x".repeat(1_048_576)}`, 413],
    ["large JSON", "json", `{"username":"web1","password":"${"x".repeat(1_048_576)}"}`, 413],
    ["broken JSON", "json", '{"username":"web1","password":"web1-pw"', 400],
    ["a list", "json", '["web1","web1-pw"]', 400],
    ["null", "json", "null", 400],
    ["a number", "json", '{"username":"web1","password":1}', 400],
    ["true", "json", '{"username":"web1","password":true}', 400],
    ["something with a length", "json", '{"username":"web1","password":{"length":1}}', 400],
    ["a list as password", "json", '{"username":"web1","password":["web1-pw"]}', 400],
    ["a null password", "json", '{"username":"web1","password":null}', 400],
    [
      "an own __proto__",
      "json",
      '{"__proto__":{"username":"web1"},"username":"web1","password":"web1-pw"}',
      400,
    ],
    [
      "a returnTo that is no text",
      "json",
      '{"username":"web1","password":"web1-pw","returnTo":1}',
      400,
    ],
    ["text", "text/plain", '{"username":"web1","password":"web1-pw"}', 415],
    ["multipart", "multipart/form-data; boundary=x", "--x--", 415],
    ["another charset", "application/json; charset=utf-7", '{"username":"web1"}', 415],
  ];
  for (const [what, type, body, status] of bad) {
    it(`refuses ${what} with ${status}, asking nobody`, async () => {
      const { app, realm } = webApp(createExpress);
      await request(app).post("/login").type(type).send(body).expect(status);
      assert.deepEqual(realm.asked, []);
    });
  }

  it("is not changed by a __proto__ in a form", async () => {
    const { app } = webApp(createExpress);
    const form = "__proto__[username]=web1&__proto__=x&password=web1-pw";
    await request(app).post("/login").type("form").send(form).expect(400);
    assert.equal(Object.getPrototypeOf({}), Object.prototype);
    assert.equal("username" in {}, false);
  });

  it("refuses compressed bodies and other types", async () => {
    const { app, realm } = webApp(createExpress);
    const body = "username=web1&password=web1-pw";
    const post = () => request(app).post("/login");
    await post().type("form").set("Content-Encoding", "gzip").send(body).expect(415);
    await post().type("application/octet-stream").send(Buffer.from(body)).expect(415);
    assert.deepEqual(realm.asked, []);
  });

  const unasked: Readonly<Record<string, readonly [string, string]>> = {
    "an empty password": ["web1", ""],
    "a password that begins with NUL": ["web1", "\0web1-pw"],
    "a password with NUL behind it": ["web1", "web1-pw\0"],
    "a password of 1,025 bytes": ["web1", `${"ä".repeat(512)}x`],
    "an empty name": ["", "web1-pw"],
    "a name of spaces": ["   ", "web1-pw"],
    "a name of no-break spaces": ["\u00a0", "web1-pw"],
    "a name with NUL": ["web1\0", "web1-pw"],
    "a name with a line feed": ["web1\nx", "web1-pw"],
    "a name with an escape": ["\u001b[31mweb1", "web1-pw"],
    "a name of 301 characters": ["x".repeat(301), "web1-pw"],
    "a name that is no Unicode": ["web1\ud800", "web1-pw"],
  };
  for (const [what, [username, password]] of Object.entries(unasked)) {
    it(`takes ${what} for wrong, asking nobody`, async () => {
      const { app, realm } = webApp(createExpress);
      const { body } = await request(app).post("/login").send({ username, password }).expect(401);
      assert.equal(body.code, "invalid-credentials");
      assert.deepEqual(realm.asked, []);
      assert.equal(realm.records.length, 1);
    });
  }

  it("hands over names and passwords as typed", async () => {
    const verbatim = [
      ["EXTERNAL", "  "],
      [" web1 ", "\u200b"],
      ["*)(uid=*", "e\u0301"],
      ["__proto__", "\u00e9\ud83d\udd11"],
      ["\\2a", "tab\tand\nline"],
    ] as const;
    const { app, realm } = webApp(createExpress);
    for (const [username, password] of verbatim) {
      await request(app).post("/login").type("form").send({ username, password }).expect(401);
    }
    const asked = realm.asked.map(({ username, password }) => [username, password]);
    assert.deepEqual(asked, verbatim);
  });

  const parsers = {
    "express.json and express.urlencoded": [
      createExpress.json(),
      createExpress.urlencoded({ extended: false }),
    ],
    "the extended parser": [createExpress.urlencoded({ extended: true, limit: "10mb" })],
    "only the other parser": [createExpress.json()],
    "an empty body that was left behind": [
      (req: { body: unknown }, _res: unknown, next: () => void) => {
        req.body = {};
        next();
      },
    ],
  };
  for (const [what, before] of Object.entries(parsers)) {
    it(`works behind ${what}`, async () => {
      const { app, realm } = webApp(createExpress, { before });
      await request(app).post("/login").type("form").send(RIGHT).expect(303);
      await request(app).post("/login").send(RIGHT).expect(200);
      await request(app).post("/login").type("form").send("username=web1").expect(400);
      const nested = "username=web1&password[a]=web1-pw";
      await request(app).post("/login").type("form").send(nested).expect(400);
      assert.equal(realm.asked.length, 2);
    });
  }

  it("refuses a body that something else has read as something else", async () => {
    const { app, realm } = webApp(createExpress, {
      before: [createExpress.raw({ type: () => true })],
    });
    await request(app).post("/login").type("form").send(RIGHT).expect(400);
    assert.deepEqual(realm.asked, []);
  });
});

onEachExpress("a login", (createExpress) => {
  const sessionId = (headers: Record<string, unknown>) =>
    /connect\.sid=s%3A([^.]+)/.exec(String(headers["set-cookie"]))?.[1] ?? "";

  it("gets a new session id; the old one is dead, and nothing of it is carried", async () => {
    const { app, store } = webApp(createExpress, {
      settings: { anonymous: "allow" },
      routes: (routes) => {
        routes.get("/", (req, res) => {
          const { session } = req;
          const planted = "planted" in session;
          Object.assign(session, { planted: true });
          res.json({ planted });
        });
      },
    });
    const agent = request.agent(app);
    const before = sessionId((await agent.get("/").expect(200)).headers);
    assert.notEqual(before, "");
    const login = await agent.post("/login").type("form").send(RIGHT).expect(303);
    const after = sessionId(login.headers);
    assert.notEqual(after, "");
    assert.notEqual(after, before);
    assert(store);
    const old = await new Promise((resolve) => store.get(before, (_, found) => resolve(found)));
    assert.equal(old ?? undefined, undefined);
    assert.deepEqual((await agent.get("/")).body, { planted: false });
  });

  it("leaves no password in the session, the log or an answer", async () => {
    const { app, store, realm } = webApp(createExpress);
    const agent = await signedIn(app);
    const page = await agent.get("/").expect(200);
    await request(app).post("/login").send({ username: "web1", password: "canary" }).expect(401);
    await request(app).get("/").auth("web1", "canary").expect(401);
    assert(store instanceof MemoryStore);
    const all = await new Promise((resolve) => store.all((_, found) => resolve(found)));
    const everything = JSON.stringify([all, realm.records, page.text]);
    assert.match(everything, /uid=web1/);
    assert.doesNotMatch(everything, /web1-pw|canary/);
    const ids = Object.keys(all as Record<string, SessionData>);
    for (const id of ids) assert(!JSON.stringify(realm.records).includes(id));
  });

  it("is one log record, whatever the name holds", async () => {
    const { app, realm } = webApp(createExpress);
    const username = `a\u2028"}\n{"level":"info"\u001b[2J${"x".repeat(5_000)}`;
    await request(app).post("/login").send({ username, password: "x" }).expect(401);
    assert.equal(realm.records.length, 1);
    assert.equal(realm.records[0]?.event, "login-refused");
    assert(String(realm.records[0]?.details?.username).length <= 300);
    assert.equal(JSON.stringify(realm.records[0]).includes("\n"), false);
  });

  it("is 503 while the directory is away: no session, and the page says so", async () => {
    const { app, realm } = webApp(createExpress);
    realm.before = async () => {
      throw new DirectoryError("ldap.example.org is down", { code: "unreachable" });
    };
    const form = await request(app).post("/login").type("form").send(RIGHT).expect(503);
    assert.match(form.text, /role="alert"/);
    assert.match(String(form.headers["retry-after"]), /^[1-9]/);
    assert.equal(form.headers["set-cookie"], undefined);
    const json = await request(app).post("/login").send(RIGHT).expect(503);
    assert.equal(json.body.code, "unavailable");
    assert.doesNotMatch(form.text + json.text, /ldap\.example/);
  });
});
