import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import type { RequireNode } from "../../src/importers/apache/merged.ts";
import { normalizePath } from "../../src/importers/apache/request-path.ts";
import { openApacheSites } from "../support/apache-sites.ts";
import { assertLinear } from "../support/assert-linear.ts";

function section(name: string, argument: string, ...lines: string[]): string {
  return `<${name} ${argument}>\n${lines.join("\n")}\n</${name}>\n`;
}

function refuses(text: string, message: RegExp): void {
  assert.throws(
    () => openApacheSites(text),
    (error) => error instanceof ConfigError && message.test(error.message),
    text,
  );
}

describe("normalizePath", () => {
  const same: readonly (readonly [string, string])[] = [
    ["/", "/"],
    ["/a/b?c=/../d#", "/a/b"],
    ["//a///b/", "/a/b/"],
    ["/%61%20%C3%A9", "/a é"],
    ["/a%25b", "/a%b"],
    ["/a%252fb", "/a%2fb"],
    ["/a;b=c", "/a;b=c"],
    ["/a%3Fb", "/a?b"],
    ["/a%23b", "/a#b"],
    ["/.well-known/..a/...", "/.well-known/..a/..."],
    ["http://host:80/a?b", "/a"],
    ["HTTPS://[::1]", "/"],
    ["http://host?a", "/"],
  ];
  for (const [target, path] of same) {
    it(`reads ${target}`, () => assert.equal(normalizePath(target), path));
  }

  const refused = [
    "",
    "*",
    "a",
    "?a",
    "/a%2fb",
    "/a%2Fb",
    "/a%5cb",
    "/a\\b",
    "/a/../b",
    "/a/./b",
    "/..",
    "/a/.",
    "/a/%2e%2e/b",
    "/%2E",
    "//..//",
    "/a%00",
    "/a%0a",
    "/a%7f",
    "/%",
    "/%4",
    "/%zz",
    "/%ff",
    "/%c0%af",
    "/%ed%a0%80",
    "/a#b",
    "http://host\\@x/a",
    "http://user@host/a",
    "ftp://host/a",
    "host:443",
    "http:///a",
    `/${"a".repeat(8190)}`,
  ];
  for (const target of refused) {
    it(`refuses ${target.slice(0, 30)}`, () => assert.equal(normalizePath(target), "refuse"));
  }

  it("never throws, and never leaves what a router reads differently", () => {
    const part = fc.constantFrom(
      "/",
      "%2f",
      "%2e",
      ".",
      "..",
      "a",
      "%",
      "%61",
      "\\",
      "%5c",
      "%00",
      "?",
      "#",
      "//",
      "%c3%a9",
      "http://h",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(part).map((parts) => parts.join("")),
        ),
        (target) => {
          const path = normalizePath(target);
          if (path === "refuse") return;
          assert.match(path, /^\//);
          assert.doesNotMatch(path, /\/\/|\/\.{1,2}(?:\/|$)|\\|\0/);
        },
      ),
    );
  });

  for (const unit of ["/", "%2e", "a/", "%", "../", "//a"]) {
    it(`takes time in proportion to the length of ${unit}…`, () =>
      assertLinear((size) => normalizePath(`/${unit.repeat(size)}`)));
  }
});

describe("which section applies", () => {
  const rules: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    [
      "a path",
      section("Location", '"/a"', "Require x"),
      ["/a", "/a/", "/a/b", "//a//b", "/%61", "/a?b"],
      ["/", "/ab", "/b/a", "/a;b", "/a.b"],
    ],
    [
      "a path with a slash at its end",
      section("Location", "/a/", "Require x"),
      ["/a/", "/a/b"],
      ["/", "/ab", "/ab/"],
    ],
    ["all paths", section("Location", "/", "Require x"), ["/", "/a"], []],
    [
      "a star",
      section("Location", "/a*/b", "Require x"),
      ["/a/b", "/axy/b"],
      ["/a", "/a/c/b", "/a/b/c", "/b/b"],
    ],
    ["a question mark", section("Location", "/a?", "Require x"), ["/ab"], ["/a", "/abc", "/ab/c"]],
    ["a set", section("Location", "/[a-c!]x", "Require x"), ["/ax", "/!x"], ["/dx", "/x"]],
    ["a negated set", section("Location", "/[!a-c]x", "Require x"), ["/dx"], ["/ax"]],
    ["an escaped star", section("Location", '"/a\\*?"', "Require x"), ["/a*b"], ["/ab", "/abc"]],
    [
      "a pattern",
      section("LocationMatch", '"^/(a|b)/[0-9]+$"', "Require x"),
      ["/a/1", "/b/22"],
      ["/c/1", "/a/", "/x/a/1"],
    ],
    [
      "a pattern after a tilde",
      section("Location", '~ "/secret"', "Require x"),
      ["/a/secret", "/secrets"],
      ["/a"],
    ],
    ["a file", section("Files", "a.txt", "Require x"), ["/a.txt", "/b/a.txt"], ["/b", "/ba.txt"]],
    [
      "files",
      section("FilesMatch", '"\\.(?:php|inc)$"', "Require x"),
      ["/a.php", "/b/c.inc"],
      ["/a.phps", "/php"],
    ],
    [
      "a folder",
      `DocumentRoot /srv/www/\n${section("Directory", "/srv/www/a/", "Require x")}`,
      ["/a", "/a/b"],
      ["/", "/ab"],
    ],
    [
      "the folder that holds all",
      `DocumentRoot /srv/www\n${section("Directory", "/srv", "Require x")}`,
      ["/", "/a"],
      [],
    ],
    [
      "a folder with wildcards",
      `DocumentRoot /srv\n${section("Directory", "/srv/*/x", "Require x")}`,
      ["/a/x/", "/b/x/y"],
      ["/a", "/x/a/x"],
    ],
    [
      "a folder by its alias",
      `Alias "/doc" "/usr/doc"\nDocumentRoot /srv\n${section("Directory", "/usr/doc/a", "Require x")}`,
      ["/doc/a", "/doc/a/b"],
      ["/a", "/doc", "/docs/a"],
    ],
    [
      "a file by its alias",
      `Alias /doc /usr/secret\n${section("Files", "secret", "Require x")}`,
      ["/doc", "/secret", "/a/secret"],
      ["/doc/a", "/docs"],
    ],
    [
      "a folder by an alias with a slash",
      `Alias /doc/ /usr/doc/\nDocumentRoot /srv\n${section("Directory", "/usr/doc", "Require x")}`,
      ["/doc/", "/doc/a"],
      ["/a", "/docs/"],
    ],
    [
      "a folder by pattern",
      `DocumentRoot /srv\n${section("DirectoryMatch", '"^/srv/[0-9]+/"', "Require x")}`,
      ["/1/", "/22/a"],
      ["/a/1", "/a"],
    ],
    [
      "a file in a folder",
      `DocumentRoot /srv\n${section("Directory", "/srv/a", section("Files", "x", "Require x"))}`,
      ["/a/x", "/a/b/x"],
      ["/x", "/b/x"],
    ],
  ];
  for (const [name, text, inside, outside] of rules) {
    it(`knows ${name}`, () => {
      const sites = openApacheSites(text, { file: "httpd.conf" });
      for (const path of inside) assert.equal(sites.require(path), "x", path);
      for (const path of outside) assert.match(sites.require(path), /^(?:open|none)$/, path);
    });
  }

  it("merges folders, files and locations in this order, whatever the order of the text", () => {
    const text = [
      section("Location", "/a", "AuthMerging Or", "Require location"),
      section("FilesMatch", "a", "AuthMerging Or", "Require pattern"),
      section("Files", "a.txt", "AuthMerging Or", "Require file"),
      section("DirectoryMatch", "^/srv/a", "AuthMerging Or", "Require match"),
      section(
        "Directory",
        "/srv/a",
        "AuthMerging Or",
        "Require inner",
        section("Files", "a.txt", "AuthMerging Or", "Require nested"),
      ),
      section("Directory", "/srv", "Require outer"),
    ].join("");
    const sites = openApacheSites(`DocumentRoot /srv\n${text}`);
    assert.equal(sites.require("/a/b"), "any(any(any(outer, inner), match), location)");
    assert.equal(
      sites.require("/a/a.txt"),
      "any(any(any(any(outer, inner), match), any(any(pattern, file), nested)), location)",
    );
  });
});

describe("spellings that would get round a section", () => {
  const admin = section("Location", "/admin", "Require x");

  it("protects a path in any letter case, as Express finds it in any", () => {
    assert.equal(openApacheSites(admin).require("/ADMIN"), "x");
    assert.equal(
      openApacheSites(section("LocationMatch", "^/admin$", "Require x")).require("/Admin"),
      "x",
    );
    assert.equal(openApacheSites(admin, { caseSensitive: true }).require("/ADMIN"), "open");
  });

  it("refuses a spelling that would have other rules than the route it leads to", () => {
    const text = section("Location", "/", "Require all granted") + admin;
    const sites = openApacheSites(text);
    assert.equal(sites.require("/admin"), "x");
    assert.equal(sites.require("/aDmin/x"), "refuse");
    assert.equal(sites.require("/admins"), "all granted");
    assert.equal(openApacheSites(text, { caseSensitive: true }).require("/ADMIN"), "all granted");
  });

  it("does not let a section that opens open more than it names", () => {
    const sites = openApacheSites(
      section("Location", "/", "Require x") +
        section("Location", "/public/", "Require all granted"),
    );
    assert.equal(sites.require("/public/a"), "all granted");
    assert.equal(sites.require("/PUBLIC/a"), "refuse");
    assert.equal(sites.require("/public"), "refuse");
    assert.equal(sites.require("/publications"), "x");
  });

  it("takes a slash at the end for none, and none for one", () => {
    assert.equal(
      openApacheSites(section("LocationMatch", "^/admin$", "Require x")).require("/admin/"),
      "x",
    );
    assert.equal(
      openApacheSites(section("Location", "/admin/", "Require x")).require("/admin"),
      "x",
    );
    assert.equal(openApacheSites(section("Files", "admin", "Require x")).require("/admin/"), "x");
  });

  it("protects what looks like a file also where something stands behind it, and the page of a folder", () => {
    const sites = openApacheSites(
      section("Files", "a.php", "Require x") + section("Files", "index.html", "Require index"),
      { file: "httpd.conf" },
    );
    assert.equal(sites.require("/a.php/b"), "x");
    assert.equal(sites.require("/b/"), "index");
    assert.equal(
      openApacheSites(`DirectoryIndex home.html\n${section("Files", "home.html", "Require x")}`, {
        file: "httpd.conf",
      }).require("/"),
      "x",
    );
  });

  const attacks = [
    "/admin%2f",
    "/x/../admin",
    "/x/%2e%2e/admin",
    "/./admin",
    "/admin%00",
    "/admin\\",
    "/admin#",
    "/%61dmin%",
    "/%e0dmin",
  ];
  for (const attack of attacks) {
    it(`refuses ${attack}`, () => assert.equal(openApacheSites(admin).require(attack), "refuse"));
  }

  it("finds the section under all other spellings", () => {
    for (const path of [
      "//admin",
      "/admin//",
      "/%61dmin",
      "/admin?/public",
      "http://other/admin",
      "/aDMIN/",
      "///ADMIN///x",
      "/%41dmin",
    ]) {
      assert.equal(openApacheSites(admin).require(path), "x", path);
    }
  });

  it("gives nothing to a path that no section of the text is open for, however it is written", () => {
    const sites = openApacheSites(
      section("Location", "/", "Require x") +
        section("LocationMatch", "^/open/[a-z]+$", "Require all granted"),
    );
    const part = fc.constantFrom(
      "/",
      "open",
      "OPEN",
      "admin",
      "%2f",
      "..",
      ".",
      "%61",
      ";",
      "a",
      "//",
      "\\",
      "?",
      "#",
      "%2e",
      "\n",
      "é",
      "%c3%a9",
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => `/${parts.join("")}`),
        (path) => {
          const required = sites.require(path);
          if (required === "all granted")
            assert.match(path, /^\/+open\/+(?:open|admin|a|%61)+(?:\?.*)?$/s);
          else assert.match(required, /^(?:x|refuse)$/);
        },
      ),
    );
  });

  it("answers for hostile paths in time", () => {
    const patterns = ["^/(a+)+$", "^/(a|a)*b", "(.*a){9}x", "^(?:/[^/]*)*/admin"].map((each) =>
      section("LocationMatch", `"${each}"`, "Require x"),
    );
    const sites = openApacheSites(
      patterns.join("") + section("Location", "/*a*a*a*a*a*b", "Require x"),
    );
    const start = process.cpuUsage();
    sites.merged(`/${"a".repeat(5000)}!`);
    sites.merged(`/${"a/".repeat(4000)}!`);
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 5_000_000, `${user + system} µs`);
  });

  it("takes any number of sections that stand in the text", () => {
    const paths = Array.from({ length: 1500 }, (_, i) => `/p${i}`);
    const sites = openApacheSites(
      paths.map((path) => section("Location", path, `Require ${path}`)).join(""),
    );
    for (const path of paths.slice(-3)) assert.equal(sites.require(path), path);
  });

  it("throws nothing but a ConfigError, whatever sections there are", () => {
    const line = fc.constantFrom(
      "Require x",
      "Require not x",
      "AuthMerging And",
      "AuthMerging",
      "AuthLDAPURL a",
      "AuthLDAPBindDN b",
      "DocumentRoot /srv",
      "DocumentRoot",
      "Alias /a",
      "Alias /a /srv/a",
      "DirectoryIndex",
      "X",
    );
    const header = fc.constantFrom(
      "Location /a",
      "Location",
      "Location ~ (a",
      "LocationMatch [",
      "LocationMatch a*",
      'Location "/[a/]*"',
      "Directory /srv",
      "Directory ~",
      "Directory /srv/*/",
      "Files *",
      "FilesMatch .",
      "Limit GET",
      "Limit get",
      "LimitExcept",
      "RequireAll",
      "RequireNone",
      "VirtualHost *",
      "If x",
      "AuthzProviderAlias a b c",
      "AuthnProviderAlias",
      "IfModule x",
    );
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        line,
        fc
          .tuple(header, fc.array(tie("tree"), { maxLength: 4 }))
          .map(([head, inner]) => `<${head}>\n${inner.join("\n")}\n</${head.split(" ")[0]}>`),
      ),
    }));
    const file = fc.constantFrom(".htaccess", "httpd.conf", undefined);
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 5 }), file, fc.webPath(), (lines, name, path) => {
        try {
          openApacheSites(lines.join("\n"), name === undefined ? {} : { file: name }).merged(path);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps answering right where requests bring more and more combinations together", () => {
    const letters = [..."abcdefghijklmno"];
    const text = letters
      .map((letter) => section("LocationMatch", letter, "AuthMerging And", `Require ${letter}`))
      .join("");
    const sites = openApacheSites(text, { caseSensitive: true });
    const first = sites.require("/ab");
    assert.notEqual(first, "refuse");
    for (let i = 1; i < 3000; i++) {
      const path = `/${letters.filter((_, bit) => i & (1 << bit)).join("")}`;
      assert.notEqual(sites.require(path), "refuse", path);
    }
    assert.deepEqual(sites.require("/ab"), first);
  });

  it("gives a spelling no more than the path it is sent as would have", () => {
    const text =
      section("Location", "/", "Require a") + section("Location", "/open", "Require all granted");
    const sites = openApacheSites(text);
    assert.equal(sites.require("/closed"), "a");
    for (const path of ["//open/x", "/%6Fpen/x", "/o%70en"]) {
      assert.equal(sites.require(path), "refuse", path);
    }
    assert.notEqual(sites.require("/open/x"), "refuse");
  });
});

describe("merging", () => {
  const url = "AuthLDAPURL ldap:///dc=x";

  function inner(...lines: string[]): string {
    return (
      section("Location", "/a", "AuthType Basic", url, "Require x") +
      section("Location", "/a/b", ...lines)
    );
  }

  const requires: readonly (readonly [readonly string[], string])[] = [
    [[], "x"],
    [["SetEnv A b"], "x"],
    [["Require y"], "y"],
    [["AuthMerging Off", "Require y"], "y"],
    [["AuthMerging Off"], "none"],
    [["AuthMerging And"], "x"],
    [["AuthMerging And", "Require y"], "all(x, y)"],
    [["AuthMerging Or", "Require y", "Require z"], "any(x, any(y, z))"],
    [["AuthMerging And", "<Limit POST>", "Require y", "</Limit>"], "all(x, POST?(y))"],
  ];
  for (const [lines, expected] of requires) {
    it(`makes ${expected} of ${lines.join("; ") || "nothing"} within x`, () => {
      const sites = openApacheSites(inner(...lines));
      assert.equal(sites.require("/a/b"), expected);
      assert.equal(sites.require("/a/c"), "x");
    });
  }

  it("merges locations with each other before they are merged with folders", () => {
    const text =
      section("Directory", "/", "Require folder") +
      section("Location", "/a", "Require x") +
      section("Location", "/a/b", "AuthMerging And", "Require y");
    assert.equal(openApacheSites(text).require("/a/b"), "all(folder, all(x, y))");
  });

  it("limits a merged section to the methods that either is about", () => {
    const text =
      section("Location", "/a", "<Limit POST>", "Require x", "</Limit>") +
      section("Location", "/a/b", "AuthMerging And", "<Limit PUT>", "Require y", "</Limit>");
    assert.equal(openApacheSites(text).require("/a/b"), "POST|PUT?(all(POST?(x), PUT?(y)))");
  });

  function names(text: string, path: string): readonly string[] {
    const merged = openApacheSites(text).merged(path);
    assert.ok(typeof merged === "object");
    return merged.directives.map(({ directive }) => [directive.name, ...directive.args].join(" "));
  }

  it("inherits what is not said again, each list and module as a whole", () => {
    const text =
      section(
        "Location",
        "/a",
        "AuthType Basic",
        "AuthName a",
        "AuthBasicProvider file",
        "AuthBasicProvider ldap",
        url,
        "Deny from all",
        "Satisfy any",
        "Require x",
      ) +
      section(
        "Location",
        "/a/b",
        "AuthName b",
        "AuthBasicProvider ldap",
        "Allow from all",
        "AuthLDAPURL ldap:///dc=y",
      );
    assert.deepEqual(names(text, "/a/b"), [
      "AuthType Basic",
      "AuthName a",
      "AuthName b",
      "AuthBasicProvider ldap",
      "Allow from all",
      "AuthLDAPURL ldap:///dc=y",
    ]);
  });

  it("refuses at start what drops AuthLDAP directives of an outer section", () => {
    refuses(
      inner("AuthLDAPRemoteUserIsDN on"),
      /:\d+: AuthLDAPRemoteUserIsDN: it drops AuthLDAPURL of line 3/,
    );
    const bound = section(
      "Location",
      "/a",
      url,
      "AuthLDAPBindDN cn=a",
      "AuthLDAPBindPassword s3cret",
      "Require x",
    );
    for (const argument of ["/a/b", "/a/*"])
      refuses(bound + section("Location", argument, url), /AuthLDAPURL: it drops AuthLDAPBindDN/);
    refuses(
      bound +
        section("LocationMatch", "^/a/[0-9]", url) +
        section("LocationMatch", '"^/a/b-c"', url),
      /it drops/,
    );
    const again =
      bound + section("Location", "/a/b", url, "AuthLDAPBindDN cn=b", "AuthLDAPBindPassword b");
    assert.equal(openApacheSites(again).require("/a/b"), "x");
  });

  it("refuses it at the first request where no path could be told from the text", () => {
    const sites = openApacheSites(
      section("Location", "/", url, "Require x") +
        section("LocationMatch", "(?:b|c)$", "AuthLDAPRemoteUserIsDN on"),
    );
    assert.equal(sites.require("/a"), "x");
    assert.throws(() => sites.merged("/b"), ConfigError);
  });
});

/** Whom `Require all` and `Require method` let pass, as httpd's mod_authz_core decides. */
function outcomeOf(node: RequireNode, method: string, isInAll = true): "yes" | "no" | "neutral" {
  if (node.kind === "limit") {
    if (node.methods.includes(method) !== node.except)
      return outcomeOf(node.child, method, isInAll);
    return isInAll ? "yes" : "neutral";
  }
  if (node.kind === "require") {
    const [type, ...args] = node.rest.split(" ");
    const holds = type === "all" ? args[0] === "granted" : args.includes(method);
    if (node.negated) return holds ? "no" : "neutral";
    return holds ? "yes" : "no";
  }
  const outcomes = node.children.map((child) => outcomeOf(child, method, node.kind === "all"));
  const [first, second] = node.kind === "all" ? (["no", "yes"] as const) : (["yes", "no"] as const);
  const found = [first, second].find((outcome) => outcomes.includes(outcome)) ?? "neutral";
  if (node.kind !== "none") return found;
  return found === "yes" ? "no" : "neutral";
}

interface Recorded {
  readonly paths: readonly string[];
  /** For each configuration and each path, GET and POST: `1` if httpd 2.4.71 let it pass, else `0`. */
  readonly cases: readonly { readonly config: string; readonly passed: string }[];
}

describe("recorded answers of httpd", () => {
  const text = readFileSync(new URL("../fixtures/httpd-sections.json", import.meta.url), "utf8");
  const { paths, cases }: Recorded = JSON.parse(text);
  for (const caseSensitive of [true, false]) {
    it(`lets pass nothing that httpd refused, and nearly all that it let pass (${caseSensitive})`, () => {
      let same = 0;
      let asked = 0;
      for (const { config, passed } of cases) {
        const sites = openApacheSites(config, { file: "httpd.conf", caseSensitive });
        for (const [index, path] of paths.entries()) {
          for (const [offset, method] of ["GET", "POST"].entries()) {
            const merged = sites.merged(path);
            const ours =
              merged !== "refuse" &&
              (merged?.require === undefined || outcomeOf(merged.require, method) === "yes");
            const theirs = passed[2 * index + offset] === "1";
            assert.ok(theirs || !ours, `${method} ${path}\n${config}`);
            asked++;
            if (ours === theirs) same++;
          }
        }
      }
      // What differs are other spellings: letter case, slashes at the end.
      assert.ok(
        asked > 4000 && same > (caseSensitive ? 0.94 : 0.88) * asked,
        `${same} of ${asked}`,
      );
    });
  }
});
