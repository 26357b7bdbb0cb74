import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fromDovecotConfig } from "../../../src/importers/dovecot/from-dovecot-config.ts";
import { environment, requireValidUser } from "../../../src/index.ts";
import type { TestDirectory } from "../../../src/testing/index.ts";
import { type ProtectedApp, protectedApp } from "../../support/protected-app.ts";
import { RECORDED_PEOPLE } from "../../support/recorded-people.ts";
import { STORED_READER, startStoredPeople } from "../../support/stored-people.ts";

/** One LOGIN at a real Dovecot, and its reply. */
interface RecordedLogin {
  readonly config: string;
  readonly where: string;
  readonly tls: boolean;
  readonly command: string;
  readonly user: string;
  readonly password: string;
  readonly what?: string;
  readonly reply: string;
}

const RECORDING = new URL("../../fixtures/dovecot/imap.json", import.meta.url);

const READER = `dn = ${STORED_READER.bindDn}\ndnpass = ${STORED_READER.bindPassword}`;
const STORED = `auth_bind = no\n${READER}\npass_attrs = uid=user,userPassword=password`;

/** What the dovecot-ldap.conf.ext of each recorded configuration said, beyond where the people are. */
const CONFIGS: Readonly<Record<string, string>> = {
  "seed before: plain, auth_bind=yes, ssl=yes": `auth_bind = yes\n${READER}`,
  "plain, auth_bind=yes, auth_bind_userdn":
    "auth_bind = yes\nauth_bind_userdn = uid=%n,ou=stored,dc=example,dc=org",
  "plain login cram-md5, auth_bind=no, ssl=yes": `${STORED}\ndefault_pass_scheme = PLAIN`,
  "plain cram-md5, default_pass_scheme=CRAM-MD5": `${STORED}\ndefault_pass_scheme = CRAM-MD5`,
  "plain cram-md5, default_pass_scheme unset (CRYPT)": STORED,
  "plain, auth_bind=no, anonymous lookup dn": "auth_bind = no\ndefault_pass_scheme = PLAIN",
};

/** Where we answer otherwise, by the name, and why; all that we answer instead is said in the test. */
const LET_IN: Readonly<Record<string, string>> = {
  "star*": "any letter may be in a name: none is filter syntax (Dovecot's auth_username_chars)",
  "plain ": "a blank behind a name makes no other name to a directory (auth_username_chars)",
};
const KEPT_OUT: Readonly<Record<string, string>> = {
  "plain@example.org": "%n: people sign in without @domain",
};

const RECORDS = (JSON.parse(readFileSync(RECORDING, "utf8")) as readonly RecordedLogin[]).filter(
  ({ command, config, where, tls }) =>
    command === "LOGIN" && CONFIGS[config] !== undefined && (tls || where === "same-host"),
);

let directory: TestDirectory;
before(async () => {
  directory = await startStoredPeople(RECORDED_PEOPLE);
});
after(() => directory.close());

/** The recorded configuration, for this directory. */
function textOf(config: string): string {
  return [
    `uris = ${directory.url}`,
    "base = ou=stored,dc=example,dc=org",
    "pass_filter = (&(objectClass=inetOrgPerson)(uid=%n))",
    CONFIGS[config],
  ].join("\n");
}

function basic(username: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

describe("a carried dovecot-ldap.conf.ext", () => {
  for (const config of Object.keys(CONFIGS)) {
    const records = RECORDS.filter((each) => each.config === config);

    describe(config, () => {
      let app: ProtectedApp;
      before(async () => {
        app = await protectedApp(fromDovecotConfig(textOf(config)));
      });
      after(() => app.close());

      it("lets in and keeps out whom Dovecot did", async () => {
        assert(records.length > 10, `${records.length} recorded`);
        for (const { user, password, reply, what } of records) {
          const { status } = await fetch(app.url, { headers: basic(user, password) });
          const isIn = reply.startsWith("OK ");
          const about = `${user} (${what}): ${reply}`;
          if (LET_IN[user] && status === 200) continue;
          const expected = isIn && !KEPT_OUT[user] ? 200 : 401;
          assert.equal(status, expected, about);
        }
      });
    });
  }

  it("was compared with all that was recorded of such configurations", () => {
    const missing = Object.keys(CONFIGS).filter(
      (config) => !RECORDS.some((each) => each.config === config),
    );
    assert.deepEqual(missing, []);
    const reached = new Set(RECORDS.map(({ user }) => user));
    for (const name of [...Object.keys(LET_IN), ...Object.keys(KEPT_OUT)]) {
      assert(reached.has(name), name);
    }
  });

  it("calls people what pass_attrs says, however they typed their name", async () => {
    const [config = ""] = Object.keys(CONFIGS);
    const app = await protectedApp(fromDovecotConfig(textOf(config)), (app) => {
      app.get("/name", requireValidUser(), (req, res) => {
        res.json(environment(req).REMOTE_USER);
      });
    });
    try {
      const answer = await fetch(`${app.url}/name`, { headers: basic("PLAIN", "test") });
      assert.equal(await answer.json(), "plain");
    } finally {
      await app.close();
    }
  });
});

describe("%u and %n", () => {
  const PAIRS: readonly (readonly [variable: string, name: string, status: number, why: string])[] =
    [
      ["%u", "ann", 200, "the name as it is"],
      ["%n", "ann", 200, "the name as it is"],
      ["%u", "ann@example.org", 401, "in Dovecot too: it is another name"],
      ["%n", "ann@example.org", 401, "Dovecot takes it for ann; here it is refused"],
      ["%u", "bob@example.org", 200, "the name as it is"],
      ["%n", "bob@example.org", 401, "in Dovecot too: there is no bob"],
      ["%n", "bob", 401, "in Dovecot too: there is no bob"],
    ];

  let people: TestDirectory;
  before(async () => {
    people = await startStoredPeople({ ann: ["test"], "bob@example.org": ["test"] });
  });
  after(() => people.close());

  for (const bind of ["yes", "no"]) {
    for (const [variable, name, status, why] of PAIRS) {
      it(`auth_bind = ${bind}: ${variable} answers ${name} with ${status} (${why})`, async () => {
        const text = [
          `uris = ${people.url}`,
          "base = dc=example,dc=org",
          `pass_filter = (uid=${variable})`,
          `auth_bind = ${bind}`,
          "default_pass_scheme = PLAIN",
          READER,
        ].join("\n");
        const app = await protectedApp(fromDovecotConfig(text));
        try {
          const answer = await fetch(app.url, { headers: basic(name, "test") });
          assert.equal(answer.status, status);
          const wrong = await fetch(app.url, { headers: basic(name, "wrong") });
          assert.equal(wrong.status, 401);
        } finally {
          await app.close();
        }
      });
    }
  }
});
