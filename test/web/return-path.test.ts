import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import request from "supertest";
import { isSamePage, sitePath } from "../../src/web/paths.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

const GOOD: Readonly<Record<string, string>> = {
  "/": "/",
  "/a/b?c=d&e=/f//g": "/a/b?c=d&e=/f//g",
  "/a?next=http://x/": "/a?next=http://x/",
  "/@evil.example": "/@evil.example",
  "/a:b": "/a:b",
  "/a//b/..//e": "/a///e",
  "/a/%2e%2e/b": "/b",
  "/ä": "/%C3%A4",
  "/a%20b?c=%0a%5c": "/a%20b?c=%0a%5c",
};

const BAD: readonly unknown[] = [
  ...[
    "",
    "a",
    "//e",
    "///e",
    "////e",
    "/\\e",
    "\\/e",
    "\\\\e",
    "/%5ce",
    "/%5Ce",
    "/%255ce",
    "/%25255ce",
  ],
  ...["/%2fe", "/%2F%2Fe", "/%252fe", "/./ /e", "/.//e", "/x/..//e", "/%2e//e", "/%2e%2e//e"],
  ...[
    "/%09/e",
    "/%0a/e",
    "/%0d%0aSet-Cookie:x",
    "/\t/e",
    "/\n/e",
    "/\r\n/e",
    "/a\0",
    "/%00",
    " /e",
    "/ /e",
    "/\u00a0/e",
  ],
  ...[
    "https:e",
    "https://e",
    "http:/e",
    "javascript:alert(1)",
    "data:text/html,x",
    "?a",
    "#a",
    "x@e",
  ],
  ...["/a\u2028b", "/a\u0085b", "\u200b//e", `/${"x".repeat(2_000)}`],
  ...[undefined, null, 1, {}, ["/a"], true],
];

describe("sitePath", () => {
  for (const [path, expected] of Object.entries(GOOD)) {
    it(`takes ${path}`, () => assert.equal(sitePath(path), expected));
  }
  for (const path of BAD) {
    it(`refuses ${JSON.stringify(path)?.slice(0, 60)}`, () =>
      assert.equal(sitePath(path), undefined));
  }

  it("never gives what a browser takes for another site", () => {
    const piece = fc.constantFrom(
      ...[
        "/",
        "\\",
        ".",
        "..",
        "%2e",
        "%2f",
        "%5c",
        "%09",
        "\t",
        "\n",
        "e",
        ":",
        "@",
        "?",
        "#",
        "%25",
        "//",
      ],
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((all) => all.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (path) => {
        const checked = sitePath(path);
        if (checked === undefined) return;
        assert.match(checked, /^\/(?![/\\])[\x21-\x7e]*$/);
        for (const page of ["http://here.test/", "https://here.test:8443/a/b?c"]) {
          assert.equal(new URL(checked, page).origin, new URL(page).origin);
        }
        assert.equal(sitePath(checked), checked);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("isSamePage", () => {
  it("sees through letter case, a slash at the end, escapes and the query", () => {
    for (const path of ["/login", "/LOGIN", "/login/", "/%6cogin", "/login?x=1"]) {
      assert.equal(isSamePage(path, "/login"), true, path);
    }
    for (const path of ["/logins", "/a/login", "/"]) {
      assert.equal(isSamePage(path, "/login"), false, path);
    }
  });
});

onEachExpress("the way back after a login", (createExpress) => {
  const login = { username: "web1", password: "web1-pw" };

  it("is the start page if it leads elsewhere, whether in the form, the query or the address", async () => {
    const { app } = webApp(createExpress);
    for (const returnTo of [
      "//e",
      "/\\e",
      "https://e/",
      "javascript:x",
      "/login",
      "/logout/",
      "/LOGIN?a",
    ]) {
      const sent = request(app).post("/login").type("form");
      const { headers } = await sent.send({ ...login, returnTo }).expect(303);
      assert.equal(headers.location, "/", returnTo);
      const query = `/login?returnTo=${encodeURIComponent(returnTo)}`;
      assert.match((await request(app).get(query)).text, /name="returnTo" value="\/"/);
      const posted = await request(app).post(query).type("form").send(login).expect(303);
      assert.equal(posted.headers.location, "/", returnTo);
    }
  });

  it("is the start page if it is given twice", async () => {
    const { app } = webApp(createExpress);
    const { text } = await request(app).get("/login?returnTo=/a&returnTo=/b");
    assert.match(text, /name="returnTo" value="\/"/);
  });

  it("is no other site for who asks for //evil.example", async () => {
    const { app } = webApp(createExpress);
    const get = request(app).get("//evil.example/x").set("Accept", "text/html");
    assert.equal((await get.expect(303)).headers.location, "/login?returnTo=%2F");
  });

  it("is not built from a mount path that a visitor can bend to another site", async () => {
    const { app } = webApp(createExpress, { mount: "/:tenant" });
    const good = await request(app).get("/acme/x").set("Accept", "text/html").expect(303);
    assert.equal(good.headers.location, "/acme/login?returnTo=%2Facme%2Fx");
    for (const path of [
      "/\\evil.example/x",
      "/%5cevil.example/x",
      "/%2fevil.example/x",
      "/%09/x",
    ]) {
      const { headers } = await request(app).get(path).set("Accept", "text/html");
      assert.match(headers.location ?? "/login", /^\/login/, path);
    }
  });

  it("stays below the mount path", async () => {
    const { app } = webApp(createExpress, {
      mount: "/intranet",
      routes: (routes) => {
        routes.get("/intranet/a", (req, res) => {
          res.json(req.authenticated);
        });
      },
    });
    const agent = request.agent(app);
    const first = await agent.get("/intranet/a").set("Accept", "text/html").expect(303);
    assert.equal(first.headers.location, "/intranet/login?returnTo=%2Fintranet%2Fa");
    assert.match((await agent.get("/intranet/login")).text, /action="\/intranet\/login"/);
    const sent = agent.post("/intranet/login").type("form").send(login);
    assert.equal((await sent.expect(303)).headers.location, "/intranet");
    await agent.get("/intranet/a").expect(200);
    const out = await agent.post("/intranet/logout").type("form").expect(303);
    assert.equal(out.headers.location, "/intranet/login");
    await agent.get("/login").expect(404);
  });
});
