import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import express from "express";
import { ConfigError } from "../../src/errors.ts";
import type { Directive } from "../../src/importers/apache/directive.ts";
import { parseApacheConfig } from "../../src/importers/apache/parse-apache-config.ts";
import { apacheToTypeScript } from "../../src/importers/apache/to-typescript.ts";
import { type RawAnswer, sendRaw } from "../conformance/raw-request.ts";
import {
  hasIncidents,
  type RecordedCase,
  readRecordedCases,
} from "../conformance/recorded-case.ts";
import { type Surroundings, startSurroundings } from "../conformance/surroundings.ts";
import { type CodeFolder, openCodeFolder } from "../support/generated-code.ts";

/** What the native guards let in and httpd does not, and why that is so. */
const LETS_IN: Readonly<Record<string, string>> = {
  "expr-05": "rules are asked after the login",
  "expr-06": "rules are asked after the login",
  "expr-17": "the name is what the entry holds",
  "initial-bind-09": "what is put into a DN is escaped",
  "initial-bind-13": "the name was read at login, and need not be asked for again",
  "require-dn-05": "a DN in another spelling",
  "require-dn-16": "a DN in another spelling",
  "require-dn-18": "a DN in another spelling",
  "require-dn-41": "a DN in another spelling",
  "require-escape-15": "a DN in another spelling",
  "require-search-05": "rules are asked after the login",
  "require-search-09": "rules are asked after the login",
  "require-user-19": "the name is what the entry holds",
  "tls-21": "[::1] keeps its port",
  "url-host-02": "[::1] keeps its port",
  "url-host-11": "[::1] keeps its port",
};

const cases = readRecordedCases().filter((recorded) => !hasIncidents(recorded));

let surroundings: Surroundings;
let folder: CodeFolder;
before(async () => {
  surroundings = await startSurroundings("built-in");
  folder = openCodeFolder();
});
after(async () => {
  folder.remove();
  await surroundings.close();
});

/** The code of a recorded configuration; undefined if it is refused. */
function codeOf(recorded: RecordedCase): string | undefined {
  try {
    return apacheToTypeScript(textOf(recorded), { serverRoot: surroundings.folder });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function textOf({ server, config }: RecordedCase): string {
  return surroundings.fill([...server, config, ""].join("\n"));
}

function bindPasswords(tree: readonly Directive[]): readonly string[] {
  return tree.flatMap(({ name, args, children = [] }) => [
    ...(name.toLowerCase() === "authldapbindpassword" ? args : []),
    ...bindPasswords(children),
  ]);
}

/** With the passwords that the code asks the environment for, and quiet. */
function runnable(code: string, text: string): string {
  const passwords = bindPasswords(parseApacheConfig(text)).values();
  return code
    .replace(/process\.env\.\w+ \?\? ""/g, () => JSON.stringify(passwords.next().value ?? "none"))
    .replace(/authnzLdap\(\{/g, () => "authnzLdap({ log: () => {}, throttle: false,");
}

type Ask = (path: string, authorization?: string, method?: string) => Promise<RawAnswer>;

async function withApp(code: string, use: (ask: Ask) => Promise<void>): Promise<void> {
  const { protection, close } = await folder.load(code);
  const app = express();
  app.use(protection);
  app.use((_req, res) => void res.send("in"));
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  try {
    await use((path, authorization, method = "GET") =>
      sendRaw(port, {
        method,
        path,
        headers: authorization === undefined ? {} : { Authorization: authorization },
      }),
    );
  } finally {
    server.closeAllConnections();
    server.close();
    await close();
  }
}

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString("base64")}`;

/** A configuration with a directory that is there. */
function intranet(...sections: readonly string[]): string {
  return surroundings.fill(sections.join("\n").replaceAll("LOGIN", LOGIN));
}

const LOGIN = `AuthType Basic
  AuthName "Intranet"
  AuthBasicProvider ldap
  AuthLDAPURL "ldap://127.0.0.1:@LDAP@/ou=people,dc=domain,dc=org?uid"`;

describe("apacheToTypeScript", () => {
  it("lets in nobody whom httpd refuses, but for what is listed, and nearly everybody else", async () => {
    const looser: string[] = [];
    let same = 0;
    let stricter = 0;
    for (const recorded of cases) {
      const code = codeOf(recorded);
      if (code === undefined || recorded.requests.length === 0) continue;
      if (!surroundings.hasIpv6 && recorded.config.includes("[::1]")) continue;
      // A service account whose name is no DN is refused when the code starts.
      if (recorded.id === "bind-05") continue;
      const quiet = runnable(code, textOf(recorded));
      await withApp(quiet, async (ask) => {
        for (const [
          index,
          { method, path, authorization, expect },
        ] of recorded.requests.entries()) {
          const { status } = await ask(`/t/${recorded.id}${path}`, authorization, method);
          const isIn = status === 200;
          if (isIn === (expect.status === 200)) same++;
          else if (!isIn) stricter++;
          else if (!(recorded.id in LETS_IN)) looser.push(`${recorded.id} ${index}`);
        }
      });
    }
    assert.deepEqual(looser, []);
    assert.ok(same > 1_000 && stricter < same / 25, `same ${same}, stricter ${stricter}`);
  });

  it("writes what compiles with the strictest settings", async () => {
    const codes = cases.map(codeOf).filter((code) => code !== undefined);
    assert.ok(codes.length > 450);
    assert.equal(await folder.compile(codes), "");
    assert.match(await folder.compile(["const wrong: string = 1;"]), /TS2322/);
  });

  it("refuses what httpd refuses", () => {
    const refused = cases.filter(({ configError }) => configError !== null);
    assert.ok(refused.length > 30);
    assert.deepEqual(
      refused.filter((recorded) => codeOf(recorded) !== undefined),
      [],
    );
  });

  it("shows no password, and runs no program for one", () => {
    const code = apacheToTypeScript(
      intranet(
        '<Location /a>\nLOGIN\nAuthLDAPBindDN cn=a\nAuthLDAPBindPassword "P4ss w\\"ord"\nRequire valid-user\n</Location>',
        "<Location /b>\nLOGIN\nAuthLDAPBindDN cn=a\nAuthLDAPBindPassword exec:/no/such/program\nRequire valid-user\n</Location>",
        '<Location /c>\nLOGIN\nAuthLDAPBindDN cn=a\nAuthLDAPBindPassword "exec:/bin/cat /etc/my/secret"\nRequire valid-user\n</Location>',
      ),
    );
    assert.doesNotMatch(code, /P4ss|no\/such/);
    assert.match(code, /bindPassword: process\.env\.LDAP_BIND_PASSWORD_7 \?\? ""/);
    assert.match(code, /bindPassword: process\.env\.LDAP_BIND_PASSWORD_16 \?\? ""/);
    assert.match(code, /bindPassword: \{ file: "\/etc\/my\/secret" \}/);
    assert.match(code, /Line 16: AuthLDAPBindPassword runs a program/);
  });

  it("keeps two directories apart that differ in the password only", () => {
    const section = (path: string, password: string) =>
      `<Location ${path}>\nLOGIN\nAuthLDAPBindDN cn=a\nAuthLDAPBindPassword ${password}\nRequire valid-user\n</Location>`;
    const code = apacheToTypeScript(intranet(section("/a", "one"), section("/b", "two")));
    assert.match(code, /close\(\), ldap2\.close\(\)/);
  });

  it("tells a folder from the one inside it, and both from what is open", async () => {
    const code = apacheToTypeScript(
      intranet(
        "<Location />\nRequire all denied\n</Location>",
        "<Location /a>\nLOGIN\nRequire valid-user\n</Location>",
        "<Location /a/inner>\nRequire ldap-user alice\n</Location>",
        "<Location /open>\nRequire all granted\n</Location>",
      ),
    );
    await withApp(runnable(code, ""), async (ask) => {
      const alice = basic("alice:alice-pw");
      const bob = basic("bob:bob-pw");
      const expected: readonly (readonly [string, string | undefined, number])[] = [
        ["/a", bob, 200],
        ["/a/x", bob, 200],
        ["/a", undefined, 401],
        ["/a", basic("bob:wrong"), 401],
        ["/a/inner", bob, 403],
        ["/a/inner/x", bob, 403],
        ["/A/INNER", bob, 403],
        ["/a/inner", alice, 200],
        ["/a/innermost", bob, 200],
        ["/ab", alice, 403],
        ["/", alice, 403],
        ["/open/x", undefined, 200],
        ["/opened", undefined, 403],
      ];
      for (const [path, authorization, status] of expected) {
        assert.equal((await ask(path, authorization)).status, status, `${path} ${authorization}`);
      }
    });
  });

  it("lets no odd spelling of a path past its section", async () => {
    const code = apacheToTypeScript(
      intranet("<Location /secret>\nRequire all denied\n</Location>"),
    );
    await withApp(code, async (ask) => {
      const spellings = [
        ...["/secret", "/SECRET/", "/secret?x", "//secret", "/./secret", "/x/../secret"],
        ...["/%73ecret", "/secre%74", "/s%65cret", "/secret%2fx", "/secret%2Fx", "/secret/%2e"],
        ...["/x%2f..%2fsecret", "/x%5c..%5csecret", "/\\secret", "/secret%00", "/%53ECRET"],
        ...["http://localhost/secret", "http://localhost//secret"],
      ];
      for (const path of spellings) {
        const { status } = await ask(path);
        assert.ok(status === 403 || status === 400, `${path}: ${status}`);
      }
      for (const path of ["/", "/secrets", "/a%20b", "/%C3%A9", "/a.b/c~d"]) {
        assert.equal((await ask(path)).status, 200, path);
      }
    });
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      "a pattern",
      '<LocationMatch "^/a">\nRequire all denied\n</LocationMatch>',
      /:1: <LocationMatch>: .*fromApacheConfig/,
    ],
    [
      "a wildcard",
      "<Location /a*>\nRequire all denied\n</Location>",
      /:1: <Location>: .*fromApacheConfig/,
    ],
    [
      "a path that is too long",
      `<Location /${"a".repeat(1_100)}>\nRequire all denied\n</Location>`,
      /fromApacheConfig/,
    ],
    [
      "a path that needs escaping",
      "<Location /a+b>\nRequire all denied\n</Location>",
      /fromApacheConfig/,
    ],
    [
      "a file name",
      "<Files secret.html>\nRequire all denied\n</Files>\n<Location /a>\nRequire all granted\n</Location>",
      /:1: <Files>/,
    ],
    [
      "two spellings",
      "<Location /a>\nRequire all denied\n</Location>\n<Location /A>\nRequire all granted\n</Location>",
      /spellings/,
    ],
    [
      "a variable of SetEnvIf",
      "SetEnvIf X-A y blocked\n<Location /a>\nLOGIN\n<RequireAll>\nRequire valid-user\nRequire not env blocked\n</RequireAll>\n</Location>",
      /SetEnvIf/,
    ],
    [
      "addresses without any directory",
      "<Location /a>\nRequire ip 10.0.0.0/8\n</Location>",
      /AuthLDAPURL/,
    ],
    [
      "a file that is asked first",
      "<Location /a>\nAuthType Basic\nAuthName x\nAuthUserFile @HTPASSWD@\nRequire valid-user\n</Location>",
      /directory first/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => apacheToTypeScript(intranet(text)),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }

  it("takes a path with a slash at its end for the one without, too", async () => {
    const code = apacheToTypeScript("<Location /a/>\nRequire all denied\n</Location>");
    await withApp(code, async (ask) => {
      for (const path of ["/a", "/a/", "/a/b"]) assert.equal((await ask(path)).status, 403, path);
      assert.equal((await ask("/ab")).status, 200);
    });
  });

  it("finds the paths of folders", async () => {
    const code = apacheToTypeScript(
      [
        "DocumentRoot /srv/www",
        "Alias /data /srv/data",
        "<Directory /srv/www/private>\nRequire all denied\n</Directory>",
        "<Directory /srv/data>\nRequire all denied\n</Directory>",
      ].join("\n"),
    );
    await withApp(code, async (ask) => {
      for (const path of ["/private", "/private/x", "/data", "/data/x"]) {
        assert.equal((await ask(path)).status, 403, path);
      }
      assert.equal((await ask("/public")).status, 200);
    });
  });

  it("takes a .htaccess for all paths", async () => {
    const code = apacheToTypeScript("Require all denied\n");
    await withApp(code, async (ask) => {
      for (const path of ["/", "/x"]) assert.equal((await ask(path)).status, 403, path);
    });
  });

  it("asks a password file behind the directory", async () => {
    const text = intranet(
      "<Location /a>\nLOGIN\nAuthBasicProvider ldap file\nAuthUserFile @HTPASSWD@\nRequire valid-user\n</Location>",
    );
    const code = apacheToTypeScript(text);
    await withApp(runnable(code, text), async (ask) => {
      assert.equal((await ask("/a", basic("fileonly:file-pw"))).status, 200);
      assert.equal((await ask("/a", basic("fileonly:wrong"))).status, 401);
      assert.equal((await ask("/a", basic("alice:file-pw"))).status, 401);
    });
  });

  it("asks an alias' directory first where that is named first, and each one once", async () => {
    const text = intranet(
      '<AuthnProviderAlias ldap groups>\nAuthLDAPURL "ldap://127.0.0.1:@LDAP@/ou=groups,dc=domain,dc=org?uid"\n</AuthnProviderAlias>',
      "<Location /a>\nLOGIN\nRequire valid-user\n</Location>",
    ).replace("AuthBasicProvider ldap", "AuthBasicProvider groups ldap ldap groups");
    const code = apacheToTypeScript(text);
    assert.equal(code.match(/otherDirectory\(\{/g)?.length, 1);
    await withApp(runnable(code, text), async (ask) => {
      assert.equal((await ask("/a", basic("alice:alice-pw"))).status, 200);
      assert.equal((await ask("/a", basic("alice:wrong"))).status, 401);
    });
  });

  it("refuses rules that ask another directory than people come from", () => {
    const text = intranet(
      '<AuthnProviderAlias ldap other>\nAuthLDAPURL "ldap://127.0.0.1/dc=other?uid"\n</AuthnProviderAlias>',
      "<Location /a>\nLOGIN\nRequire ldap-user alice\n</Location>",
    ).replace("AuthBasicProvider ldap", "AuthBasicProvider ldap other");
    assert.throws(
      () => apacheToTypeScript(text),
      (error) => error instanceof ConfigError && /another one/.test(error.message),
    );
  });

  it("says what it does not carry, and keeps hostile text within its strings and comments", async () => {
    const text = intranet(
      "LDAPCacheTTL 600",
      'AddType "x" "y"',
      '<Location /a>\nLOGIN\nAuthName "\\"}); process.exit(3); //"\nSetEnv TOKEN my-token\nRequire ldap-group "cn=`process.exit(3)`,dc=x"\nRequire valid-user\n</Location>',
    );
    const code = apacheToTypeScript(text, { file: "a\nprocess.exit(3)//.conf" });
    assert.match(code, /^\/\/ .*:1 LDAPCacheTTL: answers/m);
    assert.match(code, /^\/\/ .*:2 AddType: /m);
    assert.match(code, /^\/\/ Not carried: variables/m);
    assert.doesNotMatch(code, /my-token/);
    assert.doesNotMatch(code, /^process/m);
    await withApp(runnable(code, text), async (ask) => {
      assert.equal((await ask("/a", basic("alice:alice-pw"))).status, 200);
    });
  });
});
