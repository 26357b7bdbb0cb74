import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/errors.ts";
import { type AuthLdapUrl, exposedAttributes, loginFilter } from "../../src/ldap/auth-ldap-url.ts";
import { formatFilter } from "../../src/ldap/format-filter.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { assertLinear } from "../support/assert-linear.ts";

const SEED =
  "ldap://ldap.domain.org/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)";

function filterOf(filterPart: string): string | undefined {
  const { filter } = parseAuthLdapUrl(`ldap://h/dc=x?uid?sub?${filterPart}`);
  return filter && formatFilter(filter);
}

function hostsOf(authority: string): readonly string[] {
  const { hosts } = parseAuthLdapUrl(`ldap://${authority}/dc=x?uid`);
  return hosts.map(({ host, port }) => `${host} ${port}`);
}

/** Asserts that the URL is refused with these words, and with the caret under this place of the text shown. */
function refused(text: string, words: RegExp, marked?: string): void {
  assert.throws(
    () => parseAuthLdapUrl(text),
    (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.equal(error.option, "url");
      assert.match(error.message, words);
      const [, shown = "", caret = ""] = error.message.split("\n");
      if (marked !== undefined) {
        assert.equal(shown.slice(caret.indexOf("^")).slice(0, marked.length), marked);
      }
      return true;
    },
  );
}

describe("parseAuthLdapUrl", () => {
  it("reads every part", () => {
    const { filter, ...rest } = parseAuthLdapUrl(SEED);
    assert.deepEqual(rest, {
      scheme: "ldap",
      hosts: [{ host: "ldap.domain.org", port: 389 }],
      base: "ou=web,dc=domain,dc=org",
      attributes: ["uid", "MyWebAccess"],
      loginAttribute: "uid",
      scope: "one",
      warnings: [],
    });
    assert.deepEqual(filter, {
      type: "substrings",
      attribute: "WebAccess",
      initial: Buffer.from("MyWebApp_Level_"),
      any: [],
    });
  });

  it("fills in httpd's defaults", () => {
    assert.deepEqual(parseAuthLdapUrl("ldap:///"), {
      scheme: "ldap",
      hosts: [{ host: "localhost", port: 389 }],
      base: "",
      attributes: [],
      loginAttribute: "uid",
      scope: "sub",
      filter: { type: "present", attribute: "objectClass" },
      warnings: [],
    });
    assert.deepEqual(parseAuthLdapUrl("ldaps://h").hosts, [{ host: "h", port: 636 }]);
  });

  it("refuses what is not text, nothing, and unknown schemes", () => {
    for (const value of [undefined, null, 1, {}, [SEED]]) {
      assert.throws(() => parseAuthLdapUrl(value as string), ConfigError);
    }
    for (const text of ["", "  ", '""', "''"]) refused(text, /AuthLDAPURL takes 1-2 arguments/);
    for (const text of ["h/dc=x?uid", "ldap:/h/dc=x", "ldapt://h/dc=x", "http://h/", "ldap"]) {
      refused(text, /The scheme was not recognised as a valid LDAP URL scheme/, text.slice(0, 4));
    }
  });

  it("reads <URL> and URL: around it", () => {
    for (const text of [`<${SEED}>`, `<URL:${SEED}>`, `url:${SEED}`, `"<Url:${SEED}>"`]) {
      assert.deepEqual(parseAuthLdapUrl(text), parseAuthLdapUrl(SEED));
    }
    refused(`<${SEED}`, /Bad enclosure error while parsing LDAP URL/);
  });

  describe("hosts", () => {
    it("are separated by spaces or commas and have their own ports", () => {
      assert.deepEqual(hostsOf("a b:3890,c.d:1 ,  e"), ["a 389", "b 3890", "c.d 1", "e 389"]);
      assert.deepEqual(hostsOf("a%20b%2Cc"), ["a 389", "b 389", "c 389"]);
      assert.deepEqual(hostsOf("127%2E0.0.1:3890"), ["127.0.0.1 3890"]);
      assert.deepEqual(hostsOf("münchen.example"), ["münchen.example 389"]);
      assert.deepEqual(hostsOf(":3890"), ["localhost 3890"]);
    });

    it("keep the port of an IPv6 address, wherever it stands", () => {
      assert.deepEqual(hostsOf("[::1]:3890 h [fe80::1%25eth0]"), [
        "::1 3890",
        "h 389",
        "fe80::1%eth0 389",
      ]);
    });

    it("are refused with a port that is none", () => {
      for (const port of ["", "0", "65536", "99999", "1e3", "-1", "+1", "0x10", "389a", "٣"]) {
        refused(`ldap://h:${port}/dc=x?uid`, /Bad LDAP URL while parsing.* port/, `:${port}`);
        refused(`ldap://a [::1]:${port}/dc=x?uid`, /Bad LDAP URL while parsing.* port/, `:${port}`);
      }
      assert.deepEqual(hostsOf("h:1 h:65535"), ["h 1", "h 65535"]);
    });

    it("are refused where they are URLs, addresses without brackets or no names", () => {
      refused("ldap://a:1 ldap://b/dc=x", /Only the first host has a scheme/);
      refused("ldap://::1/dc=x", /An IPv6 address stands in brackets/);
      for (const host of ["[::1", "[::1]x", "[::1]389", "[]", "[h]", "[1.2.3.4]", "[::g]"]) {
        refused(`ldap://${host}/dc=x?uid`, /Bad LDAP URL while parsing IPV6 syntax/);
      }
      for (const host of [
        "a%2fb",
        "a\\b",
        "a;b",
        "a%00b",
        "a#b",
        "(a)",
        "a=b",
        "a|b",
        "<a>",
        "a%3ab",
      ]) {
        refused(`ldap://${host}/dc=x?uid`, /This is no host name/);
      }
      refused("ldap://h?uid/dc=x", /A "\/" must stand between/);
      refused("ldap://h?dc=x?uid", /A "\/" must stand between/);
    });
  });

  describe("a Unix socket", () => {
    it("is a percent-encoded path", () => {
      const { hosts, socketPath, base } = parseAuthLdapUrl("ldapi://%2fvar%2Frun%2fa%20b/dc=x?uid");
      assert.deepEqual(
        { hosts, socketPath, base },
        { hosts: [], socketPath: "/var/run/a b", base: "dc=x" },
      );
    });

    it("is slapd's own where the URL names none", () => {
      assert.equal(parseAuthLdapUrl("LDAPI:///dc=x").socketPath, "/var/run/slapd/ldapi");
    });

    it("is refused where the path is relative or holds a NUL", () => {
      refused("ldapi://h/dc=x", /each slash of it written %2f/, "h/");
      refused("ldapi://%2frun%00/dc=x", /each slash of it written %2f/);
    });
  });

  describe("the base", () => {
    it("is percent-decoded and may hold spaces", () => {
      assert.equal(parseAuthLdapUrl("ldap://h/ou%3dm%C3%BC%20x, dc=y").base, "ou=mü x, dc=y");
      assert.equal(parseAuthLdapUrl("ldap://h/ou=my people,dc=x?uid").base, "ou=my people,dc=x");
      assert.equal(parseAuthLdapUrl("ldap://h/cn=a%3fb\\,c,dc=x").base, "cn=a?b\\,c,dc=x");
    });

    it("is refused where it is no DN", () => {
      for (const base of ["not a dn", "/dc=x", "dc=x,", "dc", "=x", "dc=x%00", "dc=x%0ay"]) {
        refused(`ldap://h/${base}?uid`, /The base is no DN/, base);
      }
    });
  });

  it("refuses percent-escapes that are broken or no UTF-8, in every part", () => {
    for (const broken of ["%", "%z", "%zz", "%f", "%ff", "%c3", "%ed%a0%80"]) {
      refused(`ldap://h/dc=${broken}?uid`, /"%" must be followed by two hex digits/, broken);
      refused(`ldap://h/dc=x?u${broken},cn`, /"%" must be followed by two hex digits/, broken);
      refused(
        `ldap://h/dc=x?uid??(a=b${broken})`,
        /"%" must be followed by two hex digits/,
        broken,
      );
      refused(`ldap://h${broken}/dc=x?uid`, /"%" must be followed by two hex digits/, broken);
    }
  });

  describe("attributes", () => {
    const attributesOf = (list: string) => parseAuthLdapUrl(`ldap://h/dc=x?${list}`).attributes;

    it("are taken as spelled, decoded, without empty and repeated ones", () => {
      assert.deepEqual(attributesOf(",UID,,ma%69l,Mail,cn;lang-en,my_x,1.2.3,"), [
        "UID",
        "mail",
        "cn;lang-en",
        "my_x",
        "1.2.3",
      ]);
    });

    it("give the login attribute first", () => {
      assert.equal(parseAuthLdapUrl("ldap://h/dc=x?,mail,uid").loginAttribute, "mail");
    });

    it("are not exposed where they are * or +, and that is warned of", () => {
      const url = parseAuthLdapUrl("ldap://h/dc=x?uid,*,+,cn");
      assert.deepEqual(exposedAttributes(url), ["uid", "cn"]);
      assert.match(url.warnings.join(), /\* and \+/);
    });

    it("are refused where the first one has no name to log in with", () => {
      for (const list of ["*", "*,uid", "+,uid", ",%2a,uid", "1.1,uid"]) {
        refused(`ldap://h/dc=x?${list}`, /The first attribute is the one that people log in with/);
      }
    });

    it("are refused where they are no names", () => {
      for (const name of [
        " mail",
        "a b",
        "a%2cb",
        "(a",
        "a)",
        "a=b",
        "a*",
        "**",
        "_a",
        "-a",
        "1",
        "1.",
        "a;",
        "é",
        "a%00",
        "a\\",
        '"',
        "__proto__",
      ]) {
        refused(`ldap://h/dc=x?uid,${name},cn`, /This is no attribute's name/, name);
      }
      refused("ldap://h/dc=x?uid STARTLS", /must be one of NONE, SSL, or TLS\/STARTTLS/, "uid");
      refused("ldap://h/dc=x?(cn=a)", /base\?attributes\?scope\?filter/, "(cn=a)");
    });
  });

  describe("the scope", () => {
    it("is one or sub, in any case, and base means sub with a warning", () => {
      const scopeOf = (scope: string) => parseAuthLdapUrl(`ldap://h/dc=x?uid?${scope}`).scope;
      assert.deepEqual(["one", "ONE", "sub", "SubTree", ""].map(scopeOf), [
        "one",
        "one",
        "sub",
        "sub",
        "sub",
      ]);
      const url = parseAuthLdapUrl("ldap://h/dc=x?uid?Base");
      assert.equal(url.scope, "sub");
      assert.match(url.warnings.join(), /scope base means sub/);
    });

    it("is nothing else", () => {
      for (const scope of [
        "two",
        "on",
        "onelevel",
        " one",
        "one%20",
        "%6fne",
        "(a=b)",
        "subordinate",
      ]) {
        refused(
          `ldap://h/dc=x?uid?${scope}?(a=b)`,
          /Bad scope encountered while parsing LDAP URL/,
          scope,
        );
      }
    });
  });

  describe("the filter", () => {
    it("is taken with or without its parentheses", () => {
      for (const [part, filter] of [
        ["(mail=*)", "(mail=*)"],
        ["mail=*", "(mail=*)"],
        ["&(a=b)(c=d)", "(&(a=b)(c=d))"],
        ["|(a=b)(c=d)", "(|(a=b)(c=d))"],
        ["!(a=b)", "(!(a=b))"],
        ["(a=b)(c=d)", "(&(a=b)(c=d))"],
        ["(|(a=b)(c=d))(e=f)", "(&(|(a=b)(c=d))(e=f))"],
        [" (& (a=b) (c=d) )", "(&(a=b)(c=d))"],
        ["(&)", "(&)"],
        ["&", "(&)"],
        ["(m%61il=%2a)", "(mail=*)"],
        ["(cn=a%3fb c)", "(cn=a?b c)"],
        ["(uid=a\\2ab)", "(uid=a\\2ab)"],
        ["(uid=a%5c2ab)", "(uid=a\\2ab)"],
        ["(cn=Jos%C3%A9)", "(cn=José)"],
        ["(objectGUID=\\ff)", "(objectGUID=\\ff)"],
      ] as const) {
        assert.equal(filterOf(part), filter);
      }
    });

    it("is any entry where it is absent or empty, and none where it says so", () => {
      assert.equal(filterOf(""), "(objectClass=*)");
      for (const none of ["none", "NONE", "(None)", "()", "%28%29"]) {
        assert.equal(filterOf(none), undefined);
      }
    });

    it("is refused where httpd would cut it blindly or fail at the first request", () => {
      for (const part of [
        "(mail=*",
        "mail=*)",
        "(mail=*))",
        "((mail=*))",
        "(mail)",
        "mail",
        "a=b)(c=d",
        "(a=b)c",
        "x(a=b)",
        "(cn=a?b)",
        "( )",
        "( none )",
        "(a=b)(c=d",
        "(cn=\\zz)",
      ]) {
        refused(`ldap://h/dc=x?uid?sub?${part}`, /./);
      }
      refused('"ldap://h/dc=x?uid?sub? "', /An attribute's name is expected/);
    });

    it("is shown decoded, with the place marked", () => {
      refused("ldap://h/dc=x?uid??(%26(a=b)(c%3dd)", /lacks a "\)"/);
      assert.throws(() => parseAuthLdapUrl("ldap://h/dc=x?uid??(%26(a=b)(c%3dd)"), {
        message: 'The filter lacks a ")" here.\n  (&(a=b)(c=d)\n              ^',
      });
    });
  });

  describe("extensions", () => {
    it("are ignored with a warning", () => {
      const url = parseAuthLdapUrl("ldap://h/dc=x?uid?sub?(a=b)?x-ext,e=f");
      assert.match(url.warnings.join(), /extensions are ignored/);
    });

    it("are refused where one is critical, all are empty, or another part follows", () => {
      refused("ldap://h/dc=x????!bindname=cn=a", /critical/, "!");
      refused("ldap://h/dc=x????x,%21y", /critical/, "%21y");
      refused("ldap://h/dc=x????", /Bad extensions encountered while parsing LDAP URL/);
      refused("ldap://h/dc=x????x?y", /Bad URL encountered while parsing LDAP URL/, "?y");
    });
  });

  describe("the connection mode", () => {
    it("is the second argument, in any case", () => {
      const modeOf = (mode: string) => parseAuthLdapUrl(`ldap://h/dc=x?uid ${mode}`).connectionMode;
      for (const [mode, meaning] of [
        ["NONE", "none"],
        ["ssl", "ssl"],
        ["TLS", "starttls"],
        ["StartTLS", "starttls"],
        ["", undefined],
      ]) {
        assert.equal(modeOf(mode ?? ""), meaning);
      }
    });

    it("is found behind quotes and without them", () => {
      for (const text of [
        '"ldap://a b/ou=my people?uid" STARTTLS',
        "'ldap://a b/ou=my people?uid' 'starttls'",
        '  "ldap://a b/ou=my people?uid"\t"TLS"  ',
        "ldap://a b/ou=my people?uid STARTTLS",
        "\n  ldap://a b/ou=my people?uid   tls\n",
      ]) {
        const { hosts, base, attributes, connectionMode } = parseAuthLdapUrl(text);
        assert.equal(hosts.length, 2);
        assert.equal(base, "ou=my people");
        assert.deepEqual(attributes, ["uid"]);
        assert.equal(connectionMode, "starttls");
      }
      assert.equal(parseAuthLdapUrl('"ldap://h/ou=my ssl"').base, "ou=my ssl");
      assert.equal(parseAuthLdapUrl('"ldap://h/dc=x" ""').connectionMode, undefined);
    });

    it("is refused where it is another word, or more than one", () => {
      const words =
        /Invalid LDAP connection mode setting: must be one of NONE, SSL, or TLS\/STARTTLS/;
      for (const mode of ["FOO", "STARTLS", "SSL TLS", '"TLS " ', "%54LS"]) {
        refused(`"ldap://h/dc=x?uid" ${mode}`, words);
      }
      refused('"ldap://h/dc=x" "TLS" "x"', /AuthLDAPURL takes 1-2 arguments/);
    });

    it("makes no difference for ldaps, and that is warned of", () => {
      assert.match(
        parseAuthLdapUrl("ldaps://h/dc=x NONE").warnings.join(),
        /TLS from the first byte/,
      );
      assert.deepEqual(parseAuthLdapUrl("ldaps://h/dc=x SSL").warnings, []);
    });
  });

  it("reads quotes as httpd.conf does", () => {
    assert.equal(parseAuthLdapUrl('"ldap://h/cn=a\\\\,b"').base, "cn=a\\,b");
    assert.equal(parseAuthLdapUrl('"ldap://h/cn=a\\\\\\"b"').base, 'cn=a\\"b');
    assert.equal(parseAuthLdapUrl('"ldap://h/cn=a\\,b"').base, "cn=a\\,b");
    refused('"ldap://h/dc=x', /The closing quote is missing/, '"ldap');
    refused('"ldap://h/dc=x" "SSL', /The closing quote is missing/, '"SSL');
    refused('"ldap://h/dc=x"SSL', /There must be a space after the closing quote/, "SSL");
  });

  it("refuses control characters and half characters", () => {
    for (const bad of ["\0", "\u001b", "\u0085", "\ud800"]) {
      refused(`ldap://h/dc=x${bad}?uid`, /control character/);
    }
  });

  it("never shows a password that somebody put into the URL", () => {
    for (const text of [
      "ldap://user:s3cret@h/dc=x?uid",
      "ldap://user:s3cret@h/dc=x?uid?bad",
      "ldap://cn=a%3As3cret%40h/dc=x",
      "ldap://cn=a:s3cret%40h/dc=x?uid?bad",
      "ldap://user:s3cret/%zz@h/dc=x?uid",
      "ldap://user:/s3cret@h/dc=x?uid",
      "ldap://user:12/s3cret@h/dc=x?uid",
      "ldap://user:12/@s3cret@h/dc=x?uid",
      "ldap://cn=a:s3cret@h/dc=x?uid",
      "ldap:/user:s3cret@h/dc=x?uid",
      "ldapx://user:s3cret@h/dc=x?uid",
      "user:s3cret@h/dc=x?uid",
      '"ldap://user:s3cret@h/dc=x?uid" FOO',
      '"ldap://user:s3cret@h/dc=x?uid',
      "<ldap://user:s3cret@h/dc=x?uid",
      "ldapi://user:s3cret@h/dc=x",
      "ldap://h/dc=x????!bindname=cn=a,!x-bindpw=s3cret",
      "ldap://h/dc=x????!x,x-bindpw=s3cret?",
    ]) {
      assert.throws(
        () => parseAuthLdapUrl(text),
        (error: Error) =>
          error instanceof ConfigError && !/s3cret/.test(error.message + error.stack),
      );
    }
    refused("ldap://user:s3cret@h/dc=x?uid", /set bindDn and bindPassword/);
  });

  it("throws nothing but ConfigErrors, whatever the text", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."?/:[]()<>%\\\"' ,@=!&*".split(""),
        "ldap://",
        "ldapi://",
        "%2f",
        "[::1]",
        "SSL",
        "(a=b)",
        "dc=x",
      ),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((all) => all.join("")),
          mutated(SEED),
        ),
        assertReadOrRefused,
      ),
      { numRuns: 5000 },
    );
  });

  it("reads texts of a million characters and refuses longer ones", () => {
    for (const [start, piece] of [
      ["ldap://", "h "],
      ["ldap://h/dc=", "%41"],
      ["ldap://h/dc=x?a", ";a"],
      ["ldap://h/dc=x?a,1", ".1"],
      ['"ldap://h/dc=', "a"],
    ] as const) {
      const fitting = Math.floor(999_000 / piece.length);
      const end = start.startsWith('"') ? '"' : "";
      assert.equal(parseAuthLdapUrl(start + piece.repeat(fitting) + end).scheme, "ldap");
      refused(start + piece.repeat(100 * fitting) + end, /at most 1000000 characters/);
    }
  });

  it("costs no more than its length", () => {
    const pieces = [
      "(",
      "(&",
      "?",
      ",",
      " ",
      "/",
      ":",
      "[",
      "%41",
      "%",
      "a",
      '"',
      "\\",
      "a=b,",
      "!",
      "@",
      "\t",
      ":1 ",
      "<",
      "a=b+",
    ];
    const starts = [
      "",
      "ldap://",
      "ldap://h/",
      "ldap://h/dc=",
      "ldap://h/dc=x?",
      "ldap://h/dc=x????",
      '"ldap://h/',
    ];
    for (const start of [...starts, "ldap://h/dc=x?uid?sub?", "ldap://h/dc=x?uid?sub?(cn="]) {
      for (const piece of pieces) {
        assertLinear((times) => assertReadOrRefused(`${start}${piece.repeat(times)}x`));
      }
    }
  });
});

function mutated(text: string): fc.Arbitrary<string> {
  const edit = fc.tuple(
    fc.nat(text.length),
    fc.nat(3),
    fc.oneof(fc.constantFrom(...'?/:()%\\" ,@!*[]<'.split("")), fc.string({ maxLength: 3 })),
  );
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text),
    );
}

function assertReadOrRefused(text: string): void {
  let url: AuthLdapUrl;
  try {
    url = parseAuthLdapUrl(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return;
  }
  assert.notEqual(url.loginAttribute, "");
  assert.ok(url.scheme === "ldapi" || url.hosts.length > 0);
  assert.ok(url.hosts.every(({ port }) => Number.isInteger(port) && port >= 1 && port <= 65535));
}

describe("loginFilter", () => {
  it("ands the URL's filter with the name", () => {
    assert.equal(
      formatFilter(loginFilter(parseAuthLdapUrl(SEED), "web1")),
      "(&(WebAccess=MyWebApp_Level_*)(uid=web1))",
    );
    assert.equal(
      formatFilter(loginFilter(parseAuthLdapUrl("ldap://h/dc=x?mail"), "a")),
      "(&(objectClass=*)(mail=a))",
    );
    assert.equal(
      formatFilter(loginFilter(parseAuthLdapUrl("ldap://h/dc=x???none"), "a")),
      "(uid=a)",
    );
  });

  it("lets no name become filter syntax", () => {
    const url = parseAuthLdapUrl("ldap://h/dc=x???none");
    for (const name of ["*", "a*", "*)(uid=*", "admin)(|(uid=*", "\\2a", "(", "\\", "\0", "é"]) {
      assert.deepEqual(loginFilter(url, name), {
        type: "equal",
        attribute: "uid",
        value: Buffer.from(name),
      });
    }
  });
});
