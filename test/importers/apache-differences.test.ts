import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import express from "express";
import { ConfigError } from "../../src/errors.ts";
import { fromApacheConfig } from "../../src/from-apache-config.ts";
import type { LogRecord } from "../../src/log.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { environment } from "../../src/web/environment.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

/*
 * The list of docs/coming-from-apache.md, one test per number.
 */

const PEOPLE = "ou=people,dc=domain,dc=org";
const GROUPS = "ou=groups,dc=domain,dc=org";

let directory: TestDirectory;
let folder: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = await mkdtemp(join(tmpdir(), "differences-"));
  const sha1 = createHash("sha1").update("file-pw").digest("base64");
  await writeFile(join(folder, "htpasswd"), `alice:{SHA}${sha1}\n`);
});
after(async () => {
  await directory.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly retryAfter: string | null;
  /** Of an answer that is the app's. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Protected {
  readonly records: readonly LogRecord[];
  readonly get: (
    credentials?: string | Buffer,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

/** A section for all paths with these lines, and an app behind it that shows its environment. */
function section(...lines: readonly string[]): string {
  const text = ["AuthType Basic", 'AuthName "Intranet"', "AuthBasicProvider ldap", ...lines];
  return ["<Location />", ...text, "</Location>"].join("\n");
}

/** The same, with a password file that holds alice's login. */
function withFile(...lines: readonly string[]): string {
  const text = section(`AuthUserFile "${join(folder, "htpasswd")}"`, ...lines);
  return text.replace("AuthBasicProvider ldap", "AuthBasicProvider file");
}

function url(rest = "?uid,mail,MyWebAccess", { port = directory.port } = {}): string {
  return `AuthLDAPURL "ldap://127.0.0.1:${port}/${PEOPLE}${rest}"`;
}

async function protectedBy(text: string, ask: (app: Protected) => Promise<void>): Promise<void> {
  const records: LogRecord[] = [];
  const protection = fromApacheConfig(text, { log: (record) => void records.push(record) });
  const app = express();
  app.use(protection);
  app.use((req, res) => void res.json(environment(req)));
  const server = app.listen(0, "127.0.0.1");
  try {
    await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
    const { port } = server.address() as AddressInfo;
    await ask({
      records,
      async get(credentials, headers = {}) {
        const encoded =
          credentials === undefined ? "" : Buffer.from(credentials).toString("base64");
        const response = await fetch(`http://127.0.0.1:${port}/`, {
          headers: { ...headers, ...(encoded ? { authorization: `Basic ${encoded}` } : {}) },
        });
        const body = await response.text();
        return {
          status: response.status,
          challenge: response.headers.get("www-authenticate"),
          retryAfter: response.headers.get("retry-after"),
          environment: response.ok ? JSON.parse(body) : {},
        };
      },
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await protection.close();
  }
}

function assertUnavailable({ status, challenge, retryAfter }: Answer): void {
  assert.deepEqual([status, challenge], [503, null]);
  assert.match(retryAfter ?? "", /^\d+$/);
}

function refusesToStart(text: string, message: RegExp): void {
  assert.throws(
    () => fromApacheConfig(text, { log: () => {} }),
    (error) => error instanceof ConfigError && message.test(error.message),
  );
}

describe("the deliberate differences from httpd", () => {
  it("1: no server could answer is 503 with Retry-After, at login and at a Require", async () => {
    const gone = await startFixtureDirectory();
    const login = section(url(undefined, gone), "Require valid-user");
    await protectedBy(login, async ({ get }) => {
      assert.equal((await get("alice:alice-pw")).status, 200);
      await gone.stop();
      assertUnavailable(await get("alice:alice-pw"));
    });
    await protectedBy(
      withFile(url(undefined, gone), "Require ldap-user alice"),
      async ({ get }) => {
        assertUnavailable(await get("alice:file-pw"));
        assert.equal((await get("alice:wrong")).status, 401);
        await gone.start();
        assert.equal((await get("alice:file-pw")).status, 200);
      },
    );
    await gone.close();
  });

  it("2: a refused service account is 503 and a loud record, not the visitor's wrong password", async () => {
    const account = `AuthLDAPBindDN "cn=reader,ou=services,dc=domain,dc=org"`;
    const text = section(url(), account, "AuthLDAPBindPassword s3cret-typo", "Require valid-user");
    await protectedBy(text, async ({ get, records }) => {
      const { status, challenge } = await get("alice:alice-pw");
      assert.deepEqual([status, challenge], [503, null]);
      const found = records.find(({ event }) => event === "service-account-refused");
      assert.equal(found?.level, "error");
      assert.doesNotMatch(JSON.stringify(records), /s3cret/);
    });
  });

  it("3: a `not` of what could not be asked lets nobody in", async () => {
    const no = (group: string) =>
      section(
        url(),
        "<RequireAll>",
        "Require valid-user",
        `Require not ldap-group cn=${group},${GROUPS}`,
        "</RequireAll>",
      );
    await protectedBy(no("no-such-group"), async ({ get }) => {
      assert.notEqual((await get("alice:alice-pw")).status, 200);
    });
    await protectedBy(no("admins"), async ({ get }) => {
      assert.equal((await get("alice:alice-pw")).status, 401);
      assert.equal((await get("bob:bob-pw")).status, 200);
    });
    const gone = await startFixtureDirectory();
    await gone.close();
    const nobodyToAsk = withFile(
      url(undefined, gone),
      "<RequireAll>",
      "Require valid-user",
      `Require not ldap-group cn=admins,${GROUPS}`,
      "</RequireAll>",
    );
    await protectedBy(nobodyToAsk, async ({ get }) => {
      assertUnavailable(await get("alice:file-pw"));
    });
  });

  it("4: ldap-search opens nothing for a request without a login", async () => {
    await protectedBy(section(url(), "Require ldap-search (uid=alice)"), async ({ get }) => {
      assert.equal((await get()).status, 401);
      assert.equal((await get("alice:wrong")).status, 401);
    });
    const text = section(url(), "Require ldap-search (uid=alice)", "Require ldap-user bob");
    await protectedBy(text, async ({ get }) => {
      assert.equal((await get()).status, 401);
      assert.equal((await get("bob:bob-pw")).status, 200);
    });
  });

  it("5: a DN that was found equal for one is not for the next", async () => {
    const dn = `Require ldap-dn uid=alice,${PEOPLE}`;
    const text = section(url(), "AuthLDAPCompareDNOnServer on", dn);
    await protectedBy(text, async ({ get }) => {
      assert.equal((await get("bob:bob-pw")).status, 401);
      assert.equal((await get("alice:alice-pw")).status, 200);
      assert.equal((await get("bob:bob-pw")).status, 401);
    });
  });

  it("6: what a header puts in adds no word, no pair and no part of a filter", async () => {
    const attacks: readonly (readonly [string, string, string])[] = [
      ["ldap-user %{HTTP:X-Who}", "bob", "bob alice"],
      ["ldap-attribute uid=%{HTTP:X-Who}", "alice", "nobody uid=alice"],
      ["ldap-filter uid=%{HTTP:X-Who}", "alice", "*"],
      ["ldap-filter uid=%{HTTP:X-Who}", "alice", "nobody)(|(uid=alice)"],
    ];
    for (const [require, honest, attack] of attacks) {
      await protectedBy(section(url(), `Require ${require}`), async ({ get }) => {
        const sent = `${honest}:${honest}-pw`;
        assert.equal((await get(sent, { "x-who": honest })).status, 200, require);
        assert.equal((await get("alice:alice-pw", { "x-who": attack })).status, 401, attack);
      });
    }
  });

  it("6: a name is escaped in AuthLDAPInitialBindPattern", async () => {
    const text = section(
      url(),
      "AuthLDAPInitialBindAsUser on",
      `AuthLDAPInitialBindPattern "(.+)" "uid=$1,${PEOPLE}"`,
      "Require valid-user",
    );
    await protectedBy(text, async ({ get }) => {
      assert.equal((await get("alice:alice-pw")).status, 200);
      assert.equal((await get(`alice,${PEOPLE}:alice-pw`)).status, 401);
      const { status, environment: variables } = await get("comma,user:comma,user-pw");
      assert.equal(status, 200);
      assert.equal(variables.LDAP_BINDASUSER, `uid=comma\\,user,${PEOPLE}`);
    });
  });

  it("7: NUL in a name or a password is 401", async () => {
    await protectedBy(section(url(), "Require valid-user"), async ({ get }) => {
      assert.equal((await get("alice:alice-pw")).status, 200);
      for (const attack of ["alice:alice-pw\0", "alice:alice-pw\0x", "alice\0:alice-pw", "\0"]) {
        assert.equal((await get(attack)).status, 401, JSON.stringify(attack));
      }
    });
  });

  it("8: what httpd finds wrong at a request is refused at start", () => {
    const open = (...lines: readonly string[]) => `<Location />\n${lines.join("\n")}\n</Location>`;
    refusesToStart(
      open("AuthType Basic", "AuthBasicProvider ldap", url(), "Require valid-user"),
      /httpd\.conf:5: Require: there is no AuthName/,
    );
    refusesToStart(open(url(), "AuthName a", "Require valid-user"), /:4: Require: .*no AuthType/);
    refusesToStart(section(url()), /:2: AuthType: there is no Require/);
    refusesToStart(section("Require valid-user"), /:4: AuthBasicProvider: .*needs an AuthLDAPURL/);
    refusesToStart(
      section(url(), "AuthLDAPBindDN cn=a", "Require valid-user"),
      /:6: AuthLDAPBindDN: there is no AuthLDAPBindPassword/,
    );
    refusesToStart(section(url("?uid?sub?((mail=*))"), "Require valid-user"), /:5: AuthLDAPURL: /);
  });

  it("9: broken percent escapes in the URL are refused at start", () => {
    for (const rest of ["?uid?sub?(cn=%zz)", "%4?uid", "?u%"]) {
      refusesToStart(section(url(rest), "Require valid-user"), /:5: AuthLDAPURL: .*(?:%|percent)/i);
    }
  });

  it("10: `_` works in the name of an attribute", async () => {
    const underscored = await startFixtureDirectory({
      schema:
        "attributetype ( 1.3.6.1.4.1.55555.1 NAME 'web_role' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
      ldif: [
        "dn: dc=domain,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: domain",
        "dn: uid=alice,dc=domain,dc=org\nobjectClass: person\nobjectClass: uidObject\nobjectClass: extensibleObject",
      ]
        .map((entry, index) =>
          index === 0
            ? entry
            : `${entry}\nuid: alice\ncn: a\nsn: a\nweb_role: admin\nuserPassword: alice-pw`,
        )
        .join("\n\n"),
    });
    try {
      const host = `ldap://127.0.0.1:${underscored.port}/dc=domain,dc=org`;
      const lines = (role: string) =>
        section(
          `AuthLDAPURL "${host}?uid,web_role?sub?(web_role=${role})"`,
          "Require ldap-filter web_role=admin",
        );
      await protectedBy(lines("admin"), async ({ get }) => {
        const { status, environment: variables } = await get("alice:alice-pw");
        assert.equal(status, 200);
        assert.equal(variables.AUTHENTICATE_WEB_ROLE, "admin");
      });
      await protectedBy(lines("other"), async ({ get }) => {
        assert.equal((await get("alice:alice-pw")).status, 401);
      });
    } finally {
      await underscored.close();
    }
  });

  it("11: an IPv6 address in brackets keeps its port as the first host, and the hosts after it", async () => {
    const first = `[::1]:${await closedPort()}`;
    const line = `AuthLDAPURL "ldap://${first} 127.0.0.1:${directory.port}/${PEOPLE}?uid"`;
    await protectedBy(section(line, "Require valid-user"), async ({ get }) => {
      assert.equal((await get("alice:alice-pw")).status, 200);
      assert.equal((await get("alice:wrong")).status, 401);
    });
    const protection = fromApacheConfig(section(line, "Require valid-user"), { log: () => {} });
    const servers = protection.health().flatMap((each) => each.servers.map(({ server }) => server));
    assert.deepEqual(servers, [`ldap://${first}`, `ldap://127.0.0.1:${directory.port}`]);
    await protection.close();
  });

  it("12: two AuthLDAPURL, and an inner AuthLDAP directive that drops the outer ones, are refused", () => {
    refusesToStart(
      section(url(), url(), "Require valid-user"),
      /:6: AuthLDAPURL: .*line 5 already/,
    );
    const outer = section(url(), "Require valid-user");
    refusesToStart(
      `${outer}\n<Location /a>\nAuthLDAPRemoteUserIsDN on\n</Location>`,
      /:9: AuthLDAPRemoteUserIsDN: it drops AuthLDAPURL of line 5/,
    );
  });

  it("13: values that are not UTF-8 are base64", async () => {
    const raw = await startFixtureDirectory();
    try {
      raw.apply(
        `dn: uid=alice,${PEOPLE}\nchangetype: modify\nreplace: jpegPhoto\njpegPhoto:: ${Buffer.from([0xff, 0xd8, 1]).toString("base64")}\n-\n`,
      );
      const text = section(url("?uid,jpegPhoto,mail", raw), "Require valid-user");
      await protectedBy(text, async ({ get }) => {
        const { environment: variables } = await get("alice:alice-pw");
        assert.match(variables.AUTHENTICATE_JPEGPHOTO ?? "", /\/9gB$/);
        assert.match(variables.AUTHENTICATE_MAIL ?? "", /@/);
      });
    } finally {
      await raw.close();
    }
  });

  it("14: whoever lacks the attribute of AuthLDAPRemoteUserAttribute gets 403", async () => {
    const text = section(
      url("?uid,pager"),
      "AuthLDAPRemoteUserAttribute pager",
      "Require valid-user",
    );
    await protectedBy(text, async ({ get }) => {
      const { status, challenge } = await get("alice:alice-pw");
      assert.deepEqual([status, challenge], [403, null]);
      assert.equal((await get("alice:wrong")).status, 401);
    });
  });

  it("15: a changed password and a changed entry count at the next request", async () => {
    const changing = await startFixtureDirectory();
    try {
      const text = section(url("?uid", changing), "Require ldap-attribute employeeType=k1");
      await protectedBy(text, async ({ get }) => {
        const change = (what: string, value: string) =>
          changing.apply(
            `dn: uid=alice,${PEOPLE}\nchangetype: modify\nreplace: ${what}\n${what}: ${value}\n-\n`,
          );
        change("employeeType", "k1");
        assert.equal((await get("alice:alice-pw")).status, 200);
        change("userPassword", "new-pw");
        assert.equal((await get("alice:alice-pw")).status, 401);
        assert.equal((await get("alice:new-pw")).status, 200);
        change("employeeType", "k2");
        assert.equal((await get("alice:new-pw")).status, 401);
      });
    } finally {
      await changing.close();
    }
  });

  it("16: a referral is not followed, and the other server hears nothing", async () => {
    const other = await startFixtureDirectory();
    const referring = await startFixtureDirectory();
    try {
      referring.apply(
        `dn: uid=alice,${PEOPLE}\nchangetype: delete\n\ndn: ou=away,${PEOPLE}\nchangetype: add\nobjectClass: referral\nobjectClass: extensibleObject\nou: away\nref: ldap://127.0.0.1:${other.port}/${PEOPLE}\n`,
      );
      const text = section(url("?uid", referring), "LDAPReferrals On", "Require valid-user");
      await protectedBy(text, async ({ get }) => {
        assert.equal((await get("bob:bob-pw")).status, 200);
        assert.equal((await get("alice:alice-pw")).status, 401);
        assert.equal(other.operations.length, 0);
      });
    } finally {
      await referring.close();
      await other.close();
    }
  });
});

async function closedPort(): Promise<number> {
  const gone = await startFixtureDirectory();
  await gone.close();
  return gone.port;
}
