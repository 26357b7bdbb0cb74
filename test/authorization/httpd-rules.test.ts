import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Person } from "../../src/authentication/person.ts";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { Decision } from "../../src/authorization/decision.ts";
import type { Question } from "../../src/authorization/question.ts";
import type { HttpdRule, Rule } from "../../src/authorization/rule.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { ConfigError } from "../../src/errors.ts";
import { openPeople, type People } from "../../src/open-people.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startCourse } from "../../src/web/as-httpd/course.ts";
import { prepareNaming } from "../../src/web/naming.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const PEOPLE = "ou=People,dc=domain,dc=org";
const GROUPS = "ou=Groups,dc=domain,dc=org";
const NOBODY: Person = { dn: "", username: "", attributes: {} };

let directory: TestDirectory;
const opened = new Map<string, People>();

before(async () => {
  directory = await startFixtureDirectory();
});
after(async () => {
  await Promise.all([...opened.values()].map((people) => people.directory.close()));
  await directory.close();
});

/** A line behind `Require`, as the importer would read it. */
function ruleOf(line: string): Rule {
  const [, isNot, type = "", argument = ""] = /^(not )?(\S+) ?(.*)$/s.exec(line) ?? [];
  const rule = { type, argument, ...SETTINGS[type] } as HttpdRule;
  return isNot
    ? { type: "all", rules: [{ type: "granted" }, { type: "not", rules: [rule] }] }
    : rule;
}

const SETTINGS: Readonly<Record<string, object>> = {
  "ldap-dn": { compareOnServer: false },
  "ldap-group": {
    memberAttributes: ["member", "uniqueMember"],
    memberIsDn: true,
    subGroupAttributes: ["member", "uniqueMember"],
    subGroupClasses: ["groupOfNames", "groupOfUniqueNames"],
    maxSubGroupDepth: 10,
  },
};

interface Asked {
  /** What stands behind the base in the URL. Default: `?uid`. */
  readonly url?: string;
  /** Nobody is signed in with undefined. */
  readonly name?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** As another provider let them in: the entry has to be looked up. */
  readonly elsewhere?: boolean;
}

function peopleOf(url: string): People {
  const known = opened.get(url);
  if (known) return known;
  const people = openPeople(resolveLdap({ url: `${directory.url}/${PEOPLE}${url}` }, () => {}));
  opened.set(url, people);
  return people;
}

/** What a request would leave behind, besides the decision. */
interface Answer {
  readonly decision: Decision;
  readonly env: Readonly<Record<string, string>>;
}

async function ask(rule: Rule, asked: Asked = {}): Promise<Answer> {
  const { url = "?uid", headers = {}, elsewhere = false } = asked;
  const name = "name" in asked ? asked.name : "alice";
  const people = peopleOf(url);
  const deadline = startDeadline(2_000);
  const lookUp = () => people.lookUp()(name ?? "", deadline);
  const login = name === undefined || elsewhere ? undefined : await lookUp();
  const naming = prepareNaming(people.settings.url, "name", "AUTHORIZE_");
  const course = startCourse(name ?? "", name ?? "", login, naming, lookUp);
  const person: Person | undefined =
    name === undefined ? undefined : (login ?? { dn: "", username: name, attributes: {} });
  const question: Question = {
    ...(person && { person, course }),
    identities: people.identities(person ?? NOBODY, undefined),
    deadline,
    url: people.settings.url,
    levels: undefined,
    request: {
      method: "GET",
      clientAddress: "127.0.0.1",
      serverAddress: "127.0.0.1",
      variable: (key) => (key === "REMOTE_USER" ? name : undefined),
      header: (key) => headers[key.toLowerCase()],
      env: () => undefined,
    },
  };
  const decision = await compileRule(rule)(question);
  const env = [...course.variables.values()].map((one) => [one.name, one.value] as const);
  return { decision, env: Object.fromEntries(env) };
}

async function outcome(line: string, asked?: Asked): Promise<string> {
  return (await ask(ruleOf(line), asked)).decision.outcome;
}

type Case = readonly [line: string, name: string, expected: "granted" | "denied", more?: Asked];

describe("mod_authnz_ldap's rules", () => {
  const table: readonly Case[] = [
    ["ldap-user alice", "alice", "granted"],
    ["ldap-user alice", "bob", "denied"],
    ["ldap-user ALICE", "alice", "granted"],
    ['ldap-user "alice" "bob"', "bob", "granted"],
    ["ldap-user Alice Adams", "Alice Adams", "granted", { url: "?cn,uid" }],
    ["ldap-user Alice Adams", "Bob Brown", "denied", { url: "?cn,uid" }],
    ["ldap-user alice,bob", "alice", "denied"],
    ["ldap-user al*", "alice", "denied"],
    ["ldap-user bob\talice", "alice", "granted"],
    ["ldap-user bob\u00a0alice", "alice", "denied"],
    ["ldap-user bob\\talice", "alice", "granted"],
    ["ldap-user back\\slash", "back\\slash", "denied"],
    ["ldap-user back\\\\slash", "back\\slash", "granted"],
    ["ldap-user a*b paren(x)", "paren(x)", "granted"],
    ["ldap-user alice@domain.org", "a.adams@domain.org", "granted", { url: "?mail,uid" }],

    ["ldap-attribute employeeType=active", "alice", "granted"],
    ["ldap-attribute employeeType=active", "bob", "denied"],
    ["ldap-attribute employeeType=retired mail=alice@domain.org", "alice", "granted"],
    ['ldap-attribute employeeType="full time"', "alice", "granted"],
    ["ldap-attribute employeeType='full time'", "alice", "granted"],
    ["ldap-attribute employeeType=full time", "alice", "denied"],
    ["ldap-attribute employeeType = active", "alice", "denied"],
    ["ldap-attribute employeeType= active", "alice", "granted"],
    ["ldap-attribute employeeType =active", "alice", "denied"],
    ['ldap-attribute "employeeType=active"', "alice", "denied"],
    ['ldap-attribute employeeType=""', "alice", "denied"],
    ["ldap-attribute employeeType", "alice", "denied"],
    ["ldap-attribute mail=*", "alice", "denied"],
    ["ldap-attribute noSuchAttr=x employeeType=active", "alice", "granted"],
    ['ldap-attribute title="\\\\"quoted\\\\" title"', "semi", "granted"],
    ['ldap-attribute title="\\"quoted\\" title"', "semi", "denied"],
    ['ldap-attribute uid="back\\\\\\\\slash"', "back\\slash", "granted"],
    ["ldap-attribute uid=back\\\\\\\\slash", "back\\slash", "granted"],
    ["ldap-attribute exactCode=CASEMATTERS", "alice", "denied"],

    [`ldap-dn uid=alice,${PEOPLE}`, "alice", "granted"],
    [`ldap-dn uid=alice,${PEOPLE}`, "bob", "denied"],
    [`ldap-dn UID=alice,${PEOPLE}`, "alice", "denied"],
    [`ldap-dn uid=alice, ${PEOPLE}`, "alice", "denied"],
    [`ldap-dn uid=comma\\\\,user,${PEOPLE}`, "comma,user", "denied"],
    [`ldap-dn uid=comma\\\\2Cuser,${PEOPLE}`, "comma,user", "granted"],
    [`ldap-dn uid=%{REMOTE_USER},${PEOPLE}`, "comma,user", "granted"],

    ["ldap-filter employeeType=active", "alice", "granted"],
    ["ldap-filter employeeType=active", "bob", "denied"],
    ["ldap-filter (employeeType=active)", "alice", "denied"],
    ["ldap-filter &(mail=*)(employeeType=active)", "alice", "granted"],
    ["ldap-filter mail=*)(employeeType=active", "alice", "granted"],
    ["ldap-filter (mail=*)(employeeType=active)", "alice", "denied"],
    ["ldap-filter mail=*)(|(uid=*)", "bob", "granted"],
    ["ldap-filter mail=*))(|(uid=*", "bob", "denied"],
    ["ldap-filter mail=*))(&(mail=*", "bob", "denied"],
    ["ldap-filter !(employeeType=retired)", "alice", "granted"],
    ["ldap-filter none", "frank", "granted"],
    ["ldap-filter uid=%{REMOTE_USER}", "a*b", "granted"],
    ["ldap-filter (uid=%{REMOTE_USER})", "alice", "denied"],
    ["ldap-filter uid=a\\\\2ab", "a*b", "granted"],
    ["ldap-filter uid=a\\\\2ab", "aXb", "denied"],
    ["ldap-filter uid=dup1", "Dup Name", "denied", { url: "?cn,uid??(uid=dup2)" }],
    ["ldap-filter objectClass=*", "Dup Name", "denied", { url: "?cn,uid??(uid=dup2)" }],

    ["ldap-search (uid=%{REMOTE_USER})", "alice", "granted"],
    ["ldap-search uid=bob", "alice", "granted"],
    ["ldap-search (mail=*)", "alice", "denied"],
    ["ldap-search (uid=nobody)", "alice", "denied"],
    ["ldap-search (uid=alice", "alice", "denied"],
    ["ldap-search &(uid=alice)(mail=*)", "alice", "denied"],
    ["ldap-search (&(uid=%{REMOTE_USER})(mail=*))", "frank", "denied"],

    [`ldap-group cn=admins,${GROUPS}`, "alice", "granted"],
    [`ldap-group cn=admins,${GROUPS}`, "bob", "denied"],
    [`ldap-group cn=Web\\\\2C Admins & Co,${GROUPS}`, "jane", "granted"],
    [`ldap-group "cn=admins,${GROUPS}"`, "alice", "denied"],
    [`ldap-group cn=missing,${GROUPS}`, "alice", "denied"],
  ];
  for (const [line, name, expected, more = {}] of table) {
    it(`${expected}: ${JSON.stringify(line)} for ${name}`, async () => {
      assert.equal(await outcome(line, { name, ...more }), expected);
    });
  }

  it("ask nothing, and depend on who it is, before the login", async () => {
    directory.clearOperations();
    for (const line of [
      "ldap-user alice",
      "ldap-attribute a=b",
      "ldap-filter a=b",
      `ldap-dn ${PEOPLE}`,
    ]) {
      assert.equal(await outcome(line, { name: undefined }), "no-user");
    }
    assert.equal(await outcome(`ldap-group cn=admins,${GROUPS}`, { name: undefined }), "no-user");
    for (const line of ["ldap-search (uid=alice)", "ldap-search (uid=%{HTTP:X})"]) {
      assert.equal(await outcome(line, { name: undefined, headers: { x: "alice" } }), "no-user");
    }
    assert.deepEqual(directory.operations, []);
  });

  it("of which ldap-search is a no before the login where only a login tells what to look for", async () => {
    for (const line of ["ldap-search (uid=%{REMOTE_USER})", "ldap-search (uid=alice"]) {
      assert.equal(await outcome(line, { name: undefined }), "denied");
      const any: Rule = { type: "any", rules: [ruleOf(line), ruleOf("ldap-user alice")] };
      assert.equal((await ask(any, { name: undefined })).decision.outcome, "no-user");
      assert.equal((await ask(any)).decision.outcome, "granted");
    }
  });

  it("find the server's spelling with AuthLDAPCompareDNOnServer", async () => {
    const dn = (argument: string): Rule => ({ type: "ldap-dn", argument, compareOnServer: true });
    const granted = async (argument: string, name: string) =>
      (await ask(dn(argument), { name })).decision.outcome === "granted";
    assert(await granted("UID=Alice, OU=people,DC=domain,DC=org", "alice"));
    assert(await granted(`uid=comma\\\\,user,${PEOPLE}`, "comma,user"));
    assert(await granted(`uid=%{REMOTE_USER},${PEOPLE}`, "comma,user"));
    assert(!(await granted(`uid=bob,${PEOPLE}`, "alice")));
    assert(!(await granted(`uid=nobody,${PEOPLE}`, "alice")));
    assert(!(await granted("alice", "alice")));
    assert(!(await granted(`"uid=alice,${PEOPLE}"`, "alice")));
  });

  it("look up by name whoever another provider let in, and deny whom the directory does not know", async () => {
    const { decision, env } = await ask(ruleOf("ldap-user alice"), { elsewhere: true });
    assert.equal(decision.outcome, "granted");
    assert.equal(env.AUTHENTICATE_UID, "alice");
    const unknown = { name: "fileonly", elsewhere: true };
    assert.equal(await outcome("ldap-user fileonly", unknown), "denied");
    assert.equal(await outcome("ldap-attribute employeeType=active", unknown), "denied");
    assert.equal(await outcome(`ldap-group cn=admins,${GROUPS}`, unknown), "denied");
    assert.equal(await outcome("ldap-filter none", unknown), "denied");
    assert.equal(await outcome("ldap-search (uid=bob)", unknown), "granted");
  });
});

describe("what is put into an argument", () => {
  type Attack = readonly [line: string, header: string, why: string];
  const attacks: readonly Attack[] = [
    ["ldap-user %{HTTP:X}x", "alice ", "a word more"],
    ["ldap-user x%{HTTP:X}", " alice", "a word more in front"],
    ["ldap-user x %{HTTP:X}", "y alice", "two words for one"],
    ["ldap-user %{HTTP:X}", '"alice"', "quotes"],
    ["ldap-user %{HTTP:X}", "al*", "a star"],
    ["ldap-attribute employeeType=%{HTTP:X}", "x employeeType=active", "a pair more"],
    ["ldap-attribute employeeType=%{HTTP:X}", '"active"', "quotes"],
    ['ldap-attribute employeeType="%{HTTP:X}"', 'x" employeeType="active', "a way out of quotes"],
    ["ldap-attribute employeeType=%{HTTP:X}", "*", "a star"],
    ["ldap-attribute employeeType=%{HTTP:X}", "", "nothing"],
    ["ldap-filter employeeType=%{HTTP:X}", "*", "a star"],
    ["ldap-filter employeeType=%{HTTP:X}", "x)(|(uid=*)", "a part more"],
    ["ldap-filter employeeType=%{HTTP:X}", "\\2a", "an escaped star"],
    ["ldap-filter mail=%{HTTP:X}*", "", "nothing before a star"],
    ["ldap-filter mail=*%{HTTP:X}*", "", "nothing between stars"],
    ["ldap-filter employeeType=%{HTTP:X}", "", "nothing"],
    ["ldap-search (uid=%{HTTP:X})", "ali*", "a star"],
    ["ldap-search (uid=%{HTTP:X})", "x)(uid=alice", "a part more"],
    ["ldap-search (|(uid=%{HTTP:X})(uid=y))", "x)(uid=alice", "a part of an or more"],
    [`ldap-dn uid=%{HTTP:X},${PEOPLE}`, `alice,${PEOPLE}`, "RDNs"],
    [`ldap-dn uid=%{HTTP:X}`, `alice,${PEOPLE}`, "RDNs at the end"],
    [`ldap-group cn=%{HTTP:X}`, `admins,${GROUPS}`, "RDNs of a group"],
    [`ldap-group cn=%{HTTP:X},${GROUPS}`, "staff+cn=admins", "a part of an RDN"],
  ];
  for (const [line, header, why] of attacks) {
    it(`can't be ${why}: ${line}`, async () => {
      assert.equal(await outcome(line, { headers: { x: header } }), "denied");
    });
  }

  it("counts where it is what the administrator asked for", async () => {
    const headers = {
      x: "active",
      name: "alice",
      dn: `uid=alice,${PEOPLE}`,
      group: `cn=admins,${GROUPS}`,
    };
    for (const line of [
      "ldap-user %{HTTP:Name}",
      "ldap-user bob %{HTTP:Name}",
      "ldap-attribute employeeType=%{HTTP:X}",
      'ldap-attribute employeeType="%{HTTP:X}" mail=x',
      "ldap-filter employeeType=%{HTTP:X}",
      "ldap-filter &(employeeType=%{HTTP:X})(uid=*%{HTTP:Name}*)",
      "ldap-search (&(uid=%{HTTP:Name})(employeeType=%{HTTP:X}))",
      "ldap-filter uid=%{ldap:%{HTTP:Name}}",
      "ldap-dn %{HTTP:Dn}",
      "ldap-group %{HTTP:Group}",
    ]) {
      assert.equal(await outcome(line, { headers }), "granted", line);
    }
  });

  it("is what it was before %{ldap:…} escaped it", async () => {
    const headers = { x: "a*b" };
    assert.equal(
      await outcome("ldap-filter uid=%{ldap:%{HTTP:X}}", { name: "a*b", headers }),
      "granted",
    );
    assert.equal(
      await outcome("ldap-filter uid=%{ldap:%{HTTP:X}}", { name: "aXb", headers }),
      "denied",
    );
  });

  for (const line of [
    "ldap-attribute %{HTTP:X}=active",
    "ldap-attribute %{HTTP:X}",
    "ldap-attribute a=b employee%{HTTP:X}=active",
    "ldap-filter %{HTTP:X}",
    "ldap-filter %{HTTP:X}=active",
    "ldap-filter &(mail=*)(%{HTTP:X})",
    "ldap-filter uid%{HTTP:X}=alice",
    "ldap-filter uid:%{HTTP:X}:=alice",
    "ldap-search %{HTTP:X}",
    "ldap-search (%{HTTP:X}(uid=alice)(uid=bob))",
    "ldap-filter mail=\u{10ffff}%{HTTP:X}",
  ]) {
    it(`is refused at start where it would be more than a value: ${line}`, () => {
      assert.throws(() => compileRule(ruleOf(line)), ConfigError);
    });
  }

  it("is refused at start if it is unknown", () => {
    assert.throws(() => compileRule(ruleOf("ldap-user %{NO_SUCH_THING}")), ConfigError);
    assert.throws(() => compileRule(ruleOf("ldap-user a\0b")), ConfigError);
  });
});

describe("what httpd's rules leave behind", () => {
  it("is AUTHORIZE_* of an ldap-* rule that granted, also where others decide", async () => {
    const all: Rule = { type: "all", rules: [ruleOf("ldap-user alice"), { type: "denied" }] };
    const { decision, env } = await ask({ type: "any", rules: [all, { type: "valid-user" }] });
    assert.equal(decision.outcome, "granted");
    assert.equal(env.AUTHORIZE_UID, "alice");
  });

  it("is nothing of a rule that was not asked, or did not grant", async () => {
    const rules = [{ type: "valid-user" } as const, ruleOf("ldap-user alice")];
    assert.equal((await ask({ type: "any", rules })).env.AUTHORIZE_UID, undefined);
    assert.equal((await ask(ruleOf("ldap-user bob"))).env.AUTHORIZE_UID, undefined);
  });

  it("is nothing of what stands behind a rule that could not be asked, as that is a no in httpd", async () => {
    for (const broken of [`ldap-group cn=missing,${GROUPS}`, "ldap-filter (broken"]) {
      const all: Rule = {
        type: "all",
        rules: [ruleOf(broken), ruleOf("ldap-user alice"), ruleOf("ldap-search (uid=bob)")],
      };
      const rules: readonly Rule[] = [all, ruleOf("ldap-user bob"), { type: "valid-user" }];
      const { decision, env } = await ask({ type: "any", rules });
      assert.equal(decision.outcome, "granted");
      assert.equal(env.AUTHORIZE_UID, undefined, broken);
    }
  });

  it("is the entry of ldap-search, for the variables and for the rules behind it", async () => {
    const all = (line: string): Rule => ({
      type: "all",
      rules: [ruleOf("ldap-search (uid=bob)"), ruleOf(line)],
    });
    const url = "?uid,cn";
    assert.equal((await ask(all("ldap-user alice"), { url })).decision.outcome, "denied");
    const { decision, env } = await ask(all("ldap-user bob"), { url });
    assert.equal(decision.outcome, "granted");
    assert.equal(env.AUTHENTICATE_CN, "Alice Adams");
    assert.equal(env.AUTHORIZE_CN, "Bob Brown");
  });
});

describe("a negated rule of httpd's", () => {
  it("lets in whom the rule does not hold for", async () => {
    for (const line of [
      "ldap-user bob",
      "ldap-attribute employeeType=retired",
      "ldap-filter employeeType=retired",
    ]) {
      assert.equal(await outcome(`not ${line}`), "granted", line);
    }
    assert.equal(await outcome("not ldap-user alice"), "denied");
  });

  it("refuses where the rule could not be asked, other than in httpd", async () => {
    for (const line of [
      `ldap-group cn=missing,${GROUPS}`,
      "ldap-filter (mail",
      "ldap-attribute noSuchAttr=x",
      'ldap-attribute "employeeType=retired"',
      "ldap-dn",
    ]) {
      const rule = ruleOf(`not ${line}`);
      const server: Rule =
        line === "ldap-dn"
          ? {
              type: "all",
              rules: [
                { type: "granted" },
                {
                  type: "not",
                  rules: [{ type: "ldap-dn", argument: `uid=x,${PEOPLE}`, compareOnServer: true }],
                },
              ],
            }
          : rule;
      assert.equal((await ask(server)).decision.outcome, "denied", line);
    }
  });
});

describe("a filter of httpd's that is none", () => {
  it("is told at start, and never asked", async () => {
    const told: string[] = [];
    compileRule(ruleOf("ldap-filter (employeeType=active)"), (message) => void told.push(message));
    compileRule(ruleOf("ldap-filter employeeType=active"), (message) => void told.push(message));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /\(employeeType=active\).* never holds/);
    await ask(ruleOf("valid-user"));
    directory.clearOperations();
    await outcome("ldap-filter (employeeType=active)");
    // That of the login only.
    assert.equal(directory.operations.filter(({ operation }) => operation === "search").length, 1);
  });
});
