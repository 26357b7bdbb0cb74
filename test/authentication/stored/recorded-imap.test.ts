import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import {
  cramMd5Proof,
  newCramMd5Challenge,
  readCramMd5Response,
} from "../../../src/authentication/mechanisms/cram-md5.ts";
import { DirectoryError } from "../../../src/errors.ts";
import type { AuthnzLdapOptions } from "../../../src/index.ts";
import type { TestDirectory } from "../../../src/testing/index.ts";
import { RECORDED_PEOPLE } from "../../support/recorded-people.ts";
import {
  openStoredRealm,
  STORED_READER,
  type StoredRealm,
  startStoredPeople,
} from "../../support/stored-people.ts";

/** One thing that was said to a real Dovecot, and its reply. */
interface RecordedLogin {
  readonly config: string;
  readonly command: string;
  readonly user?: string;
  readonly password?: string;
  readonly what?: string;
  readonly reply?: string;
  readonly log?: readonly string[];
}

const RECORDING = new URL("../../fixtures/dovecot/imap.json", import.meta.url);

/** The configurations in which Dovecot checks passwords itself, and what they are here. */
const SETTINGS: Readonly<Record<string, Partial<AuthnzLdapOptions>>> = {
  "seed after: cram-md5, auth_bind=no, ssl=required": {},
  "cram-md5, auth_bind=no, ssl=yes": {},
  "plain login cram-md5, auth_bind=no, ssl=yes": {},
  "plain login cram-md5, auth_bind=no, ssl=required": {},
  "plain cram-md5, ssl=yes, disable_plaintext_auth=no": {},
  "plain cram-md5, ssl=required, disable_plaintext_auth=no": {},
  "plain, ssl=no": {},
  "plain, ssl=no, disable_plaintext_auth=no": {},
  "plain cram-md5, default_pass_scheme=CRAM-MD5": { passwords: { defaultScheme: "CRAM-MD5" } },
  "plain cram-md5, default_pass_scheme unset (CRYPT)": { passwords: { defaultScheme: "CRYPT" } },
  "plain cram-md5, ldap server down": { url: "ldap://127.0.0.1:9/dc=example,dc=org?uid" },
  "plain, auth_bind=no, anonymous lookup dn": {},
};

/** Where we answer otherwise, by the name or what was special, with what we answer and why. */
const OTHERWISE: Readonly<Record<string, readonly [Outcome, why: string]>> = {
  "star*": ["in", "a name may have any letters here: none is filter syntax (auth_username_chars)"],
  "plain ": ["in", "a blank behind a name is no other name to a directory (auth_username_chars)"],
  "plain@example.org": ["refused", "a name is taken as it is: nothing cuts off a domain (%n)"],
  "upper-case digest": [
    "refused",
    "it can't be right, so that a directory that is down is not asked",
  ],
};

/** What was sent that has no equal here. */
const WITHOUT_EQUAL: ReadonlySet<string | undefined> = new Set([
  // PLAIN's message: a form has a field for each part, and nobody acts for somebody else.
  ...["malformed PLAIN", "authorization id of oneself", "authorization id of someone else"],
]);

type Outcome = "in" | "refused" | "unavailable";

/** Undefined where the name and the password were not looked at: mechanisms and TLS are web/'s. */
function recordedOutcome({ reply = "" }: RecordedLogin): Outcome | undefined {
  if (reply.startsWith("OK ")) return "in";
  if (reply.startsWith("NO [AUTHENTICATIONFAILED]")) return "refused";
  return reply.startsWith("NO [UNAVAILABLE]") ? "unavailable" : undefined;
}

const LOGINS = (JSON.parse(readFileSync(RECORDING, "utf8")) as readonly RecordedLogin[]).filter(
  (login) =>
    Object.hasOwn(SETTINGS, login.config) &&
    recordedOutcome(login) !== undefined &&
    !login.command.startsWith("CAP"),
);

/** What a client sends as its response to a challenge of CRAM-MD5. */
function cramResponse(
  { user = "plain", password = "test", what }: RecordedLogin,
  challenge: string,
): string {
  const digest = (text: string) => createHmac("md5", password).update(text).digest("hex");
  if (what === "no digest") return user;
  if (what === "upper-case digest") return `${user} ${digest(challenge).toUpperCase()}`;
  if (what === "digest of another challenge") return `${user} ${digest("<1.2@localhost>")}`;
  return `${user} ${digest(challenge)}`;
}

async function outcomeOf({ realm }: StoredRealm, login: RecordedLogin): Promise<Outcome> {
  const deadline = realm.startDeadline();
  try {
    if (login.command.includes("CRAM-MD5")) {
      const challenge = newCramMd5Challenge("localhost");
      const response = readCramMd5Response(cramResponse(login, challenge));
      if (response === undefined) return "refused";
      const result = await realm.prove?.(cramMd5Proof({ ...response, challenge }), deadline);
      return result?.ok ? "in" : "refused";
    }
    const { user = "plain", password = "test" } = login;
    const result = await realm.authenticate({ username: user, password }, deadline);
    return result.ok ? "in" : "refused";
  } catch (error) {
    assert(error instanceof DirectoryError);
    return "unavailable";
  }
}

describe("what a real Dovecot with auth_bind = no was recorded to do", () => {
  const used = new Set<string | undefined>();
  let directory: TestDirectory;
  before(async () => {
    directory = await startStoredPeople(RECORDED_PEOPLE);
  });
  after(() => directory.close());

  it("is in the recording for each configuration", () => {
    const configs = new Set(LOGINS.map(({ config }) => config));
    assert.deepEqual([...configs].sort(), Object.keys(SETTINGS).sort());
    assert(LOGINS.length > 600, `${LOGINS.length} logins`);
  });

  for (const [config, options] of Object.entries(SETTINGS)) {
    it(`is what we do: ${config}`, async () => {
      const offered = {
        passwords: { defaultScheme: "PLAIN" },
        mechanisms: ["plain", "cram-md5"],
      } as const;
      const account = config.includes("anonymous") ? {} : STORED_READER;
      const opened = openStoredRealm(directory, { ...offered, ...options }, account);
      try {
        const known = new Map<string, Outcome>();
        for (const login of LOGINS) {
          if (login.config !== config || WITHOUT_EQUAL.has(login.what)) continue;
          const { command, user, password, what } = login;
          const name = [command, user, password, what].join(" | ");
          // The same was said over several connections.
          const outcome = known.get(name) ?? (await outcomeOf(opened, login));
          known.set(name, outcome);
          const expected = recordedOutcome(login);
          if (outcome === expected) continue;
          const excepted = [user ?? "", what ?? ""].find((key) => Object.hasOwn(OTHERWISE, key));
          assert.equal(outcome, OTHERWISE[excepted ?? ""]?.[0] ?? expected, name);
          used.add(excepted);
        }
        assert(known.size > 0);
      } finally {
        await opened.close();
      }
    });
  }

  it("differs from what we do wherever an exception says so", () => {
    assert.deepEqual([...used].sort(), Object.keys(OTHERWISE).sort());
  });
});
