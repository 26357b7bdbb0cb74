import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { RequestHandler } from "express";
import supertest from "supertest";
import {
  ConfigError,
  type Guard,
  requireAll,
  requireAny,
  requireAttribute,
  requireDn,
  requireFilter,
  requireGroup,
  requireLevel,
  requireNone,
  requireSearch,
  requireUser,
  requireValidUser,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";

const group = (cn: string) => `cn=${cn},ou=Groups,dc=domain,dc=org`;
const person = (rdn: string) => `${rdn},ou=People,dc=domain,dc=org`;

let directory: TestDirectory;
let protectedBy: ProtectedApp;
/** The guard of the route /guarded. */
let guard: Guard;

before(async () => {
  directory = await startFixtureDirectory();
  const url = `${directory.url}/ou=People,dc=domain,dc=org?uid,employeeType?sub`;
  const levels = { attribute: "title", pattern: "Level_*" };
  protectedBy = await protectedApp({ url, levels, timeout: 1_000 }, (app) => {
    const ask: RequestHandler = (req, res, next) => guard(req, res, next);
    app.get("/guarded", ask, (_req, res) => void res.send("in"));
    app.get("/allows", (req, res, next) => {
      guard.allows(req).then((allows) => void res.json({ allows }), next);
    });
  });
});
after(async () => {
  await protectedBy.close();
  await directory.close();
});

/** The status that somebody gets behind a guard. */
async function statusOf(username: string, by: Guard, password = `${username}-pw`): Promise<number> {
  guard = by;
  const answer = await supertest(protectedBy.url)
    .get("/guarded")
    .auth(username, password)
    .set("Accept", "application/json");
  if (answer.status === 200) assert.equal(answer.text, "in");
  return answer.status;
}

describe("a guard", () => {
  const table: readonly (readonly [string, string, Guard, number])[] = [
    ["lets in anybody who is signed in", "frank", requireValidUser(), 200],

    ["lets in the user", "alice", requireUser("bob", "alice"), 200],
    ["lets in the user in other letter case", "alice", requireUser("ALICE"), 200],
    ["refuses another user", "bob", requireUser("alice"), 403],
    ["refuses part of a name", "alice", requireUser("ali", "alice2", "alic*", "*"), 403],

    ["lets in a member", "alice", requireGroup(group("admins")), 200],
    [
      "lets in a member whose DN is spelled otherwise",
      "MixedCase",
      requireGroup(group("admins")),
      200,
    ],
    ["lets in a uniqueMember", "bob", requireGroup(group("staff")), 200],
    ["lets in a memberUid", "carol", requireGroup(group("posixdevs")), 200],
    [
      "lets in a member of a second group",
      "bob",
      requireGroup(group("admins"), group("staff")),
      200,
    ],
    ["refuses who is no member", "bob", requireGroup(group("admins")), 403],
    ["refuses a member of a member", "carol", requireGroup(group("level0")), 403],
    ["refuses everybody for a group that is missing", "alice", requireGroup(group("missing")), 403],
    ["refuses everybody for a group that is hidden", "bob", requireGroup(person("uid=alice")), 403],
    [
      "lets in members with commas in their DN",
      "jane",
      requireGroup(group("Web\\, Admins & Co")),
      200,
    ],
    [
      "lets in members with parentheses",
      "paren(x)",
      requireGroup(group("Web\\2C Admins & Co")),
      200,
    ],
    ["lets in members beyond ASCII", "José", requireGroup(group("Web\\, Admins & Co")), 200],
    ["does not take a name for a member", "Ωmega", requireGroup(group("posixdevs")), 403],

    [
      "lets in the DN however it is spelled",
      "alice",
      requireDn("UID=Alice, ou=people, DC=domain,dc=ORG"),
      200,
    ],
    ["lets in the DN with a comma", "comma,user", requireDn(person("uid=comma\\2cuser")), 200],
    [
      "lets in a multi-valued RDN in any order",
      "multi",
      requireDn(person("cn=multi rdn+uid=multi")),
      200,
    ],
    ["refuses a DN below or above", "alice", requireDn("ou=People,dc=domain,dc=org"), 403],
    [
      "refuses the same RDN elsewhere",
      "twin",
      requireDn("uid=twin,ou=Staff,dc=domain,dc=org"),
      403,
    ],

    ["lets in a value", "alice", requireAttribute("employeeType", "active"), 200],
    [
      "lets in one of several values",
      "alice",
      requireAttribute("employeeType", "x", "full time"),
      200,
    ],
    ["lets in by the server's letter case", "alice", requireAttribute("givenName", "ALICE"), 200],
    [
      "keeps letter case where the server does",
      "alice",
      requireAttribute("exactCode", "CASEMATTERS"),
      403,
    ],
    ["lets in the exact value", "alice", requireAttribute("exactCode", "CaseMatters"), 200],
    ["refuses another value", "bob", requireAttribute("employeeType", "active"), 403],
    [
      "refuses part of a value",
      "alice",
      requireAttribute("employeeType", "act", "active; full time", "*"),
      403,
    ],
    [
      "refuses an attribute that is missing",
      "frank",
      requireAttribute("mail", "frank@domain.org"),
      403,
    ],
    ["refuses prototype names", "frank", requireAttribute("constructor", "Object"), 403],

    [
      "lets in an entry that matches",
      "alice",
      requireFilter("(&(employeeType=active)(o=Head*))"),
      200,
    ],
    [
      "puts the person in wherever the filter says",
      "alice",
      requireFilter(
        "(&(|(uid=%{username})(uid=x))(!(cn=%{dn}))(entryDN:=%{dn})(mail=%{username}@*)(objectClass=*))",
      ),
      200,
    ],
    ["puts a name in, whole", "alice", requireFilter("(mail=*%{username}*domain.org)"), 200],
    ["puts a name in at the end", "alice", requireFilter("(uid=*%{username})"), 200],
    ["keeps a star in a name a star", "a*b", requireFilter("(cn=*r %{username})"), 200],
    ["does not match by a star in a name", "a*b", requireFilter("(cn=User aX%{username})"), 403],
    ["lets in by itself", "alice", requireFilter("(uid=%{username})"), 200],
    ["refuses an entry that does not match", "bob", requireFilter("(employeeType=active)"), 403],
    ["puts names in as values", "a*b", requireFilter("(uid=%{username})"), 200],

    [
      "lets in where the search finds one",
      "alice",
      requireSearch("(&(cn=admins)(member=%{dn}))", {
        base: "ou=Groups,dc=domain,dc=org",
        scope: "one",
      }),
      200,
    ],
    [
      "refuses where it finds none",
      "bob",
      requireSearch("(&(cn=admins)(member=%{dn}))", { base: "ou=Groups,dc=domain,dc=org" }),
      403,
    ],
    [
      "refuses where it finds several",
      "alice",
      requireSearch("(member=%{dn})", { base: "ou=Groups,dc=domain,dc=org" }),
      403,
    ],
    [
      "searches for a name with a star literally",
      "a*b",
      requireSearch("(cn=User %{username})"),
      200,
    ],

    [
      "lets in by all",
      "alice",
      requireAll(requireUser("alice"), requireGroup(group("admins"))),
      200,
    ],
    [
      "refuses if one of all does",
      "alice",
      requireAll(requireUser("alice"), requireGroup(group("staff"))),
      403,
    ],
    ["lets in by any", "bob", requireAny(requireUser("alice"), requireGroup(group("staff"))), 200],
    [
      "refuses if all of any do",
      "carol",
      requireAny(requireUser("alice"), requireGroup(group("staff"))),
      403,
    ],
    [
      "lets in by none",
      "carol",
      requireNone(requireUser("alice"), requireGroup(group("staff"))),
      200,
    ],
    [
      "refuses by none",
      "bob",
      requireNone(requireUser("alice"), requireGroup(group("staff"))),
      403,
    ],
    [
      "refuses none of what could not be asked",
      "carol",
      requireNone(requireGroup(group("missing"))),
      403,
    ],
    [
      "refuses none of a filter on what may not be read",
      "alice",
      requireNone(requireFilter("(secretCode=*)")),
      403,
    ],
    [
      "refuses none of a filter on what does not exist in the schema",
      "alice",
      requireNone(requireFilter("(unknownAttribute=x)")),
      403,
    ],
    [
      "lets in by none of a filter",
      "bob",
      requireNone(requireFilter("(employeeType=active)")),
      200,
    ],
    [
      "refuses by none of a filter",
      "alice",
      requireNone(requireFilter("(employeeType=active)")),
      403,
    ],
    [
      "refuses none of a group that may not be read",
      "bob",
      requireNone(requireGroup(group("secretgroup"))),
      403,
    ],
    [
      "refuses none of an attribute that does not exist in the schema",
      "alice",
      requireNone(requireAttribute("unknownAttribute", "suspended")),
      403,
    ],
    [
      "looks below requireAny too",
      "alice",
      requireNone(requireAny(requireFilter("(secretCode=*)"))),
      403,
    ],
    [
      "nests",
      "alice",
      requireAny(requireNone(requireValidUser()), requireAll(requireUser("alice"))),
      200,
    ],
    ["refuses who has no level", "alice", requireLevel(1), 403],
  ];
  for (const [what, username, by, status] of table) {
    it(`${what}: ${username}, ${JSON.stringify(by.rule)}`, async () => {
      const passwords: Record<string, string> = { multi: "multi-pw" };
      assert.equal(await statusOf(username, by, passwords[username]), status);
    });
  }

  it("asks a group for one member, in one operation, and never reads the list", async () => {
    directory.clearOperations();
    assert.equal(await statusOf("alice", requireGroup(group("admins"))), 200);
    const asked = directory.operations.filter(({ dn }) => dn.startsWith("cn=admins"));
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0]?.attributes, ["1.1"]);
  });

  it("asks nothing where the values at hand answer", async () => {
    directory.clearOperations();
    assert.equal(await statusOf("alice", requireAttribute("employeeType", "active")), 200);
    const operations = directory.operations.map(({ operation }) => operation);
    // Whichever of the two came first: they are asked at the same time.
    assert.deepEqual(operations.filter((name) => name !== "connect").toSorted(), [
      "bind",
      "search",
    ]);
  });
});

describe("allows", () => {
  async function allows(username: string | undefined, by: Guard) {
    guard = by;
    const request = supertest(protectedBy.url).get("/allows").set("Accept", "application/json");
    const { status, body } = await (username ? request.auth(username, `${username}-pw`) : request);
    return status === 200 ? body.allows : status;
  }

  it("tells what a guard would do, and answers nothing", async () => {
    assert.equal(await allows("alice", requireGroup(group("admins"))), true);
    assert.equal(await allows("bob", requireGroup(group("admins"))), false);
    assert.equal(await allows("bob", requireLevel(1)), false);
  });

  it("is an error where the directory could not be asked", async () => {
    const dn = "cn=admins,ou=groups,dc=domain,dc=org";
    const undo = directory.addFault({ fault: "result", on: "search", dn, resultCode: 52 });
    assert.equal(await allows("alice", requireGroup(group("admins"))), 503);
    undo();
  });

  it("is an error where no authnzLdap ran before", async () => {
    await assert.rejects(requireValidUser().allows({} as never), ConfigError);
  });
});

describe("requireLevel", () => {
  it("is an error of the set-up where nothing says what a level is", async () => {
    const records: string[] = [];
    const site = await protectedApp(
      {
        url: `${directory.url}/ou=People,dc=domain,dc=org?uid,mail,cn?sub`,
        log: ({ event, message }) => void records.push(`${event}: ${message}`),
      },
      (app) => app.get("/level", requireLevel(1), (_req, res) => void res.send("in")),
    );
    const answer = await supertest(site.url).get("/level").auth("alice", "alice-pw");
    assert.equal(answer.status, 500);
    assert.match(records.join(), /misconfigured: requireLevel does not know .* set levels:/);
    await site.close();
  });

  it("is an error of the set-up where it names another pattern", async () => {
    assert.equal(await statusOf("alice", requireLevel("Other_*")), 500);
  });
});

describe("a guard that could not ask", () => {
  let undo = () => {};
  afterEach(() => undo());

  for (const [what, by] of [
    ["requireGroup", requireGroup(group("admins"))],
    ["requireAll", requireAll(requireUser("alice"), requireGroup(group("admins")))],
    ["requireAny", requireAny(requireUser("bob"), requireGroup(group("admins")))],
    ["requireNone", requireNone(requireGroup(group("admins")))],
  ] as const) {
    for (const resultCode of [1, 2, 3, 51, 52, 53, 80]) {
      it(`answers 503: ${what}, result code ${resultCode}`, async () => {
        const dn = "cn=admins,ou=groups,dc=domain,dc=org";
        undo = directory.addFault({ fault: "result", on: "search", dn, resultCode });
        assert.equal(await statusOf("alice", by), 503);
      });
    }
  }

  it("lets in by another one that grants", async () => {
    const dn = "cn=admins,ou=groups,dc=domain,dc=org";
    undo = directory.addFault({ fault: "result", on: "search", dn, resultCode: 52 });
    const by = requireAny(requireGroup(group("admins")), requireUser("alice"));
    assert.equal(await statusOf("alice", by), 200);
  });

  it("answers 503 within the request's budget where the directory stalls", async () => {
    const dn = "cn=admins,ou=groups,dc=domain,dc=org";
    undo = directory.addFault({ fault: "stall", on: "search", dn });
    const start = performance.now();
    assert.equal(await statusOf("alice", requireGroup(group("admins"))), 503);
    assert(performance.now() - start < 3_000);
  });
});

describe("making a guard", () => {
  const wrong: readonly (readonly [string, () => Guard])[] = [
    ["requireUser()", () => requireUser()],
    ["requireUser('')", () => requireUser("")],
    ["requireUser(['a'])", () => requireUser(["alice"] as never)],
    ["requireGroup()", () => requireGroup()],
    ["requireGroup('admins')", () => requireGroup("admins")],
    ["requireGroup('')", () => requireGroup("")],
    ["requireDn('alice')", () => requireDn("alice")],
    ["requireAttribute('a')", () => requireAttribute("a")],
    ["requireAttribute('a b', 'c')", () => requireAttribute("a b", "c")],
    ["requireAttribute('a', undefined)", () => requireAttribute("a", undefined as never)],
    ["requireFilter('')", () => requireFilter("")],
    ["requireFilter('(a=b')", () => requireFilter("(a=b")],
    ["requireFilter('(a=%{password})')", () => requireFilter("(a=%{password})")],
    ["requireFilter('(a=%{dn)')", () => requireFilter("(a=%{dn)")],
    ["requireSearch('')", () => requireSearch("")],
    ["requireSearch with a wrong base", () => requireSearch("(a=b)", { base: "nowhere" })],
    ["requireSearch with a wrong scope", () => requireSearch("(a=b)", { scope: "all" as never })],
    [
      "requireSearch with an unknown option",
      () => requireSearch("(a=b)", { scop: "one" } as never),
    ],
    ["requireLevel(-1)", () => requireLevel(-1)],
    ["requireLevel(1.5)", () => requireLevel(1.5)],
    ["requireLevel(NaN)", () => requireLevel(Number.NaN)],
    ["requireLevel('')", () => requireLevel("")],
    ["requireLevel(undefined)", () => requireLevel(undefined as never)],
    ["requireAll()", () => requireAll()],
    ["requireAny()", () => requireAny()],
    ["requireNone()", () => requireNone()],
    ["requireAll(undefined)", () => requireAll(undefined as never)],
    ["requireAny of a handler", () => requireAny((() => {}) as never)],
  ];
  for (const [what, make] of wrong) {
    it(`refuses ${what} at once`, () => assert.throws(make, ConfigError));
  }
});
