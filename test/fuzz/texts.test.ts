import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkFileHash } from "../../src/authentication/files/file-hash.ts";
import { fileLines, splitAtColon } from "../../src/authentication/files/file-lines.ts";
import { prepareFilterTemplate } from "../../src/authorization/filter-template.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { authnzLdap, ConfigError, fromApacheConfig } from "../../src/index.ts";
import { parseFilter } from "../../src/ldap/parse-filter.ts";
import { slapdAccepts } from "../../src/passwords/slapd-password.ts";
import { parseLdif } from "../../src/testing/parse-ldif.ts";
import { createSchema } from "../../src/testing/schema.ts";
import { assertLinear } from "../support/assert-linear.ts";
import { fixtureLdif, fixtureSchema } from "../support/fixture-directory.ts";

/** A text of this language: words of it, and anything, in any order. */
function texts(words: readonly string[], separator = ""): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  );
  return fc.array(word, { maxLength: 25 }).map((parts) => parts.join(separator));
}

/** A good text with a piece of it moved, doubled or lost. */
function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length);
  return fc.tuple(place, place, place).map(([from, to, at]) => {
    const piece = text.slice(Math.min(from, to), Math.max(from, to)).slice(0, 400);
    return text.slice(0, at) + piece + text.slice(at + (from % 7));
  });
}

function onlyConfigError(work: () => void): void {
  try {
    work();
  } catch (error) {
    assert(error instanceof ConfigError, `${error}`);
    // Whoever reads it must be told what is wrong, in one line's worth of text.
    assert(error.message.length > 0 && error.message.length < 2_000, error.message);
  }
}

const URL_WORDS = [
  ...[
    "ldap://",
    "ldaps://",
    "ldapi://",
    "127.0.0.1",
    "[::1]",
    "localhost",
    ":389",
    ":99999",
    "/",
    "?",
    "?",
    "?",
  ],
  ...[
    "dc=a",
    "ou=b,dc=c",
    "uid",
    "uid,mail",
    "one",
    "sub",
    "base",
    "(uid=*)",
    "(&(a=b)",
    ")",
    "%2f",
    "%zz",
    "%00",
  ],
  ...[" ", "NONE", "STARTTLS", "SSL", "!x", "\t", "\0", "*", "\\2a"],
];
const FILTER_WORDS = [
  ...[
    "(",
    ")",
    "&",
    "|",
    "!",
    "=",
    ">=",
    "<=",
    "~=",
    ":=",
    ":dn:",
    "*",
    "\\2a",
    "\\",
    "uid",
    "cn;lang-de",
    "2.5.4.3",
  ],
  ...["$1", "\u0024{uid}", "%{REMOTE_USER}", " ", "\0", "ä", "a"],
];
const LDIF_WORDS = [
  ...[
    "dn: cn=a",
    "dn: cn=b,cn=a",
    "dn:: Y249YQ==",
    "cn: a",
    "cn:: YQ==",
    "cn:< file:///etc/passwd",
    "",
    " more",
    "#",
  ],
  ...[
    "version: 1",
    "changetype: add",
    "changetype: modify",
    "changetype: modrdn",
    "changetype: delete",
    "-",
  ],
  ...[
    "add: cn",
    "replace: cn",
    "delete: cn",
    "newrdn: cn=b",
    "deleteoldrdn: 1",
    "objectClass: person",
    ":",
    "::",
  ],
];
const SCHEMA_WORDS = [
  ...[
    "attributetype",
    "objectclass",
    "(",
    ")",
    "1.2.3",
    "NAME",
    "'x'",
    "SUP",
    "name",
    "EQUALITY",
    "caseIgnoreMatch",
  ],
  ...[
    "SYNTAX",
    "1.3.6.1.4.1.1466.115.121.1.15{64}",
    "MUST",
    "MAY",
    "$",
    "DESC",
    "'",
    "\n",
    "#",
    "SINGLE-VALUE",
  ],
];
const CONFIG_WORDS = [
  ...[
    "<Location /a>",
    "</Location>",
    '<LocationMatch "^/(?<x>a+)+$">',
    "</LocationMatch>",
    "<RequireAny>",
  ],
  ...[
    "</RequireAny>",
    "<RequireNone>",
    "</RequireNone>",
    "AuthType Basic",
    "AuthName x",
    "AuthBasicProvider ldap",
  ],
  ...[
    'AuthLDAPURL "ldap://127.0.0.1/dc=a?uid"',
    "AuthLDAPURL ldap://",
    "AuthLDAPBindDN cn=a",
    "AuthLDAPBindPassword x",
  ],
  ...[
    "Require valid-user",
    "Require ldap-user a",
    "Require ldap-filter (a=b",
    "Require expr %{X} =~ /(a/",
    "Require",
  ],
  ...[
    "Require not ldap-group cn=a",
    "AuthLDAPURL",
    '<If "true">',
    "</If>",
    "Define A b",
    "\u0024{A}",
    "Include /etc/passwd",
  ],
  ...["SetEnvIf X (.* y", "\\", '"', "'", "#", "\t"],
];

describe("whatever is written", () => {
  const parsers: readonly (readonly [string, fc.Arbitrary<string>, (text: string) => unknown])[] = [
    [
      "in an AuthLDAPURL",
      fc.oneof(
        texts(URL_WORDS),
        damaged("ldaps://a.test:636 b.test/ou=x,dc=y?uid,mail?sub?(&(a=b)(c=*d*)) SSL"),
      ),
      (url) => authnzLdap({ url, log: () => {} }),
    ],
    [
      "in a filter",
      fc.oneof(texts(FILTER_WORDS), damaged("(&(uid=a*b)(!(|(cn>=\\c3\\a9)(x:dn:2.4:=y))))")),
      parseFilter,
    ],
    ["in a filter with places to fill", texts(FILTER_WORDS), prepareFilterTemplate],
    ["in LDIF", fc.oneof(texts(LDIF_WORDS, "\n"), damaged(fixtureLdif.slice(0, 3_000))), parseLdif],
    ["in a schema", fc.oneof(texts(SCHEMA_WORDS, " "), damaged(fixtureSchema)), createSchema],
    [
      "in an Apache configuration",
      texts(CONFIG_WORDS, "\n"),
      (text) => void fromApacheConfig(text, { log: () => {}, serverRoot: "/nowhere" }).close(),
    ],
  ];
  for (const [where, text, parse] of parsers) {
    it(`${where} is read, or refused with a ConfigError`, () => {
      fc.assert(
        fc.property(text, (source) => onlyConfigError(() => void parse(source))),
        { numRuns: 1_500 },
      );
    });
  }

  it("in a list of passwords' hashes lets nobody in", async () => {
    const words = [
      ...[
        "$2y$",
        "$2b$05$",
        "$2a$31$",
        "$apr1$",
        "$1$",
        "$5$",
        "$6$rounds=999999999$",
        "$6$rounds=1000$",
        "$argon2id$",
      ],
      ...[
        "{SHA}",
        "{SSHA}",
        "{CLEARTEXT}",
        "{",
        "}",
        "$",
        "*",
        "!",
        "AA==",
        "abcdefghijklm",
        "x".repeat(22),
      ],
      ...["y".repeat(43), "z".repeat(53), "w".repeat(86), "\0", ":"],
    ];
    await fc.assert(
      fc.asyncProperty(texts(words), async (hash) => {
        const began = process.cpuUsage();
        assert.notEqual(await checkFileHash("a password", hash, startDeadline(30_000)), "fits");
        const { user, system } = process.cpuUsage(began);
        assert(user + system < 3_000_000, `${hash} took ${user + system} µs`);
        // Without a scheme it is the password itself.
        assert.equal(await slapdAccepts(hash, "a password"), false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the time", () => {
  const growing: readonly (readonly [string, (times: number) => unknown])[] = [
    ["LDIF of many records", (times) => parseLdif("dn: cn=a\ncn: a\n\n".repeat(times))],
    ["LDIF of one long line", (times) => parseLdif(`dn: cn=a\ncn: a${"\n b".repeat(times)}\n`)],
    ["LDIF of comments and blanks", (times) => parseLdif("# x\n\n".repeat(times))],
    ["a filter of parentheses", (times) => refused(() => parseFilter("(".repeat(times)))],
    ["a filter of negations", (times) => refused(() => parseFilter("(!".repeat(times)))],
    ["a filter of stars", (times) => refused(() => parseFilter(`(a=${"*b".repeat(times)})`))],
    [
      "a file of passwords",
      (times) => fileLines("alice:{SHA}x\r\n".repeat(times)).map(splitAtColon),
    ],
    ["a hash of braces", (times) => slapdAccepts("{".repeat(times), "x")],
    ["a hash of base64", (times) => slapdAccepts(`{SSHA}${"AAAA".repeat(times)}`, "x")],
  ];
  for (const [what, work] of growing) {
    it(`that ${what} takes grows with it, and not with its square`, () => assertLinear(work));
  }
});

function refused(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
  }
}
