import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { readApacheConfig } from "../../src/importers/apache/read-apache-config.ts";

const OPEN = "<Location />\nRequire all granted\n</Location>\n";

describe("a directive that is not about access", () => {
  for (const line of [
    "ServerTokens Prod",
    "CustomLog /var/log/x combined",
    "SSLEngine on",
    "Header always set X-Frame-Options DENY",
    "RequestHeader set X-Forwarded-Proto https",
    "ProxyPass / http://localhost:3000/",
    "RewriteRule ^/old /new [R=301,L]",
    "Redirect permanent /a /b",
    "ExpiresActive On",
    "AllowOverride None",
    "RemoteIPHeader X-Forwarded-For",
  ]) {
    it(`is skipped, with its reason: ${line}`, () => {
      const { skipped } = readApacheConfig(`${line}\n${OPEN}`);
      const [name = ""] = line.split(" ");
      assert.deepEqual(
        skipped.map(({ line: at, directive }) => [at, directive]),
        [[1, name]],
      );
      assert(skipped[0]?.reason);
    });
  }

  for (const [line, message] of [
    ["Reqire ldap-group cn=admins", /Invalid command 'Reqire'/],
    ["Deney from 127.0.0.1", /Invalid command 'Deney'/],
    ["AuhtMerging And", /did you mean AuthMerging/],
    ["DocumentRot /x", /Invalid command/],
    ["PerlAccessHandler Deny", /Invalid command/],
    ["SecRuleEngine On", /Invalid command/],
    ["RewriteRule ^/x - [F]", /refuses requests/],
    ["RewriteRule ^/x - [L,R=403]", /refuses requests/],
    ["RewriteRule ^/x - [E=ok:1]", /variable/],
    ["Redirect 403 /x", /refuses requests/],
    ["RedirectMatch gone ^/x", /refuses requests/],
    ["SSLOptions +StdEnvVars +FakeBasicAuth", /FakeBasicAuth/],
    ["RequestHeader set Authorization x", /credentials/],
    ["LuaHookAccessChecker /x.lua f", /Invalid command/],
    ["Anonymous *", /Invalid command/],
  ] as const) {
    it(`is refused, as it is one, or may be: ${line}`, () => {
      for (const text of [
        `${line}\n${OPEN}`,
        `<Location />\n${line}\nRequire all granted\n</Location>`,
      ]) {
        assert.throws(
          () => readApacheConfig(text),
          (error) => error instanceof ConfigError && message.test(error.message),
          text,
        );
      }
    });
  }
});
