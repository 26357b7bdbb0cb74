// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of httpd.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import type { Directive } from "../../src/importers/apache/directive.ts";
import { parseApacheConfig } from "../../src/importers/apache/parse-apache-config.ts";
import { assertLinear } from "../support/assert-linear.ts";

/** As text again: names, words and nesting. */
function outline(directives: readonly Directive[]): readonly unknown[] {
  return directives.map(({ name, args, children }) =>
    children ? [name, args, outline(children)] : [name, ...args],
  );
}

function read(text: string, options?: Parameters<typeof parseApacheConfig>[1]) {
  return outline(parseApacheConfig(text, options));
}

function refuses(text: string, message: RegExp, options?: Parameters<typeof parseApacheConfig>[1]) {
  assert.throws(
    () => parseApacheConfig(text, options),
    (error) => error instanceof ConfigError && message.test(error.message),
    text,
  );
}

describe("parseApacheConfig", () => {
  const readable: readonly (readonly [string, readonly unknown[]])[] = [
    ["", []],
    ["# AuthType Basic\n  # too \\\n AuthType Basic", []],
    ["AuthName a # b", [["AuthName", "a", "#", "b"]]],
    ["  AuthType \t Basic  \r\n", [["AuthType", "Basic"]]],
    ["AuthName \\\n  \\\r\n a", [["AuthName", "a"]]],
    ["AuthName a\\", [["AuthName", "a\\"]]],
    ["AuthName a\\ \nX", [["AuthName", "a\\"], ["X"]]],
    ['AuthName "a b" \'c "d\' ""', [["AuthName", "a b", 'c "d', ""]]],
    ['AuthName "a \\" \\\\ \\n"', [["AuthName", 'a " \\ \\n']]],
    ['AuthName a\\\\b\\"c\\ d', [["AuthName", 'a\\b\\"c\\', "d"]]],
    ['AuthName "not closed', [["AuthName", "not closed"]]],
    ['AuthName "a"b', [["AuthName", "a", "b"]]],
    ['"AuthName" a', [["AuthName", "a"]]],
    ["<Location /a>\nX\n</location>", [["Location", ["/a"], [["X"]]]]],
    ['<Location "/a>b">\n</Location>', [["Location", ["/a>b"], []]]],
    ["<RequireAll>\n</RequireAll>", [["RequireAll", [], []]]],
    ["Define A b\nAuthName ${A}${A}c", [["AuthName", "bbc"]]],
    ["Define A b c\n".replace(" c", ""), []],
    ["Define A 'b c'\nAuthName ${A}", [["AuthName", "b", "c"]]],
    ["LogLevel ${NOBODY}", [["LogLevel", "${NOBODY}"]]],
    ["AuthName ${map:key}", [["AuthName", "${map:key}"]]],
    ["<IfModule mod_authnz_ldap.c>\nA\n</IfModule>", [["A"]]],
    ["<IfModule authnz_ldap_module>\nA\n</IfModule>", [["A"]]],
    [
      "<IfModule !mod_authz_core.c>\nRequire x\n</IfModule>\nB",
      [["IfModule", ["!mod_authz_core.c"], [["Require", "x"]]], ["B"]],
    ],
    ["<IfModule mod_php.c>\nA\n</IfModule>", [["IfModule", ["mod_php.c"], [["A"]]]]],
    [
      "Define X\n<IfDefine X>\nA\n</IfDefine>\n<IfDefine !X>\nRequire b\n</IfDefine>",
      [["A"], ["IfDefine", ["!X"], [["Require", "b"]]]],
    ],
    ["Define X\nUnDefine X\n<IfDefine !X>\nA\n</IfDefine>", [["A"]]],
    ["<IfVersion >= 2.4>\nA\n</IfVersion>\n<IfVersion < 2.4.72>\nB\n</IfVersion>", [["A"], ["B"]]],
    ["<IfVersion < 2.4>\nOrder x\n</IfVersion>", [["IfVersion", ["<", "2.4"], [["Order", "x"]]]]],
    [
      "<IfVersion !< 2.4>\n<Location /a>\nRequire b\n</Location>\n</IfVersion>",
      [["Location", ["/a"], [["Require", "b"]]]],
    ],
    ["<IfVersion = 2.4.71>\nA\n</IfVersion>\n<IfVersion 2.4.71>\nB\n</IfVersion>", [["A"], ["B"]]],
  ];
  for (const [text, expected] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), expected));
  }

  it("keeps what stands behind the name as written, and the first line's number", () => {
    const [, directive] = parseApacheConfig('A\nRequire  ldap-dn "x" \\\n  y\n');
    assert.deepEqual(directive, {
      name: "Require",
      args: ["ldap-dn", "x", "y"],
      rest: 'ldap-dn "x"   y',
      line: 2,
    });
  });

  it("says in which file a line stands", () => {
    assert.equal(parseApacheConfig("A", { file: "site.conf" })[0]?.file, "site.conf");
    refuses("\n<Location /a>", /^site\.conf:2: <Location>: /, { file: "site.conf" });
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["<Location /a>", /:1: <Location>: the section was not closed/],
    ["</Location>", /no such section/],
    ["<Location /a>\n</Files>", /:2: .*expected <\/Location>, of line 1/],
    ["<Location /a>\n</Location", /closing '>'/],
    ["<Location /a\n</Location>", /closing '>'/],
    ["<A>\n<B>\n</A>\n</B>", /expected <\/B>/],
    ["AuthName a\0b", /control character/],
    ["AuthName a\u001bb", /control character/],
    ["AuthName a\rRequire b", /control character/],
    ["= b", /no directive/],
    ["<Macro X>\nRequire a\n</Macro>", /macros/],
    ["Use X", /macros/],
    ["Error no", /can't be used/],
    ["Require user ${NOBODY}", /Require: \$\{NOBODY\} is not defined/],
    ["Define A ${NOBODY}\nRequire user ${A}", /is not defined/],
    ["<Location ${NOBODY}>\nRequire a\n</Location>", /is not defined/],
    ["Define A:b c", /Define/],
    ["Include a.conf", /serverRoot/],
    ["IncludeOptional a.conf", /serverRoot/],
    ["<IfModule mod_php.c>\nRequire a\n</IfModule>", /:1: <IfModule>: .*running httpd/],
    ["<IfModule !mod_php.c>\nRequire a\n</IfModule>", /running httpd/],
    ["<IfModule mod_php.c>\nInclude a.conf\n</IfModule>", /running httpd/],
    [
      "<IfModule mod_php.c>\n<Location /a>\n<RequireAll>\n</RequireAll>\n</Location>\n</IfModule>",
      /running httpd/,
    ],
    ["<IfDefine SSL>\nRequire a\n</IfDefine>", /UnDefine/],
    ["<IfFile /etc/passwd>\nRequire a\n</IfFile>", /running httpd/],
    ["<IfVersion ~ 2>\nRequire a\n</IfVersion>", /running httpd/],
    ["<IfModule mod_php.c>\nSetEnvIf A b c\n</IfModule>", /running httpd/],
    ["Define A b\n<IfModule mod_php.c>\nDefine A c\n</IfModule>\nRequire user ${A}", /not defined/],
    [
      "Define A\n<IfModule mod_php.c>\nUnDefine A\n</IfModule>\n<IfDefine A>\nRequire a\n</IfDefine>",
      /running httpd/,
    ],
    ["<IfModule>\n</IfModule>", /additional arguments/],
    [`${"<A>\n".repeat(101)}${"</A>\n".repeat(101)}`, /too deep/],
    [`Define A ${"x".repeat(1000)}\n${"Define A ${A}${A}\n".repeat(40)}`, /too much text/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => refuses(text, message));
  }

  it("takes lines of 8190 characters from a .htaccess, and no longer ones", () => {
    const line = (length: number) => `X ${"a".repeat(length - 2)}`;
    assert.equal(parseApacheConfig(line(8190), { file: ".htaccess" }).length, 1);
    refuses(line(8191), /longer than 8190/, { file: "/srv/www/.htaccess" });
    assert.equal(parseApacheConfig(line(8191)).length, 1);
  });

  it("shows no argument in a message", () => {
    for (const text of [
      "AuthLDAPBindPassword s3cret ${X}",
      "s3cret=\n",
      "</s3cret pw>",
      "${s3cret pw} x\nAuthName ${s3cret pw}",
    ]) {
      assert.throws(
        () => parseApacheConfig(text),
        (error) =>
          error instanceof ConfigError &&
          !error.message.includes("s3cret pw") &&
          !/s3cret[= ]/.test(error.message),
      );
    }
  });

  it("throws nothing but a ConfigError, whatever the text", () => {
    const word = fc.constantFrom(
      "<",
      ">",
      "</",
      "Location",
      "IfModule",
      "IfDefine",
      "IfVersion",
      "Define",
      "UnDefine",
      "Include",
      "Require",
      "${A}",
      "A",
      "\\",
      "\n",
      '"',
      "'",
      " ",
      "!",
      ">=",
      "2.4",
      "\r\n",
      "\0",
      "/",
      "*",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          try {
            parseApacheConfig(text);
          } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
          }
        },
      ),
    );
  });
});

describe("Include", () => {
  let root = "";
  before(() => {
    const folder = mkdtempSync(join(tmpdir(), "apache [1] "));
    root = join(folder, "root");
    mkdirSync(join(root, "sites", "deep"), { recursive: true });
    writeFileSync(join(folder, "outside.conf"), "Outside");
    writeFileSync(join(root, "a.conf"), "A\nInclude sites/*.conf\n");
    writeFileSync(join(root, "sites", "2.conf"), "Two ${NAME}");
    writeFileSync(join(root, "sites", "1.conf"), "Define NAME n\nOne");
    writeFileSync(join(root, "sites", ".hidden.conf"), "Hidden");
    writeFileSync(join(root, "sites", "deep", "3.txt"), "Three");
    writeFileSync(join(root, "loop.conf"), "Include loop.conf");
    writeFileSync(join(root, "open.conf"), "<Location /a>");
    writeFileSync(join(root, "secret.conf"), "Require x");
    symlinkSync(join(folder, "outside.conf"), join(root, "link.conf"));
    symlinkSync(folder, join(root, "up"));
    symlinkSync(join(root, "sites", "1.conf"), join(root, "inner-link.conf"));
  });
  after(() => rmSync(join(root, ".."), { recursive: true }));

  it("reads files below serverRoot in the order of their names", () => {
    assert.deepEqual(read("Include a.conf", { serverRoot: root }), [["A"], ["One"], ["Two", "n"]]);
    assert.deepEqual(read(`Include "${join(root, "sites", "1.conf")}"`, { serverRoot: root }), [
      ["One"],
    ]);
    assert.deepEqual(read("Include inner-link.conf", { serverRoot: root }), [["One"]]);
  });

  it("reads a folder with all that is in it", () => {
    assert.deepEqual(read("Include sites", { serverRoot: root }), [
      ["Hidden"],
      ["One"],
      ["Two", "n"],
      ["Three"],
    ]);
    assert.deepEqual(read("Include s*/d??p/[0-9].txt", { serverRoot: root }), [["Three"]]);
  });

  it("says which included file a line stands in", () => {
    const [first] = parseApacheConfig("Include sites/1.conf", { serverRoot: root });
    assert.equal(first?.file, join(root, "sites", "1.conf"));
    assert.equal(first?.line, 2);
  });

  it("puts files into the section around them, and refuses sections that they leave open", () => {
    assert.deepEqual(
      read("<Location /a>\nInclude secret.conf\n</Location>", { serverRoot: root }),
      [["Location", ["/a"], [["Require", "x"]]]],
    );
    refuses("Include open.conf\n</Location>", /open\.conf:1: .*not closed/, { serverRoot: root });
    refuses("<Location ${X}>\nInclude secret.conf\n</Location>", /not defined/, {
      serverRoot: root,
    });
  });

  it("lets IncludeOptional find nothing, but not Include", () => {
    assert.deepEqual(
      read("IncludeOptional nowhere/*.conf\nIncludeOptional no.conf", { serverRoot: root }),
      [],
    );
    refuses("Include nowhere.conf", /:1: Include: there is no such file/, { serverRoot: root });
    refuses("Include sites/*.nothing", /there is no such file/, { serverRoot: root });
  });

  for (const path of [
    "../outside.conf",
    "link.conf",
    "up/outside.conf",
    "up/*.conf",
    "sites/../../outside.conf",
    "/etc/passwd",
    "lin?.conf",
  ]) {
    it(`refuses ${path}, which leads out of serverRoot`, () => {
      refuses(`Include ${path}`, /not below serverRoot/, { serverRoot: root });
      refuses(`IncludeOptional ${path}`, /not below serverRoot/, { serverRoot: root });
    });
  }

  it("refuses files that include themselves, and a serverRoot that is not there", () => {
    refuses("Include loop.conf", /includes itself/, { serverRoot: root });
    refuses("Include a.conf", /serverRoot can't be read \(ENOENT\)/, {
      serverRoot: join(root, "no"),
    });
  });

  it("asks below serverRoot only whether a file exists", () => {
    const options = { serverRoot: root };
    assert.deepEqual(read("<IfFile a.conf>\nRequire x\n</IfFile>", options), [["Require", "x"]]);
    assert.deepEqual(read("<IfFile !b.conf>\nRequire x\n</IfFile>", options), [["Require", "x"]]);
    refuses("<IfFile /etc/passwd>\nRequire x\n</IfFile>", /running httpd/, options);
  });
});

describe("the cost of parseApacheConfig", () => {
  const shapes: readonly (readonly [string, (size: number) => string])[] = [
    ["lines", (size) => "A b\n".repeat(size)],
    ["continued lines", (size) => `A ${"b \\\n".repeat(size)}c`],
    ["blanks", (size) => `A${" ".repeat(size)}b`],
    ["quotes", (size) => `A ${'"" '.repeat(size)}`],
    ["backslashes", (size) => `A "${"\\".repeat(size)}`],
    ["variables", (size) => `Define B c\nA ${"${B}".repeat(size)}`],
    ["open variables", (size) => `A ${"${".repeat(size)}`],
    ["angle brackets", (size) => `<A ${"<>".repeat(size)}>\n</A>`],
    ["sections", (size) => "<A>\n</A>\n".repeat(size)],
  ];
  for (const [name, text] of shapes) {
    it(`grows with the text: ${name}`, () => assertLinear((size) => parseApacheConfig(text(size))));
  }
});
