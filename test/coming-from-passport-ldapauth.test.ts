import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { otherDirectory } from "../src/index.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";
import { protectedApp } from "./support/protected-app.ts";

const page = readFileSync(
  new URL("../docs/coming-from-passport-ldapauth.md", import.meta.url),
  "utf8",
);

// Of passport-ldapauth 3.0.1, of its authenticate(), and of ldapauth-fork 6.1.0.
const PASSPORT = [
  ...["usernameField", "passwordField", "missingCredentialsStatus", "passReqToCallback"],
  ...["credentialsLookup", "handleErrorsAsFailures", "failureErrorCallback"],
  ...["badRequestMessage", "invalidCredentials", "noSuchObject", "userNotFound"],
  ...["constraintViolation", "invalidLogonHours", "invalidWorkstation", "passwordExpired"],
  ...["accountDisabled", "accountExpired", "passwordMustChange", "accountLockedOut"],
];
const SERVER = [
  ...["url", "starttls", "tlsOptions", "socketPath", "bindDN", "bindCredentials", "bindProperty"],
  ...["searchBase", "searchFilter", "searchScope", "searchAttributes", "groupSearchBase"],
  ...["groupSearchFilter", "groupSearchScope", "groupSearchAttributes", "groupDnProperty"],
  ...["cache", "log", "timeout", "timeLimit", "connectTimeout", "idleTimeout", "reconnect"],
  ...["strictDN", "queueSize", "queueTimeout", "queueDisable"],
];

describe("docs/coming-from-passport-ldapauth.md", () => {
  const options = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split(/(?<!\\)\|/)[1] ?? "")
    .join();

  it("names every option", () => {
    const missing = [...PASSPORT, ...SERVER.map((name) => `server.${name}`)].filter(
      (name) => !options.includes(`\`${name}\``) && !options.includes(`\`${name}:`),
    );
    assert.deepEqual(missing, []);
  });

  it("has a way to sign in with a name or a mail address", async () => {
    const directory = await startFixtureDirectory();
    const people = `${directory.url}/ou=people,dc=domain,dc=org`;
    const app = await protectedApp({
      url: `${people}?uid,mail`,
      otherProviders: [otherDirectory({ name: "by-mail", url: `${people}?mail,uid` })],
    });
    try {
      const dns = [];
      for (const name of ["alice", "alice@domain.org"]) {
        const authorization = `Basic ${Buffer.from(`${name}:alice-pw`).toString("base64")}`;
        const response = await fetch(app.url, { headers: { authorization } });
        assert.equal(response.status, 200, name);
        const { dn } = (await response.json()) as { dn: string };
        dns.push(dn);
        const wrong = `Basic ${Buffer.from(`${name}:wrong`).toString("base64")}`;
        assert.equal((await fetch(app.url, { headers: { authorization: wrong } })).status, 401);
      }
      assert.equal(dns[0], dns[1]);
    } finally {
      await app.close();
      await directory.close();
    }
  });
});
