import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { openApacheSites } from "../support/apache-sites.ts";

type Options = Parameters<typeof openApacheSites>[1];

function refuses(text: string, message: RegExp, options: Options = { file: "httpd.conf" }): void {
  assert.throws(
    () => openApacheSites(text, options),
    (error) => error instanceof ConfigError && message.test(error.message),
    text,
  );
}

function location(path: string, ...lines: string[]): string {
  return `<Location "${path}">\n${lines.join("\n")}\n</Location>\n`;
}

describe("the Require lines of a section", () => {
  const trees: readonly (readonly [string, readonly string[], string])[] = [
    ["one line", ["Require user a"], "user a"],
    ["several lines", ["Require user a", "require user b"], "any(user a, user b)"],
    ["raw arguments", ['Require ldap-dn  "a b"  c '], 'ldap-dn  "a b"  c'],
    ["no argument", ["Require"], ""],
    [
      "a not in an all",
      ["<RequireAll>", "Require x", "Require NOT user a", "</RequireAll>"],
      "all(x, not user a)",
    ],
    [
      "a none in an all",
      [
        "<requireall>",
        "Require x",
        "<RequireNone>",
        "Require y",
        "Require z",
        "</RequireNone>",
        "</requireall>",
      ],
      "all(x, none(y, z))",
    ],
    [
      "an any within an any",
      ["Require x", "<RequireAny>", "Require y", "</RequireAny>"],
      "any(x, y)",
    ],
    [
      "negatives only in an all within an all",
      [
        "<RequireAll>",
        "<RequireAll>",
        "Require not x",
        "</RequireAll>",
        "Require y",
        "</RequireAll>",
      ],
      "all(not x, y)",
    ],
    ["a Limit", ["<Limit POST>", "Require x", "</Limit>"], "POST?(x)"],
    ["GET and HEAD", ["<Limit GET>", "Require x", "</Limit>"], "GET|HEAD?(x)"],
    ["a LimitExcept", ["<LimitExcept HEAD>", "Require x", "</LimitExcept>"], "!GET|HEAD?(x)"],
    [
      "two methods apart",
      ["<Limit POST>", "Require x", "</Limit>", "<Limit PUT>", "Require y", "</Limit>"],
      "POST|PUT?(any(POST?(x), PUT?(y)))",
    ],
    [
      "a Limit beside what is not limited",
      ["<Limit POST>", "Require x", "</Limit>", "Require y"],
      "any(POST?(x), y)",
    ],
    [
      "a Limit and its opposite",
      [
        "<Limit POST>",
        "Require x",
        "</Limit>",
        "<LimitExcept POST>",
        "Require y",
        "</LimitExcept>",
      ],
      "any(POST?(x), !POST?(y))",
    ],
    [
      "a Limit within an all",
      ["<RequireAll>", "Require x", "<Limit POST>", "Require y", "</Limit>", "</RequireAll>"],
      "all(x, POST?(y))",
    ],
    [
      "an all within a Limit",
      ["<Limit POST>", "<RequireAll>", "Require x", "Require y", "</RequireAll>", "</Limit>"],
      "POST?(all(x, y))",
    ],
    [
      "a Limit within a LimitExcept",
      ["<LimitExcept GET>", "<Limit PUT GET POST>", "Require x", "</Limit>", "</LimitExcept>"],
      "POST|PUT?(x)",
    ],
  ];
  for (const [name, lines, expected] of trees) {
    it(`reads ${name}`, () => {
      assert.equal(openApacheSites(location("/a", ...lines)).require("/a"), expected);
    });
  }

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "a not among lines that are not in an all",
      ["Require not x", "Require y"],
      /:2: Require: negative Require directive has no effect in <RequireAny> directive/,
    ],
    [
      "a not in an any",
      ["<RequireAny>", "Require not x", "</RequireAny>"],
      /negative Require directive has no effect in <RequireAny>/,
    ],
    [
      "a not in a none",
      ["<RequireNone>", "Require not x", "</RequireNone>"],
      /no effect in <RequireNone>/,
    ],
    [
      "a none alone",
      ["<RequireNone>", "Require x", "</RequireNone>"],
      /<RequireNone> directive has no effect in <RequireAny> directive/,
    ],
    [
      "negatives only",
      ["<RequireAll>", "Require not x", "</RequireAll>"],
      /<RequireAll> directive contains only negative authorization directives/,
    ],
    [
      "a none and nothing else in an all",
      ["<RequireAll>", "<RequireNone>", "Require x", "</RequireNone>", "</RequireAll>"],
      /only negative/,
    ],
    [
      "an empty all",
      ["<RequireAll>", "</RequireAll>"],
      /<RequireAll> directive contains no authorization directives/,
    ],
    [
      "an argument of RequireAll",
      ["<RequireAll x>", "Require x", "</RequireAll>"],
      /additional arguments/,
    ],
    ["a Limit without methods", ["<Limit>", "Require x", "</Limit>"], /additional arguments/],
    ["a Limit of TRACE", ["<Limit TRACE>", "Require x", "</Limit>"], /TRACE/],
    ["a method in small letters", ["<Limit get>", "Require x", "</Limit>"], /capital/],
    [
      "a Limit of nothing",
      ["<Limit GET>", "<Limit POST>", "Require x", "</Limit>", "</Limit>"],
      /excludes all methods/,
    ],
    [
      "a Limit that changes nothing",
      ["<Limit GET>", "<Limit GET POST>", "Require x", "</Limit>", "</Limit>"],
      /already excluded/,
    ],
    ["two AuthLDAPURL lines", ["AuthLDAPURL a", "AuthLDAPURL b"], /:3: AuthLDAPURL: .*line 2/],
    ["an old access rule in a Limit", ["<Limit POST>", "Deny from all", "</Limit>"], /Require/],
    ["a word that AuthMerging does not know", ["AuthMerging xor"], /Off, And, or Or/],
    ["Files in a Location", ["<Files x>", "</Files>"], /cannot occur/],
    ["a Location in a Location", ["<Location /b>", "</Location>"], /can't be honoured/],
    ["an If about access", ["<If true>", "Require x", "</If>"], /:2: <If>: .*can't be honoured/],
  ];
  for (const [name, lines, message] of wrong) {
    it(`refuses ${name}`, () => refuses(location("/a", ...lines), message));
  }
});

describe("readSections", () => {
  it("lists what is not about access, without arguments", () => {
    const { skipped } = openApacheSites(
      "ServerName secret\n<IfModule mod_php.c>\nX\n</IfModule>\n<Location /a>\nSetHandler secret\nRequire x\n</Location>",
      { file: "site.conf" },
    );
    assert.deepEqual(
      skipped.map(({ line, directive, file }) => [line, directive, file]),
      [
        [1, "ServerName", "site.conf"],
        [2, "<IfModule>", "site.conf"],
        [6, "SetHandler", "site.conf"],
      ],
    );
    assert.ok(!JSON.stringify(skipped).includes("secret"));
  });

  it("takes one virtual host, or several that say the same, for the server", () => {
    const host = (rule: string, name = "a") =>
      `<VirtualHost *:80>\nServerName ${name}\n${location("/x", rule)}</VirtualHost>\n`;
    assert.equal(openApacheSites(host("Require x")).require("/x"), "x");
    assert.equal(
      openApacheSites(host("Require x", "a") + host("Require x", "b")).require("/x"),
      "x",
    );
    assert.equal(
      openApacheSites(
        `<VirtualHost *:80>\nRedirect / /x\n</VirtualHost>\n${host("Require x")}`,
      ).require("/x"),
      "x",
    );
    refuses(
      host("Require x") + host("Require y"),
      /<VirtualHost>: it says something else than that of line 1/,
    );
  });

  it("merges the virtual host's sections after the server's", () => {
    const text = `<VirtualHost *>\n${location("/a", "Require inner")}</VirtualHost>\n${location("/a", "Require outer")}`;
    assert.equal(openApacheSites(text).require("/a"), "inner");
  });

  it("reads a .htaccess, by its name or where a text without name has no sections", () => {
    const text = "AuthType Basic\nRequire x\n<Files y>\nRequire y\n</Files>";
    for (const file of [".htaccess", "/srv/www/.htaccess", undefined]) {
      const sites = openApacheSites(text, file === undefined ? {} : { file });
      assert.equal(sites.require("/"), "x");
      assert.equal(sites.require("/any/where"), "x");
      assert.equal(sites.require("/any/y"), "y");
    }
    refuses(text, /:2: Require: Require not allowed here/, { file: "httpd.conf" });
    refuses("<Location /a>\nRequire x\n</Location>", /can't be honoured/, { file: ".htaccess" });
  });

  it("tells where a directive stands", () => {
    const merged = openApacheSites(
      "<Directory />\nAuthType a\n<Files b>\nAuthName b\n</Files>\n</Directory>",
    ).merged("/b");
    assert.ok(typeof merged === "object");
    assert.deepEqual(
      merged.directives.map(({ place }) => place),
      [
        { kind: "section", name: "Directory" },
        { kind: "section", name: "Files" },
      ],
    );
  });

  it("reads provider aliases, of the server only", () => {
    const alias =
      '<AuthzProviderAlias ldap-group staff "cn=staff,dc=x">\nAuthLDAPURL ldap:///\n</AuthzProviderAlias>\n<AuthnProviderAlias ldap two>\nAuthLDAPURL ldap:///\n</AuthnProviderAlias>\n';
    const merged = openApacheSites(alias + location("/a", "Require staff")).merged("/a");
    assert.ok(typeof merged === "object");
    assert.deepEqual(
      merged.aliases.map(({ kind, base, name, argument, directives }) => [
        kind,
        base,
        name,
        argument,
        directives.length,
      ]),
      [
        ["authz", "ldap-group", "staff", "cn=staff,dc=x", 1],
        ["authn", "ldap", "two", "", 1],
      ],
    );
    refuses(`<VirtualHost *>\n${alias}</VirtualHost>`, /cannot occur within <VirtualHost>/);
    refuses("<AuthnProviderAlias ldap>\n</AuthnProviderAlias>", /additional arguments/);
    refuses("<AuthnProviderAlias ldap a>\nRequire x\n</AuthnProviderAlias>", /no effect/);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["<Location>\n</Location>", /additional arguments/],
    ['<Location "/a" "/b">\n</Location>', /multiple/],
    ["<Location http://a/>\nRequire x\n</Location>", /begin with a slash/],
    ['<Location "/a\\*">\nRequire x\n</Location>', /backslash/],
    ["<LocationMatch (>\n</LocationMatch>", /:1: <LocationMatch>: /],
    ["<LocationMatch ^/(?<name>a)>\nRequire x\n</LocationMatch>", /names/],
    ["<Location ~ ^/(?P<name>a)>\nRequire x\n</Location>", /names/],
    ["<If true>\nRequire x\n</If>", /can't be honoured/],
    ["<Proxy *>\nRequire x\n</Proxy>", /can't be honoured/],
    ["<Strange>\n<Location /a>\nRequire x\n</Location>\n</Strange>", /can't be honoured/],
    ["<Limit GET>\nRequire x\n</Limit>", /not allowed here/],
    ["<RequireAll>\nRequire x\n</RequireAll>", /not allowed here/],
    ["<Files a/b>\nRequire x\n</Files>", /slash/],
    ["<Directory a>\nRequire x\n</Directory>", /absolute/],
    ["<Directory /srv/../a>\nRequire x\n</Directory>", /absolute/],
    ["<Directory /srv/a>\nRequire x\n</Directory>", /DocumentRoot or Alias/],
    ["<Directory /srv/a>\nRequire all granted\n</Directory>", /DocumentRoot or Alias/],
    ["DocumentRoot /srv/b\n<Directory /srv/a>\nRequire x\n</Directory>", /DocumentRoot or Alias/],
    [
      "DocumentRoot /srv/b\n<Directory /srv/a>\nAuthMerging Off\n<Files x>\nRequire x\n</Files>\n</Directory>",
      /DocumentRoot or Alias/,
    ],
    ["DocumentRoot b\n<Directory /srv/a>\nRequire x\n</Directory>", /absolute/],
    ["Alias /a/ /srv/a\n<Directory /srv/a>\nRequire x\n</Directory>", /slash/],
    ["AliasMatch ^/a /srv/a\n<Directory /srv/a>\nRequire x\n</Directory>", /as <Location>/],
    ["<DirectoryMatch ^/srv>\nRequire x\n</DirectoryMatch>", /DocumentRoot or Alias/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => refuses(text, message));
  }

  it("skips a folder that no path leads to, if it only opens", () => {
    const sites = openApacheSites(
      "DocumentRoot /srv/www\n<Directory />\nRequire all denied\n</Directory>\n<Directory /usr/share>\nRequire all granted\n</Directory>",
    );
    assert.deepEqual(
      sites.skipped.map(({ line, directive }) => [line, directive]),
      [[5, "<Directory>"]],
    );
    assert.equal(sites.require("/usr/share"), "all denied");
  });
});
