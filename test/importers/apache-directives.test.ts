import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Rule } from "../../src/authorization/rule.ts";
import { ConfigError } from "../../src/errors.ts";
import { fromApacheConfig } from "../../src/from-apache-config.ts";
import type { Access } from "../../src/importers/apache/access.ts";
import { DIRECTIVES } from "../../src/importers/apache/directive-table.ts";
import {
  type ApacheConfigOptions,
  readApacheConfig,
} from "../../src/importers/apache/read-apache-config.ts";

/** A file that is there, whatever it holds. */
const FILE = import.meta.filename;

const URL_LINE = 'AuthLDAPURL "ldap://localhost/dc=x?uid"';
const LOGIN = ["AuthType Basic", "AuthName x", "AuthBasicProvider ldap", URL_LINE];

const folder = mkdtempSync(join(tmpdir(), "directives-"));
after(() => rmSync(folder, { recursive: true }));

/** A file with that text; its name without blanks. */
function fileWith(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const location = (...lines: readonly string[]): string =>
  ["<Location />", ...lines, "</Location>"].join("\n");

/** These lines outside of any section, and one behind them. */
const inServer = (...lines: readonly string[]): string =>
  [...lines, location("Require all granted")].join("\n");

/** What these lines of one section amount to. Lines of the server may stand before it. */
function accessOf(lines: readonly string[], server: readonly string[] = []): Access {
  const config = readApacheConfig([...server, location(...lines)].join("\n"));
  const access = config.match("/");
  assert.ok(typeof access === "object");
  return access;
}

const ruleOf = (...lines: readonly string[]): Rule | undefined => accessOf(lines).rule;

/** The options of the section's directory. */
function directoryOf(lines: readonly string[], server: readonly string[] = []) {
  const { ldap } = accessOf([...LOGIN, ...lines, "Require valid-user"], server);
  assert.ok(ldap);
  return ldap.options;
}

function refusal(text: string, options: ApacheConfigOptions = {}): ConfigError {
  let found: unknown;
  try {
    readApacheConfig(text, options);
  } catch (error) {
    found = error;
  }
  assert.ok(found instanceof ConfigError, `it starts, or fails otherwise: ${text}\n${found}`);
  return found;
}

/** In a section that is in order apart from them. */
function refusalOf(...lines: readonly string[]): string {
  return refusal(location(...LOGIN, ...lines, "Require valid-user")).message;
}

describe("wrong arguments", () => {
  const flags = [...DIRECTIVES.values()].filter(({ check }) =>
    /must be On or Off$/.test(check?.(["x"]) ?? ""),
  );

  it("knows the flags", () => assert.equal(flags.length, 10));

  for (const { name, allowedIn } of flags) {
    it(`takes nothing but on and off for ${name}`, () => {
      for (const word of ["yes", "1", "true", "onn"]) {
        const line = `${name} ${word}`;
        const text = allowedIn === "server" ? inServer(line) : location(line);
        assert.match(refusal(text).message, new RegExp(`: ${name}: ${name} must be On or Off$`));
      }
      for (const words of ["", '""', "on off"]) {
        const line = `${name} ${words}`;
        const text = allowedIn === "server" ? inServer(line) : location(line);
        assert.match(refusal(text).message, new RegExp(`: ${name}: ${name} takes 1 argument`));
      }
      for (const word of ["on", "OFF", '"On"']) {
        const line = `${name} ${word}`;
        const section = location(...LOGIN, line, "Require valid-user");
        readApacheConfig(allowedIn === "server" ? inServer(line) : section);
      }
    });
  }

  // httpd's own words, as it was recorded to say them.
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["AuthLDAPURL", /AuthLDAPURL takes 1-2 arguments, URL to define LDAP connection\. This should/],
    [`AuthLDAPURL ldap://h/dc=x TLS x`, /AuthLDAPURL takes 1-2 arguments/],
    ['AuthLDAPURL ""', /AuthLDAPURL takes 1-2 arguments/],
    ["AuthLDAPBindDN", /takes one argument, DN to use to bind to LDAP server\. If not provided,/],
    ['AuthLDAPBindDN ""', /takes one argument, DN to use/],
    ["AuthLDAPBindDN cn=a dc=x", /takes one argument, DN to use/],
    ["AuthLDAPBindPassword", /takes one argument, Password to use to bind to LDAP server\./],
    ["AuthLDAPInitialBindPattern (.+)", /takes two arguments, The regex and substitution to/],
    ["AuthLDAPInitialBindPattern (.+ uid=$1", /cannot compile regular expression/],
    ["AuthLDAPAuthorizePrefix", /The prefix to add to environment variables set during/],
    ["AuthLDAPDereferenceAliases Never", /Unrecognized value for AuthLDAPDereferenceAliases dir/],
    ["AuthLDAPDereferenceAliases", /AuthLDAPDereferenceAliases takes one argument/],
    ["AuthLDAPMaxSubGroupDepth", /Maximum subgroup nesting depth to be evaluated - defaults to 10/],
    ["AuthLDAPGroupAttribute", /AuthLDAPGroupAttribute takes at least 1 argument/],
    ["AuthType Digest", /only Basic and None are carried/],
    ["AuthType", /AuthType takes one argument/],
    ["AuthBasicProvider nothing", /Unknown Authn provider: nothing/],
    ["AuthBasicProvider", /AuthBasicProvider takes at least 1 argument/],
    ["AuthBasicFake on", /AuthBasicFake: it sends a password of its own/],
    ["AuthMerging Sometimes", /AuthMerging must be Off, And, or Or/],
    ["Satisfy Some", /Satisfy either 'any' or 'all'\./],
    [
      "Order deny, allow",
      /Order takes one argument, 'allow,deny', 'deny,allow', or 'mutual-failure'/,
    ],
    ["Order sometimes", /unknown order/],
    ["Allow all", /allow and deny must be followed by 'from'/],
    ["Deny from", /allow and deny must be followed by 'from'/],
    ["Deny from example.org", /looked up in the DNS/],
    ["Allow from env=!x", /looked up in the DNS/],
    ["LDAPReferrals maybe", /LDAPReferrals must be 'on', 'off', or 'default'/],
    ["LDAPReferralHopLimit 0", /must be greater than zero/],
    ["LDAPTrustedClientCert CERT_BASE64 /no/such.pem", /Invalid client certificate file path/],
    ["LDAPTrustedClientCert CA_BASE64 /x.pem", /certificate type CA_BASE64 is not recognised/],
    ["SetEnvIf Host", /SetEnvIf takes at least 3 argument/],
    [
      "AuthFormProvider ldap",
      /Invalid command 'AuthFormProvider', perhaps misspelled or defined by/,
    ],
    ["AuthLDAPBindDm cn=a", /Invalid command 'AuthLDAPBindDm', perhaps misspelled/],
    ["AllowMethods GET", /AllowMethods: /],
    ["SSLRequireSSL", /SSLRequireSSL: /],
  ];
  for (const [line, message] of wrong) {
    it(`refuses ${line}`, () => {
      const url = line.startsWith("AuthLDAPURL") ? "#" : URL_LINE;
      const section = location(...LOGIN.slice(0, 3), url, line, "Require valid-user");
      const shown = refusal(section).message;
      assert.match(shown, message);
      assert.match(shown, new RegExp(`^httpd\\.conf:6: ${line.split(" ")[0]}: `));
    });
  }

  const server: readonly (readonly [string, RegExp])[] = [
    ["LDAPTimeout x", /Timeout not numerical/],
    ["LDAPConnectionTimeout -1", /Timeout not numerical/],
    ["LDAPRetries -1", /LDAPRetries must be >= 0/],
    ["LDAPRetryDelay x", /LDAPRetryDelay must be >= 0/],
    ["LDAPConnectionPoolTTL 5years", /LDAPConnectionPoolTTL has wrong format/],
    ["LDAPTrustedMode always", /must be one of NONE, SSL, or TLS\/STARTTLS/],
    ["LDAPTrustedGlobalCert CA_BASE64", /LDAPTrustedGlobalCert takes at least 2 argument/],
    ["LDAPTrustedGlobalCert CA_BASE64 /no/such.pem", /ENOENT/],
    ["LDAPTrustedGlobalCert CERT7_DB /x", /certificate type CERT7_DB is not recognised/],
    ["AuthLDAPCharsetConfig", /takes one argument, Character set conversion configuration file/],
  ];
  for (const [line, message] of server) {
    it(`refuses ${line}`, () => {
      const shown = refusal(inServer("# a comment", line)).message;
      assert.match(shown, message);
      assert.match(shown, /^httpd\.conf:2: /);
    });
  }
});

describe("where a directive may stand", () => {
  for (const { name, allowedIn, refused, skipped } of DIRECTIVES.values()) {
    if (refused !== undefined) {
      it(`refuses ${name} everywhere`, () => {
        for (const text of [inServer(name), location(name)])
          assert.match(refusal(text).message, /: /);
      });
    } else if (allowedIn === "directory") {
      it(`refuses ${name} outside of a section`, () => {
        const { message } = refusal(inServer("", `${name} /x /y`));
        assert.equal(message, `httpd.conf:2: ${name}: ${name} not allowed here`);
        const text = `<VirtualHost *>\n${name} /x /y\n${location(...LOGIN, "Require valid-user")}\n</VirtualHost>`;
        assert.match(refusal(text).message, /:2: .* not allowed here$/);
      });
    } else if (allowedIn === "server") {
      it(`refuses ${name} in a section and in a .htaccess`, () => {
        const section = refusal(location(`${name} /x /y`)).message;
        assert.equal(section, `httpd.conf:2: ${name}: ${name} not allowed in <Location> context`);
        const htaccess = refusal(`${name} /x /y`, { file: "a/.htaccess" }).message;
        assert.match(htaccess, /^a\/\.htaccess:1: .* not allowed in \.htaccess$/);
      });
    } else if (skipped === undefined) {
      it(`takes ${name} inside and outside of a section`, () => {
        const line = `${name} a b c=d`.split(" ").slice(0, name === "SetEnv" ? 3 : 4);
        const text = name === "SetEnvIfExpr" ? `${name} "true" a` : line.join(" ");
        assert.deepEqual(
          readApacheConfig(`${text}\n${location("Require all granted", text)}`).skipped,
          [],
        );
      });
    }
  }

  it("takes a section's directives in a .htaccess", () => {
    const text = [...LOGIN, "Require ldap-user alice"].join("\n");
    const access = readApacheConfig(text, { file: ".htaccess" }).match("/any/path");
    assert.ok(typeof access === "object");
    assert.deepEqual(access.rule, { type: "ldap-user", argument: "alice" });
  });

  it("refuses Require and AuthMerging outside of a section", () => {
    for (const line of ["Require all granted", "AuthMerging And"]) {
      assert.match(
        refusal(`${line}\n${location("Require all denied")}`).message,
        /:1: .*not allowed/,
      );
    }
  });
});

describe("credentials", () => {
  const SECRET = "s3cret-w0rd";

  /** All that can be seen of an error, its causes too. */
  function shown(error: Error): string {
    const own = Object.getOwnPropertyNames(error).map((name) =>
      String(Reflect.get(error, name) ?? ""),
    );
    const { cause } = error;
    return `${own.join("\n")}\n${cause instanceof Error ? shown(cause) : JSON.stringify(cause)}`;
  }

  const program = fileWith("fails.sh", `#!/bin/sh\necho ${SECRET}\necho ${SECRET} >&2\nexit 3\n`);
  const withSecret = [
    `AuthLDAPBindPassword ${SECRET}`,
    `AuthLDAPBindPassword ${SECRET} x`,
    `AuthLDAPBindPassword "a" ${SECRET}`,
    `AuthLDAPBindDN cn=a\nAuthLDAPBindPassword "exec:/bin/sh ${program}"`,
    `AuthLDAPBindDN cn=a\nAuthLDAPBindPassword "exec:/no/such/program ${SECRET}"`,
    `AuthLDAPBindDN cn=a\nAuthLDAPBindPassword "exec:/bin/echo '${SECRET}'"`,
    `AuthLDAPBindDN cn=a ${SECRET}\nAuthLDAPBindPassword x`,
    `LDAPTrustedClientCert CERT_BASE64 /no/such.pem ${SECRET}`,
    `AuthLDAPBindPasword ${SECRET}`,
    `AuthLDAPBind ${SECRET}`,
    `AuthLDAPURL "ldap://cn=a:${SECRET}@host:x/dc=x?uid"`,
    `AuthLDAPURL ldap://h/dc=x?uid ${SECRET}`,
    `AuthBasicFake on ${SECRET}`,
  ];
  for (const lines of withSecret) {
    it(`are not in the refusal of ${lines.replaceAll(SECRET, "…").replaceAll(folder, "").replaceAll("\n", " ⏎ ")}`, () => {
      const own = lines.includes("AuthLDAPURL") ? LOGIN.slice(0, 3) : LOGIN;
      const error = refusal(location(...own, ...lines.split("\n"), "Require valid-user"));
      assert.doesNotMatch(shown(error), /s3cret/);
      assert.match(error.message, /^httpd\.conf:\d+: \w+: ./);
    });
  }

  it("are not in the refusal of what stands around them", () => {
    const bind = ["AuthLDAPBindDN cn=a", `AuthLDAPBindPassword ${SECRET}`];
    const outer = location(...LOGIN, ...bind, "Require valid-user");
    const error = refusal(`${outer}\n<Location /a>\n${URL_LINE}\n</Location>`);
    assert.match(error.message, /it drops AuthLDAPBindDN of line 6/);
    assert.doesNotMatch(shown(error), /s3cret/);
  });

  it("are not among the skipped lines, nor in health()", async () => {
    const text = location(
      ...LOGIN,
      "AuthLDAPBindDN cn=a",
      `AuthLDAPBindPassword ${SECRET}`,
      `LogLevel ${SECRET}`,
      `RequestHeader set X ${SECRET}`,
      "LDAPReferrals off",
      "Require valid-user",
    );
    const protection = fromApacheConfig(text, { log: () => {} });
    assert.deepEqual(
      protection.skipped.map(({ line, directive }) => [line, directive]),
      [
        [8, "LogLevel"],
        [9, "RequestHeader"],
        [10, "LDAPReferrals"],
      ],
    );
    const seen = JSON.stringify([protection.skipped, protection.health(), String(protection)]);
    assert.doesNotMatch(seen, /s3cret/);
    await protection.close();
  });

  it("are the first line that a program prints, or the text itself", () => {
    const printing = fileWith("prints.sh", `#!/bin/sh\nprintf '%s\\r\\nmore\\n' "$1"\n`);
    const passwords: readonly (readonly [string, string])[] = [
      ["plain", "plain"],
      ['"with blank"', "with blank"],
      ["exec:", "exec:"],
      ["EXEC:/bin/echo", "EXEC:/bin/echo"],
      [`"exec:/bin/sh ${printing} of-the-program"`, "of-the-program"],
    ];
    for (const [written, password] of passwords) {
      const options = directoryOf(["AuthLDAPBindDN cn=a", `AuthLDAPBindPassword ${written}`]);
      assert.equal(options.bindPassword, password);
      assert.equal(options.bindDn, "cn=a");
    }
  });

  it("are asked of a program once, for all sections that the line applies to", () => {
    const count = join(folder, "count");
    const counting = fileWith("counts.sh", `#!/bin/sh\necho x >> ${count}\necho pw\n`);
    const bind = ["AuthLDAPBindDN cn=a", `AuthLDAPBindPassword "exec:/bin/sh ${counting}"`];
    const inner = ["/a", "/b"].map(
      (path) => `<Location ${path}>\nRequire ldap-user x\n</Location>`,
    );
    const text = [location(...LOGIN, ...bind, "Require valid-user"), ...inner].join("\n");
    assert.equal(readApacheConfig(text).accesses.length, 3);
    assert.equal(readFileSync(count, "utf8"), "x\n");
  });

  it("are not empty, and not without a DN", () => {
    const dn = "AuthLDAPBindDN cn=a";
    assert.match(
      refusalOf(dn, 'AuthLDAPBindPassword "exec:/bin/true"'),
      /:7: AuthLDAPBindPassword: Empty passwords are invalid for AuthLDAPBindPassword/,
    );
    assert.match(
      refusalOf(dn, 'AuthLDAPBindPassword "exec:/bin/false"'),
      /:7: AuthLDAPBindPassword: Unable to get bind password from exec/,
    );
    assert.match(refusalOf("AuthLDAPBindPassword x"), /:6: .*no AuthLDAPBindDN/);
    assert.match(refusalOf(dn), /:6: .*no AuthLDAPBindPassword/);
  });
});

describe("the directory's options", () => {
  const options: readonly (readonly [string, string, unknown])[] = [
    ["AuthLDAPDereferenceAliases never", "dereferenceAliases", "never"],
    ["AuthLDAPDereferenceAliases OFF", "dereferenceAliases", "never"],
    ["AuthLDAPDereferenceAliases on", "dereferenceAliases", "always"],
    ["AuthLDAPDereferenceAliases finding", "dereferenceAliases", "finding"],
    ["AuthLDAPDereferenceAliases searching", "dereferenceAliases", "searching"],
    ["#", "dereferenceAliases", "always"],
    ["AuthLDAPBindAuthoritative off", "bindAuthoritative", false],
    ["#", "bindAuthoritative", true],
    ["AuthLDAPSearchAsUser on", "searchAsUser", true],
    ["AuthLDAPCompareAsUser on", "compareAsUser", true],
    ["AuthLDAPInitialBindAsUser on", "initialBindAsUser", true],
    ["AuthLDAPInitialBindPattern (.+) uid=$1", "initialBindAsUser", undefined],
    ["AuthLDAPRemoteUserIsDN on", "remoteUser", "dn"],
    ["AuthLDAPAuthorizePrefix MY_", "authorizePrefix", "MY_"],
    ["#", "authorizePrefix", undefined],
    ["#", "anonymousBind", true],
  ];
  for (const [line, name, value] of options) {
    it(`makes ${name} ${JSON.stringify(value)} of ${line}`, () => {
      assert.deepEqual(Reflect.get(directoryOf([line]), name), value);
    });
  }

  it("puts pairs together", () => {
    const pattern = ["AuthLDAPInitialBindAsUser on", "AuthLDAPInitialBindPattern (.+) uid=$1"];
    assert.deepEqual(directoryOf(pattern).initialBindAsUser, { pattern: "(.+)", dn: "uid=$1" });
    const name = ["AuthLDAPRemoteUserAttribute mail", "AuthLDAPRemoteUserIsDN on"];
    assert.deepEqual(directoryOf(name).remoteUser, { attribute: "mail", orDn: true });
  });

  it("says the mode of the URL: the line's own, else LDAPTrustedMode, else none", () => {
    const modeOf = (line: string, ...server: readonly string[]) => {
      const { ldap } = accessOf([...LOGIN.slice(0, 3), line, "Require valid-user"], server);
      return ldap?.options.url.replace(/^.*" ?/, "");
    };
    assert.equal(modeOf(URL_LINE), "NONE");
    assert.equal(modeOf(`${URL_LINE} tls`), "TLS");
    assert.equal(modeOf(URL_LINE, "LDAPTrustedMode STARTTLS"), "STARTTLS");
    assert.equal(modeOf(`${URL_LINE} NONE`, "LDAPTrustedMode TLS"), "NONE");
  });

  it("keeps times within what the options take", () => {
    const times: readonly (readonly [string, number])[] = [
      ["0", 100],
      ["7", 7_000],
      ["600", 120_000],
      ["99999999999999999999", 120_000],
    ];
    for (const [seconds, timeout] of times) {
      assert.equal(directoryOf([], [`LDAPTimeout ${seconds}`]).timeout, timeout);
    }
    const idle: readonly (readonly [string, number | undefined])[] = [
      ["-1", undefined],
      ["0", 1_000],
      ["90", 90_000],
      ["1500ms", 1_500],
      ["5min", 300_000],
      ["2h", 3_600_000],
    ];
    for (const [time, milliseconds] of idle) {
      const { connections } = directoryOf([], [`LDAPConnectionPoolTTL ${time}`]);
      assert.equal(connections?.idleTimeout, milliseconds, time);
    }
  });

  it("takes certificates only where there is TLS, and a client's only whole", () => {
    const pem = fileWith("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    const server = [`LDAPTrustedGlobalCert CA_BASE64 ${pem}`, "LDAPVerifyServerCert off"];
    assert.equal(directoryOf([], server).tls, undefined);
    assert.deepEqual(directoryOf([], [...server, "LDAPTrustedMode TLS"]).tls, {
      caFile: pem,
      dangerouslyAcceptAnyCertificate: true,
    });
    const text = location(
      ...LOGIN,
      `LDAPTrustedClientCert CERT_BASE64 ${pem}`,
      "Require valid-user",
    );
    assert.match(refusal(`LDAPTrustedMode TLS\n${text}`).message, /:7: .* go together/);
    const whole = text.replace("Require", `LDAPTrustedClientCert KEY_BASE64 ${pem}\nRequire`);
    assert.match(refusal(`LDAPTrustedMode TLS\n${whole}`).message, /:8: .*without AuthLDAPBindDN/);
  });

  it("reads a relative name below serverRoot, and nowhere without it", () => {
    const text = location(
      "AuthType Basic",
      "AuthName x",
      "AuthUserFile apache-directives.test.ts",
      "Require valid-user",
    );
    assert.match(refusal(text).message, /:4: AuthUserFile: .*serverRoot/);
    const access = readApacheConfig(text, { serverRoot: import.meta.dirname }).match("/");
    assert.ok(typeof access === "object");
    assert.deepEqual(access.providers, [{ kind: "file", name: "file", file: FILE }]);
  });
});

describe("groups", () => {
  const groupOf = (...lines: readonly string[]) =>
    ruleOf(...LOGIN, ...lines, "Require ldap-group cn=a");

  it("has httpd's defaults", () => {
    assert.deepEqual(groupOf(), {
      type: "ldap-group",
      argument: "cn=a",
      memberAttributes: ["member", "uniqueMember"],
      memberIsDn: true,
      subGroupAttributes: ["member", "uniqueMember"],
      subGroupClasses: ["groupOfNames", "groupOfUniqueNames"],
      maxSubGroupDepth: 10,
    });
  });

  const settings: readonly (readonly [string, readonly string[], unknown])[] = [
    [
      "memberAttributes",
      ["AuthLDAPGroupAttribute a b", "AuthLDAPGroupAttribute c"],
      ["a", "b", "c"],
    ],
    ["memberIsDn", ["AuthLDAPGroupAttributeIsDN off"], false],
    ["subGroupAttributes", ["AuthLDAPSubGroupAttribute a"], ["a"]],
    ["subGroupClasses", ["AuthLDAPSubGroupClass a b"], ["a", "b"]],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth 3"], 3],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth 0"], 0],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth -1"], 0],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth x"], 0],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth 99999999999"], 1_000],
    ["maxSubGroupDepth", ["AuthLDAPMaxSubGroupDepth 2", "AuthLDAPMaxSubGroupDepth 4"], 4],
  ];
  for (const [name, lines, value] of settings) {
    it(`makes ${name} ${JSON.stringify(value)} of ${lines.join("; ")}`, () => {
      assert.deepEqual(Reflect.get(groupOf(...lines) ?? {}, name), value);
    });
  }

  const limits: readonly (readonly [string, number])[] = [
    ["AuthLDAPGroupAttribute", 11],
    ["AuthLDAPSubGroupAttribute", 10],
    ["AuthLDAPSubGroupClass", 11],
  ];
  for (const [name, most] of limits) {
    it(`takes ${most} names of ${name}, in one line or several, and no more`, () => {
      const names = Array.from({ length: most }, (_, index) => `a${index}`).join(" ");
      groupOf(`${name} ${names}`);
      assert.match(refusalOf(`${name} ${names} b`), new RegExp(`:6: ${name}: Too many ${name}`));
      assert.match(refusalOf(`${name} ${names}`, `${name} b`), /:7: .*Too many/);
    });
  }
});

describe("Order, Allow and Deny", () => {
  const HOSTS: readonly (readonly [readonly string[], readonly string[], readonly string[]])[] = [
    // Lines, addresses that pass, addresses that do not.
    [["Order allow,deny"], [], ["10.1.1.1"]],
    [["Order deny,allow"], ["10.1.1.1"], []],
    [["Order allow,deny", "Allow from all"], ["10.1.1.1"], []],
    [["Order allow,deny", "Allow from 10.1"], ["10.1.1.1"], ["10.2.1.1"]],
    [["Order allow,deny", "Allow from 10.1", "Deny from 10.1.1"], ["10.1.2.1"], ["10.1.1.1"]],
    [["Order deny,allow", "Deny from all"], [], ["10.1.1.1"]],
    [["Order deny,allow", "Deny from all", "Allow from 10.1.0.0/16"], ["10.1.1.1"], ["10.2.1.1"]],
    [["Order deny,allow", "Deny from 10.1"], ["10.2.1.1"], ["10.1.1.1"]],
    [["Deny from all", "Allow from 10.1"], ["10.1.1.1"], ["10.2.1.1"]],
    [["Allow from 10.1"], ["10.1.1.1", "10.2.1.1"], []],
    [["Order Mutual-Failure", "Allow from 10.1"], ["10.1.1.1"], ["10.2.1.1"]],
    [["Order allow,deny", "allow FROM 10.1 10.3"], ["10.3.1.1"], ["10.2.1.1"]],
    [["Order deny,allow", "Order allow,deny", "Allow from 10.1"], ["10.1.1.1"], ["10.2.1.1"]],
  ];

  /** mod_authz_core's logic for rules about addresses alone: undefined is neutral. */
  function mayPass(rule: Rule, address: string): boolean | undefined {
    switch (rule.type) {
      case "granted":
        return true;
      case "denied":
        return false;
      case "ip":
        return rule.addresses.some((each) => address.startsWith(each.replace(/(?:\.0)*\/16$/, "")));
      case "not":
        return rule.rules.some((each) => mayPass(each, address)) ? false : undefined;
      case "any":
      case "all": {
        const each = rule.rules.map((one) => mayPass(one, address));
        const decisive = rule.type === "any";
        if (each.includes(decisive)) return decisive;
        return each.includes(!decisive) ? !decisive : undefined;
      }
      default:
        return assert.fail(`${rule.type} is not about addresses`);
    }
  }

  for (const [lines, inside, outside] of HOSTS) {
    it(`reads ${lines.join("; ")}`, () => {
      const rule = ruleOf(...lines);
      assert.ok(rule);
      for (const address of inside) assert.equal(mayPass(rule, address), true, address);
      for (const address of outside) assert.notEqual(mayPass(rule, address), true, address);
    });
  }

  it("asks for both with Satisfy All, the default, and for one of the two with Any", () => {
    const lines = [...LOGIN, "Order allow,deny", "Allow from 10.1", "Require valid-user"];
    const hosts = ruleOf("Order allow,deny", "Allow from 10.1");
    const valid = { type: "valid-user" };
    assert.deepEqual(ruleOf(...lines), { type: "all", rules: [hosts, valid] });
    assert.deepEqual(ruleOf(...lines, "Satisfy all"), { type: "all", rules: [hosts, valid] });
    assert.deepEqual(ruleOf(...lines, "Satisfy ANY"), { type: "any", rules: [hosts, valid] });
    const again = ["Satisfy any", "Satisfy all"];
    assert.deepEqual(ruleOf(...lines, ...again), { type: "all", rules: [hosts, valid] });
  });

  it("refuses Satisfy Any that would open the section to everybody", () => {
    assert.match(
      refusalOf("Satisfy any"),
      /:6: Satisfy: without Order, Allow or Deny it lets ever/,
    );
  });

  it("knows variables", () => {
    assert.deepEqual(ruleOf("Order allow,deny", "Allow from env=ok"), {
      type: "all",
      rules: [{ type: "any", rules: [{ type: "env", names: ["ok"] }] }],
    });
  });

  it("is refused within <Limit>, which it would not be limited by", () => {
    const lines = ["<Limit POST>", "Deny from all", "</Limit>", "Require all granted"];
    assert.match(refusal(location(...lines)).message, /:3: Deny: within <Limit>/);
  });
});

describe("AuthBasicProvider", () => {
  const names = (...lines: readonly string[]) =>
    accessOf([
      ...["AuthType Basic", "AuthName x", URL_LINE, `AuthUserFile ${FILE}`, ...lines],
      "Require valid-user",
    ]).providers.map(({ kind }) => kind);

  it("asks the file where none is named, and several in their order, of all lines", () => {
    assert.deepEqual(names(), ["file"]);
    assert.deepEqual(names("AuthBasicProvider ldap file"), ["ldap", "file"]);
    assert.deepEqual(names("AuthBasicProvider ldap", "AuthBasicProvider file"), ["ldap", "file"]);
  });

  it("needs what each of them is asked about", () => {
    const text = location(...LOGIN.slice(0, 2), "AuthBasicProvider ldap", "Require valid-user");
    assert.match(
      refusal(text).message,
      /:4: AuthBasicProvider: the ldap provider needs an AuthLDAP/,
    );
    const file = location(...LOGIN.slice(0, 2), "Require valid-user");
    assert.match(refusal(file).message, /:2: AuthType: the file provider needs an AuthUserFile/);
  });

  const alias = (name: string, base = "ldap", line = URL_LINE) =>
    `<AuthnProviderAlias ${base} ${name}>\n${line}\n</AuthnProviderAlias>\n`;
  const use = (name: string) =>
    location(...LOGIN.slice(0, 2), `AuthBasicProvider ${name}`, "Require valid-user");

  it("takes an alias", () => {
    const access = readApacheConfig(alias("one") + use("one")).match("/");
    assert.ok(typeof access === "object");
    assert.deepEqual(
      access.providers.map(({ kind, name }) => [kind, name]),
      [["ldap", "one"]],
    );
  });

  it("refuses a name that is taken", () => {
    assert.match(
      refusal(alias("one") + alias("one") + use("one")).message,
      /:4: .*already been used/,
    );
    assert.match(refusal(alias("file") + use("file")).message, /:1: .*already been used/);
    assert.match(
      refusal(`<AuthzProviderAlias ldap-user valid-user alice>\n</AuthzProviderAlias>\n`).message,
      /:1: .*already been used/,
    );
  });

  it("refuses an alias without what it asks, and of another kind", () => {
    assert.match(refusal(alias("one", "ldap", "#") + use("one")).message, /lacks its AuthLDAPURL/);
    assert.match(refusal(alias("one", "dbm", "#") + use("one")).message, /not carried/);
  });
});

describe("AuthzProviderAlias", () => {
  const alias = (base: string, name: string, argument: string, ...lines: readonly string[]) =>
    [
      `<AuthzProviderAlias ${base} ${name} "${argument}">`,
      ...lines,
      "</AuthzProviderAlias>\n",
    ].join("\n");
  const ruleWith = (text: string) => {
    const access = readApacheConfig(text).match("/");
    assert.ok(typeof access === "object");
    return access.rule;
  };

  it("is the rule that it stands for, as the section's directives say", () => {
    const section = location(...LOGIN, "AuthLDAPGroupAttribute owner", "Require staff");
    const rule = ruleWith(alias("ldap-group", "staff", "cn=a") + section);
    assert.ok(rule?.type === "ldap-group");
    assert.deepEqual([rule.argument, rule.memberAttributes], ["cn=a", ["owner"]]);
  });

  it("has its own AuthLDAP directives, which replace the section's", () => {
    const own = [URL_LINE, "AuthLDAPGroupAttributeIsDN off"];
    const section = location(...LOGIN, "AuthLDAPGroupAttribute owner", "Require staff");
    const rule = ruleWith(alias("ldap-group", "staff", "cn=a", ...own) + section);
    assert.ok(rule?.type === "ldap-group");
    assert.deepEqual([rule.memberIsDn, rule.memberAttributes], [false, ["member", "uniqueMember"]]);
  });

  it("is refused if they leave it without a directory, or name another one", () => {
    const section = location(...LOGIN, "Require staff");
    const without = alias("ldap-group", "staff", "cn=a", "AuthLDAPGroupAttribute owner") + section;
    assert.match(refusal(without).message, /:1: <AuthzProviderAlias>: its AuthLDAP directives/);
    const other = alias("ldap-group", "staff", "cn=a", "AuthLDAPURL ldap://other/dc=x") + section;
    assert.match(refusal(other).message, /:1: <AuthzProviderAlias>: its directory is not that/);
  });

  it("lends its directory to no other line of the section", () => {
    const file = ["AuthType Basic", "AuthName x", `AuthUserFile ${FILE}`];
    const staff = alias("ldap-group", "staff", "cn=a", URL_LINE);
    assert.equal(ruleWith(staff + location(...file, "Require staff"))?.type, "ldap-group");
    for (const line of ["Require ldap-user alice", "Require ldap-search (uid=alice)"]) {
      const text = staff + location(...file, "Require staff", line);
      assert.match(refusal(text).message, /there is no AuthLDAPURL for the ldap-\* lines/);
    }
    const bare = alias("ldap-user", "boss", "alice") + staff;
    assert.match(
      refusal(bare + location(...file, "Require staff", "Require boss")).message,
      /there is no AuthLDAPURL/,
    );
  });
});

describe("Require", () => {
  const rules: readonly (readonly [string, unknown])[] = [
    ["valid-user", { type: "valid-user" }],
    ['user alice "b c"', { type: "remote-user", names: ["alice", "b c"] }],
    ["ldap-user alice bob", { type: "ldap-user", argument: "alice bob" }],
    ["ldap-dn uid=a,dc=x", { type: "ldap-dn", argument: "uid=a,dc=x", compareOnServer: false }],
    ["ldap-attribute a=1 b=2", { type: "ldap-attribute", argument: "a=1 b=2" }],
    ["ldap-filter &(a=1)(b=2)", { type: "ldap-filter", argument: "&(a=1)(b=2)" }],
    ["ldap-search (a=%{REMOTE_USER})", { type: "ldap-search", argument: "(a=%{REMOTE_USER})" }],
    ["all GRANTED", { type: "granted" }],
    ["all denied", { type: "denied" }],
    ["method GET POST", { type: "method", methods: ["GET", "POST"] }],
    ["env a b", { type: "env", names: ["a", "b"] }],
    ["ip 10.1 ::1", { type: "ip", addresses: ["10.1", "::1"] }],
    ["local", { type: "local" }],
    ["expr \"%{HTTP:X} == 'a'\"", { type: "expr", expression: "%{HTTP:X} == 'a'" }],
  ];
  for (const [line, rule] of rules) {
    it(`reads ${line}`, () => assert.deepEqual(ruleOf(...LOGIN, `Require ${line}`), rule));
  }

  it("reads group, with the file of the section", () => {
    assert.deepEqual(ruleOf(...LOGIN, `AuthGroupFile ${FILE}`, "Require group a b"), {
      type: "file-group",
      file: FILE,
      groups: ["a", "b"],
    });
    assert.match(refusal(location(...LOGIN, "Require group a")).message, /:6: .*AuthGroupFile/);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["", /Unknown Authz provider/],
    ["VALID-USER", /Unknown Authz provider: VALID-USER/],
    ["ldap-users alice", /Unknown Authz provider: ldap-users/],
    ["all", /Argument for 'Require all' must be 'granted' or 'denied'/],
    ["all sometimes", /Argument for 'Require all' must be 'granted' or 'denied'/],
    ["ip", /it names nothing/],
    ["ip 10.1.1.999", /ip address '10.1.1.999' appears to be invalid/],
    ["ip example.org", /appears to be invalid/],
    ["user", /it names nothing/],
    ["env", /it names nothing/],
    ["method", /it names nothing/],
    ["user %{HTTP:X}", /%\{…\} is carried in ldap-\* and expr lines only/],
    ["host example.org", /host asks the DNS/],
    ["forward-dns example.org", /forward-dns asks the DNS/],
    ["ssl", /Unknown Authz provider: ssl/],
    ["not ldap-user alice", /negative Require directive has no effect in <RequireAny> directive/],
    ["ldap-user %{no_such}", /Cannot parse expression in require line: /],
    ["ldap-user %{HTTP:X", /Cannot parse expression in require line: /],
    ["ldap-dn %{file:/etc/passwd}", /Cannot parse expression in require line: /],
    ["ldap-attribute a=%{osenv:HOME}", /Cannot parse expression in require line: /],
    ["expr true &&", /Cannot parse expression in require line: /],
    ["expr -f '/etc/passwd'", /Cannot parse expression in require line: /],
  ];
  for (const [line, message] of wrong) {
    it(`refuses ${line || "nothing"}`, () => {
      const shown = refusal(location(...LOGIN, `Require ${line}`)).message;
      assert.match(shown, message);
      assert.match(shown, /^httpd\.conf:6: Require: /);
    });
  }

  it("takes AuthLDAPCompareDNOnServer", () => {
    const rule = ruleOf(...LOGIN, "AuthLDAPCompareDNOnServer on", "Require ldap-dn uid=a");
    assert.deepEqual(rule, { type: "ldap-dn", argument: "uid=a", compareOnServer: true });
  });
});

describe("AuthLDAPCharsetConfig", () => {
  const charsetsOf = (text: string) =>
    accessOf(["Require all granted"], [`AuthLDAPCharsetConfig ${fileWith("charset.conv", text)}`])
      .charsets;

  it("reads lines of a language and its charset", () => {
    assert.deepEqual(charsetsOf("# a comment\n\n  fr  iso-8859-1 French\r\nel iso-8859-7\n"), [
      ["fr", "iso-8859-1"],
      ["el", "iso-8859-7"],
    ]);
  });

  it("refuses a charset that nobody knows, and a file that is not there", () => {
    assert.throws(
      () => charsetsOf("# a comment\nroot:s3cret klingon-1\n"),
      (error: Error) =>
        /:1: AuthLDAPCharsetConfig: line 2 of the file names no charset/.test(error.message) &&
        !/s3cret|klingon/.test(error.message),
    );
    assert.throws(() => charsetsOf("fr\n"), ConfigError);
    assert.match(
      refusal("AuthLDAPCharsetConfig /no/such.conv\n<Location />\nRequire all granted\n</Location>")
        .message,
      /:1: AuthLDAPCharsetConfig: could not open charset conversion config file/,
    );
  });
});

describe("what httpd finds wrong at a request", () => {
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["Require without AuthType", [URL_LINE, "Require valid-user"], /:3: Require: .*no AuthType/],
    [
      "Require without AuthName",
      ["AuthType Basic", "AuthBasicProvider ldap", URL_LINE, "Require valid-user"],
      /:5: Require: there is no AuthName/,
    ],
    ["AuthType without Require", [...LOGIN], /:2: AuthType: there is no Require/],
    [
      "AuthType None with a rule about people",
      ["AuthType None", URL_LINE, "Require ldap-user alice"],
      /:4: Require: .*no AuthType Basic/,
    ],
    ["a bad filter", [...LOGIN.slice(0, 3), "AuthLDAPURL ldap://h/dc=x?uid?sub?((a=b))"], /:5: /],
    [
      "blanks around a filter",
      [...LOGIN.slice(0, 3), 'AuthLDAPURL "ldap://h/dc=x?uid?sub? (a=b)"', "Require valid-user"],
      /:5: AuthLDAPURL: blanks around the filter/,
    ],
    [
      "a broken escape",
      [...LOGIN.slice(0, 3), "AuthLDAPURL ldap://h/dc=%zz?uid", "Require valid-user"],
      /:5: AuthLDAPURL: /,
    ],
    ["a second URL", [...LOGIN, URL_LINE, "Require valid-user"], /:6: AuthLDAPURL: .*line 5/],
    [
      "an ldap-search without a directory",
      ["Require ldap-search (uid=alice)"],
      /:2: Require: there is no AuthLDAPURL/,
    ],
  ];
  for (const [name, lines, message] of wrong) {
    it(`refuses ${name}`, () => assert.match(refusal(location(...lines)).message, message));
  }

  it("has the line in the error's option", () => {
    assert.equal(refusal(location(...LOGIN)).option, "apache:2");
  });
});

describe("variables", () => {
  it("are set in the order of the server's lines, then the section's", () => {
    const { environment } = accessOf(
      ["BrowserMatchNoCase bot robot=1", "UnsetEnv a b", "Require all granted"],
      ['SetEnvIf Host "^a\\.b$" x !y z=$1', "SetEnv a 1"],
    );
    assert.deepEqual(environment, [
      {
        when: "early",
        of: "Host",
        pattern: { source: "^a\\.b$", ignoreCase: false },
        assignments: ["x", "!y", "z=$1"],
      },
      { when: "late", set: [["a", "1"]] },
      {
        when: "early",
        of: "User-Agent",
        pattern: { source: "bot", ignoreCase: true },
        assignments: ["robot=1"],
      },
      { when: "late", unset: ["a", "b"] },
    ]);
  });
});
