import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../../src/errors.ts";
import {
  type DovecotConfigOptions,
  fromDovecotConfig,
} from "../../../src/importers/dovecot/from-dovecot-config.ts";
import type { DovecotNote } from "../../../src/importers/dovecot/setting.ts";
import { formatFilter } from "../../../src/ldap/format-filter.ts";
import { parseAuthLdapUrl } from "../../../src/ldap/parse-auth-ldap-url.ts";
import { resolveOptions } from "../../../src/options/resolve.ts";

/** A configuration in which only a few lines matter. */
function withBase(...lines: readonly string[]): string {
  return ["uris = ldap://127.0.0.1", "base = dc=example,dc=org", ...lines].join("\n");
}

/** The options; they are ones that authnzLdap takes. */
function carry(text: string, options?: DovecotConfigOptions) {
  const carried = fromDovecotConfig(text, options);
  resolveOptions({ ...carried, log: () => {} });
  return carried;
}

function notesOf(text: string, options?: DovecotConfigOptions): readonly DovecotNote[] {
  const notes: DovecotNote[] = [];
  fromDovecotConfig(text, { ...options, onNote: (note) => notes.push(note) });
  return notes;
}

function refuses(text: string, message: RegExp, options?: DovecotConfigOptions): void {
  assert.throws(
    () => fromDovecotConfig(text, options),
    (error) => {
      assert(error instanceof ConfigError);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("fromDovecotConfig", () => {
  it("carries a configuration with stored passwords", () => {
    const text = `# the service account may read userPassword
uris = ldap://ldap1.example.org ldap://ldap2.example.org:1389
tls = yes
tls_ca_cert_file = ca.pem
tls_require_cert = hard
dn = cn=dovecot,dc=example,dc=org
dnpass = "s3cr#t"
auth_bind = no
base = ou=people,dc=example,dc=org
scope = onelevel
deref = never
pass_attrs = mail=user,userPassword=password
pass_filter = (&(objectClass=inetOrgPerson)(accountActive=TRUE)(uid=%u))
default_pass_scheme = PLAIN
`;
    assert.deepEqual(fromDovecotConfig(text), {
      url: '"ldap://ldap1.example.org ldap2.example.org:1389/ou=people,dc=example,dc=org?uid,mail?one?(&(objectClass=inetOrgPerson)(accountActive=TRUE))"',
      bindDn: "cn=dovecot,dc=example,dc=org",
      bindPassword: "s3cr#t",
      tls: { caFile: "ca.pem" },
      dereferenceAliases: "never",
      remoteUser: { attribute: "mail" },
      passwords: { attribute: "userPassword", defaultScheme: "PLAIN" },
    });
  });

  it("has Dovecot's defaults where nothing is said", () => {
    assert.deepEqual(carry(withBase()), {
      url: "ldap://127.0.0.1/dc=example,dc=org?uid??(objectClass=posixAccount)",
      anonymousBind: true,
      tls: "none",
      dereferenceAliases: "never",
      remoteUser: { attribute: "uid" },
      passwords: { attribute: "userPassword", defaultScheme: "CRYPT" },
    });
  });

  it("gives the application more attributes", () => {
    const { url } = carry(withBase("pass_filter = (uid=%u)"), {
      attributes: ["mail", "UID", "cn"],
    });
    assert.equal(url, "ldap://127.0.0.1/dc=example,dc=org?uid,mail,cn");
    assert.throws(() => carry(withBase(), { attributes: ["a b"] }), /attributes must be a list/);
  });

  it("refuses options that it does not know", () => {
    const wrong = { userFilter: "required" } as unknown as DovecotConfigOptions;
    assert.throws(
      () => carry(withBase(), wrong),
      /did you mean "require"|userFilter has an unknown/,
    );
    const unknown = { onSkipped: () => {} } as unknown as DovecotConfigOptions;
    assert.throws(() => carry(withBase(), unknown), /There is no option "onSkipped"/);
    assert.throws(() => fromDovecotConfig(undefined as unknown as string), ConfigError);
  });

  describe("servers", () => {
    const carried: readonly (readonly [line: string, url: string])[] = [
      [
        "hosts = a.example b.example:1389, c.example",
        '"ldap://a.example b.example:1389 c.example/?uid"',
      ],
      ["hosts = [::1]:1389", "ldap://[::1]:1389/?uid"],
      ["uris = ldap://a.example/ ldap://b.example", '"ldap://a.example b.example/?uid"'],
      ["uris = LDAPS://a.example:1636", "ldaps://a.example:1636/?uid"],
      ["uris = ldapi://%2frun%2fslapd%2fldapi", "ldapi://%2Frun%2Fslapd%2Fldapi/?uid"],
      ["hosts = x\nuris = ldap://a.example", "ldap://a.example/?uid"],
    ];
    for (const [line, url] of carried) {
      it(`carries ${JSON.stringify(line)}`, () => {
        assert.equal(carry(`${line}\nbase =\npass_filter = (uid=%u)`).url, url);
      });
    }

    const refused: readonly (readonly [line: string, message: RegExp])[] = [
      ["dn = cn=x", /conf\.ext: hosts: No uris or hosts set/],
      ["uris =", /:1: uris: a URI is/],
      ["hosts =", /:1: hosts: a server is/],
      ["hosts = ldap://a", /:1: hosts: a server is/],
      ["hosts = user:pw@a", /:1: hosts: a server is/],
      ["hosts = a:0", /:1: hosts: a server is/],
      ["uris = ldap://a/dc=example", /:1: uris: a URI is/],
      ["uris = ldap:///", /:1: uris: a server is/],
      ["uris = http://a", /:1: uris: a URI is/],
      ["uris = ldap://a ldaps://b", /:1: uris: all servers must have one scheme/],
      ["uris = ldapi://%2fa ldapi://%2fb", /:1: uris: all servers/],
    ];
    for (const [line, message] of refused) {
      it(`refuses ${JSON.stringify(line)}`, () => refuses(`${line}\nbase =`, message));
    }

    it("says that hosts does not count beside uris", () => {
      assert.deepEqual(notesOf(withBase("hosts = x", "tls = yes")), [
        { line: 3, setting: "hosts", reason: "uris has precedence" },
      ]);
    });
  });

  describe("TLS", () => {
    it("is clear text where Dovecot has it, and says so", () => {
      const text = "uris = ldap://ldap.example.org\nbase =\n";
      assert.equal(carry(text).tls, "none");
      assert.equal(carry(`${text}tls = no`).tls, "none");
      assert.deepEqual(
        notesOf(`${text}tls = no`).map(({ line, setting }) => [line, setting]),
        [[3, "tls"]],
      );
      const warnings: string[] = [];
      resolveOptions({ ...fromDovecotConfig(text), log: ({ event }) => void warnings.push(event) });
      assert(warnings.includes("cleartext-directory"), String(warnings));
    });

    it("is StartTLS with tls = yes, on this machine too", () => {
      assert.deepEqual(carry(withBase("tls = YES")).tls, {});
      const { ldap } = resolveOptions({ ...carry(withBase("tls = yes")), log: () => {} });
      assert.equal(ldap.directory.security, "starttls");
    });

    it("verifies certificates unless it was told not to, and says so then", () => {
      const verified = ["hard", "demand", "try", "Demand"];
      for (const word of verified) {
        assert.deepEqual(carry(withBase("tls = yes", `tls_require_cert = ${word}`)).tls, {}, word);
      }
      for (const word of ["never", "ALLOW"]) {
        const text = withBase("tls = yes", `tls_require_cert = ${word}`);
        assert.deepEqual(carry(text).tls, { dangerouslyAcceptAnyCertificate: true }, word);
        assert.deepEqual(
          notesOf(text).map(({ setting }) => setting),
          ["tls_require_cert"],
        );
      }
    });

    it("takes a certificate with its key, for an account that has a DN", () => {
      const files = ["tls_cert_file = c.pem", "tls_key_file = k.pem", "tls = yes"];
      assert.deepEqual(fromDovecotConfig(withBase(...files, "dn = cn=x", "dnpass = y")).tls, {
        certFile: "c.pem",
        keyFile: "k.pem",
      });
      refuses(withBase(...files), /:3: tls_cert_file: it needs a dn/);
    });

    it("says that settings of TLS are of no use without it", () => {
      const settings = notesOf(withBase("tls_ca_cert_file = x", "tls_cipher_suite = y")).map(
        ({ setting }) => setting,
      );
      assert.deepEqual(settings, ["tls_ca_cert_file", "tls_cipher_suite", "tls"]);
    });

    const refused: readonly (readonly [line: string, message: RegExp])[] = [
      ["tls = maybe", /:3: tls: it is one of no, yes/],
      ["tls = yes\ntls_ca_cert_dir = /etc/ssl", /:4: tls_ca_cert_dir: name one file/],
      ["tls = yes\ntls_cipher_suite = HIGH", /:4: tls_cipher_suite: ciphers/],
      ["tls = yes\ntls_require_cert = sometimes", /:4: tls_require_cert: it is one of/],
      ["tls = yes\ntls_ca_cert_file =", /:4: tls_ca_cert_file: it names no file/],
      ["uris = ldaps://a\ntls = yes", /:4: tls: there is no StartTLS on ldaps/],
      ["uris = ldapi://\ntls = yes", /:4: tls: there is no StartTLS on ldapi/],
    ];
    for (const [line, message] of refused) {
      it(`refuses ${JSON.stringify(line)}`, () => refuses(withBase(line), message));
    }
  });

  describe("the service account", () => {
    it("is nobody without a DN, and binds as nobody, as Dovecot does", () => {
      assert.equal(carry(withBase("dn =")).anonymousBind, true);
      assert.equal(carry(withBase("dn =")).bindDn, undefined);
    });

    const refused: readonly (readonly [line: string, message: RegExp])[] = [
      ["dn = cn=x", /:3: dn: it needs a dnpass/],
      ["dn = cn=x\ndnpass =", /:3: dn: it needs a dnpass/],
      ["dnpass = SeCr3T", /:3: dnpass: it needs a dn/],
      ["sasl_bind = yes", /:3: sasl_bind: /],
      ["ldap_version = 2", /:3: ldap_version: /],
      ["ldaprc_path = /etc/x", /:3: ldaprc_path: /],
    ];
    for (const [line, message] of refused) {
      it(`refuses ${JSON.stringify(line)}`, () => refuses(withBase(line), message));
    }
  });

  describe("where people are", () => {
    const refused: readonly (readonly [text: string, message: RegExp])[] = [
      ["uris = ldap://a", /conf\.ext: base: No base given/],
      ["uris = ldap://a\nbase = ou=%d,dc=example", /:2: base: a base with variables/],
      ["uris = ldap://a\nbase = people", /:2: base: it is no DN/],
      [withBase("scope = base"), /:3: scope: /],
      [withBase("scope = all"), /:3: scope: it is one of/],
      [withBase("deref = sometimes"), /:3: deref: it is one of/],
    ];
    for (const [text, message] of refused) {
      it(`refuses ${JSON.stringify(text)}`, () => refuses(text, message));
    }

    it("takes deref in any letter case", () => {
      assert.equal(carry(withBase("deref = Always")).dereferenceAliases, "always");
    });

    it("writes a base with letters that mean something in a URL", () => {
      const { url } = carry("uris = ldap://a\nbase = 'ou=a?b#c d%%41,dc=x'");
      assert.equal(parseAuthLdapUrl(url).base, "ou=a?b#c d%41,dc=x");
    });
  });

  describe("pass_filter", () => {
    const carried: readonly (readonly [filter: string, attribute: string, rest: string])[] = [
      ["(uid=%u)", "uid", "(objectClass=*)"],
      ["(uid=%{user})", "uid", "(objectClass=*)"],
      ["(MAIL=%Lu)", "MAIL", "(objectClass=*)"],
      ["(&(objectClass=posixAccount)(uid=%u))", "uid", "(objectClass=posixAccount)"],
      ["(&(uid=%u)(!(locked=TRUE)))", "uid", "(!(locked=TRUE))"],
      ["(& (a=b) (& (uid=%u) (|(c=d)(e=f*)) ) )", "uid", "(&(a=b)(|(c=d)(e=f*)))"],
      ["(&(uid=%u)(cn=100%%))", "uid", "(cn=100%)"],
      ["(uid=%n)", "uid", "(!(uid=*@*))"],
      ["(&(a=b)(uid=%{username}))", "uid", "(&(a=b)(!(uid=*@*)))"],
    ];
    for (const [filter, attribute, rest] of carried) {
      it(`carries ${filter}`, () => {
        const url = parseAuthLdapUrl(carry(withBase(`pass_filter = ${filter}`)).url);
        assert.equal(url.loginAttribute, attribute);
        assert.equal(url.filter && formatFilter(url.filter), rest);
      });
    }

    const refused: readonly (readonly [filter: string, message: RegExp])[] = [
      ["(objectClass=person)", /there is no %u in it/],
      ["(|(uid=%u)(mail=%u))", /an OR with the name in it is not carried/],
      ["(&(a=b)(|(uid=%u)(mail=%u)))", /an OR with the name/],
      ["(|(uid=%u)(objectClass=*))", /an OR with the name/],
      ["(!(uid=%u))", /a negation/],
      ["(&(uid=%u)(!(mail=%u)))", /the name stands in it twice/],
      ["(&(uid=%u)(uid=%u))", /the name stands in it twice/],
      ["(mail=%u@example.org)", /a name with other text/],
      ["(mail=%n@%d)", /%d is not carried/],
      ["(uid=%u*)", /a name with \* around it/],
      ["(uid=*%u)", /a name with \* around it/],
      ["(uid~=%u)", /only ever compared by equality/],
      ["(uid>=%u)", /only ever compared by equality/],
      ["(uid:caseExactMatch:=%u)", /only ever compared by equality/],
      ["(%u=x)", /it is no filter/],
      ["(%u)", /it is no filter/],
      ["%u", /it is no filter/],
      ["(uid=%u", /it is no filter/],
      ["(uid=%u)(a=b)", /it is no filter/],
      ["(uid=%d)", /%d is not carried/],
      ["(uid=%Uu)", /%Uu is not carried/],
      ["(uid=%5u)", /%5u is not carried/],
      ["(uid=%1.1n)", /%1\.1n is not carried/],
      ["(uid=%LLu)", /%LLu is not carried/],
      ["(serial=%Lu)", /%L is not carried/],
      ["(uid=%{orig_user})", /%\{orig_user\} is not carried/],
      ["(&(uid=%u)(host=%{env:HOST}))", /%\{env:HOST\} is not carried/],
      ["(&(uid=%u)(ip=%r))", /%r is not carried/],
      ["(uid=%{user)", /a variable is not carried/],
      ["(uid=%u)%", /is not carried/],
      ["(uid=\ue000)", /private character/],
    ];
    for (const [filter, message] of refused) {
      it(`refuses ${filter}`, () => {
        refuses(withBase(`pass_filter = ${filter}`), message);
        refuses(withBase(`pass_filter = ${filter}`), /:3: pass_filter: /);
      });
    }

    it("says that names with an @ are refused where Dovecot cuts them off", () => {
      const notes = notesOf(withBase("tls = yes", "pass_filter = (uid=%n)"));
      assert.deepEqual(
        notes.map(({ line, setting }) => [line, setting]),
        [[4, "pass_filter"]],
      );
      assert.match(notes[0]?.reason ?? "", /refused/);
    });

    it("shows the filter with the place marked as the cause", () => {
      try {
        fromDovecotConfig(withBase("pass_filter = (uid=%u"));
        assert.fail();
      } catch (error) {
        assert(error instanceof ConfigError && error.cause instanceof ConfigError);
        assert.match(error.cause.message, /\(uid=%u/);
      }
    });
  });

  describe("user_filter", () => {
    const PASS = "pass_filter = (&(objectClass=person)(active=TRUE)(uid=%u))";

    it("changes nothing where it demands nothing more", () => {
      const alone = carry(withBase(PASS)).url;
      assert.equal(carry(withBase(PASS, "user_filter = (uid=%u)")).url, alone);
      assert.equal(carry(withBase(PASS, PASS.replace("pass_", "user_"))).url, alone);
      assert.equal(
        carry(withBase(PASS, "user_filter = (&(uid=%u)(active=TRUE))"), { userFilter: "require" })
          .url,
        alone,
      );
    });

    it("is refused where it demands more, until it is said whether it counts", () => {
      const text = withBase("pass_filter = (uid=%u)", "user_filter = (&(mailbox=TRUE)(uid=%u))");
      refuses(text, /:4: user_filter: it demands more/);
      const { url } = carry(text, { userFilter: "require" });
      assert.equal(url, "ldap://127.0.0.1/dc=example,dc=org?uid??(mailbox=TRUE)");
      const ignored = carry(text, { userFilter: "ignore" });
      assert.equal(ignored.url, "ldap://127.0.0.1/dc=example,dc=org?uid");
      const notes = notesOf(text, { userFilter: "ignore" });
      assert(notes.some(({ line, setting }) => line === 4 && setting === "user_filter"));
    });

    it("counts with Dovecot's default where it is said to count", () => {
      const text = withBase("pass_filter = (uid=%u)");
      assert.equal(
        carry(text, { userFilter: "require" }).url,
        "ldap://127.0.0.1/dc=example,dc=org?uid??(objectClass=posixAccount)",
      );
    });

    it("is refused where it looks for another attribute, or another part of the name", () => {
      for (const filter of ["(mail=%u)", "(uid=%n)"]) {
        const text = withBase("pass_filter = (uid=%u)", `user_filter = ${filter}`);
        refuses(text, /:4: user_filter: it looks for another attribute/);
        refuses(text, /:4: user_filter: /, { userFilter: "require" });
        carry(text, { userFilter: "ignore" });
      }
    });
  });

  describe("pass_attrs", () => {
    const carried: readonly (readonly [
      attrs: string,
      password: string,
      user: string | undefined,
    ])[] = [
      ["userPassword=password", "userPassword", undefined],
      ["mail=user, secret=password", "secret", "mail"],
      ["password", "password", undefined],
      ["=password=%{ldap:userPassword}", "userPassword", undefined],
      ["userPassword=password=%$", "userPassword", undefined],
      ["userPassword=password,=user=%{ldap:mail}", "userPassword", "mail"],
      [
        "userPassword=password,homeDirectory=userdb_home,quota=userdb_quota_rule",
        "userPassword",
        undefined,
      ],
      ["userPassword=password,!gidNumber", "userPassword", undefined],
    ];
    for (const [attrs, attribute, user] of carried) {
      it(`carries ${attrs}`, () => {
        const options = carry(withBase(`pass_attrs = ${attrs}`));
        assert.deepEqual(options.passwords, { attribute, defaultScheme: "CRYPT" });
        assert.deepEqual(options.remoteUser, user && { attribute: user });
      });
    }

    const refused: readonly (readonly [attrs: string, message: RegExp])[] = [
      ["", /nobody could sign in/],
      ["uid=user", /nobody could sign in/],
      ["userPassword=password ,uid=user", /no attribute=field/],
      ["userPassword=password={CRYPT}", /must be one attribute as it is/],
      ["userPassword=password={CRYPT}%$", /must be one attribute as it is/],
      ["=password=SeCr3T", /must be one attribute as it is/],
      ["=password", /must be one attribute as it is/],
      ["=password=%{ldap:a:SeCr3T}", /must be one attribute as it is/],
      ["=password=%{ldap:a}%{ldap:b}", /must be one attribute as it is/],
      ["a=password,b=password", /stands there twice/],
      ["userPassword=password,uid=user=%$@example.org", /the field user must be/],
      ["userPassword=password_noscheme", /the field password_noscheme is not carried/],
      ["userPassword=password,=nopassword=y", /the field nopassword is not carried/],
      ["userPassword=password,allowed=allow_nets", /the field allow_nets is not carried/],
      ["userPassword=password,allowed=allow_nets:protected", /the field allow_nets:protected/],
      ["userPassword=password,off=nologin", /the field nologin is not carried/],
      ["userPassword=password,off=userdb_tempfail", /the field userdb_tempfail is not carried/],
      ["userPassword=password,uid=userdb_user", /the field userdb_user is not carried/],
      ["userPassword=password,uid=username", /the field username is not carried/],
      ["userPassword=password,=proxy=y,=host=x", /the field proxy is not carried/],
      ["userPassword=password,uid", /is not carried/],
      ["userPassword=password,x=%u", /no attribute=field/],
      ["userPassword=password,@a=b", /no attribute=field/],
      ["!userPassword=password", /no attribute=field/],
    ];
    for (const [attrs, message] of refused) {
      it(`refuses ${attrs || "an empty one"}, and shows no value`, () => {
        const text = withBase(`pass_attrs = ${attrs}`);
        refuses(text, message);
        refuses(text, /:3: pass_attrs: /);
        refuses(text, /^(?!.*SeCr3T)/s);
      });
    }

    it("needs no password where the directory checks it, and reads none", () => {
      const options = carry(withBase("auth_bind = yes", "pass_attrs = =password=x,uid=user"));
      assert.equal(options.passwords, "bind");
      assert.deepEqual(options.remoteUser, { attribute: "uid" });
      assert.equal(carry(withBase("auth_bind = yes", "pass_attrs =")).remoteUser, undefined);
    });

    it("still refuses what would keep somebody out where the directory checks passwords", () => {
      const text = withBase("auth_bind = yes", "pass_attrs = x=allow_nets");
      refuses(text, /:4: pass_attrs: the field allow_nets/);
    });
  });

  it("refuses a default_pass_scheme that can't be checked", () => {
    refuses(withBase("default_pass_scheme = NOPE"), /:3: default_pass_scheme: passwords of this/);
  });

  describe("auth_bind_userdn", () => {
    const BIND = "auth_bind = yes";

    it("binds as the entry that the name says, and finds just that one", () => {
      const text = withBase(BIND, "auth_bind_userdn = uid=%u,ou=people,dc=example,dc=org");
      const { url, initialBindAsUser, passwords } = carry(text);
      assert.equal(url, "ldap://127.0.0.1/ou=people,dc=example,dc=org?uid?one");
      assert.equal(passwords, "bind");
      assert(typeof initialBindAsUser === "object");
      assert.equal(initialBindAsUser.dn, "uid=$0,ou=people,dc=example,dc=org");
    });

    it("escapes what is typed, whatever it is", () => {
      const text = withBase(BIND, "auth_bind_userdn = uid=%u,ou=people,dc=example,dc=org");
      const { ldap } = resolveOptions({ ...carry(text), log: () => {} });
      const rest = ",ou=people,dc=example,dc=org";
      assert.equal(ldap.initialBind?.("a,ou=admins"), `uid=a\\,ou\\=admins${rest}`);
      assert.equal(ldap.initialBind?.("cn=admin,dc=x\n"), `uid=cn\\=admin\\,dc\\=x\\0a${rest}`);
    });

    it("makes nothing of pass_filter and pass_attrs, as Dovecot does, and says so", () => {
      const text = withBase(
        ...[BIND, "auth_bind_userdn = uid=%u,ou=people,dc=x", "tls = yes"],
        ...["pass_filter = (mail=%d)", "pass_attrs = x=allow_nets"],
      );
      assert.deepEqual(
        notesOf(text).map(({ setting }) => setting),
        ["base", "pass_filter", "pass_attrs"],
      );
    });

    it("is of no use without auth_bind", () => {
      const text = withBase("tls = yes", "auth_bind_userdn = uid=%u,dc=x");
      assert.equal(carry(text).initialBindAsUser, undefined);
      assert.deepEqual(
        notesOf(text).map(({ setting }) => setting),
        ["auth_bind_userdn"],
      );
    });

    for (const dn of [
      "%u@example.org",
      "%u",
      "",
      "uid=alice,dc=x",
      "uid=%u",
      "uid=%u+cn=x,dc=x",
      "uid=%u,ou=%d,dc=x",
      "uid=%u,dc=x,",
      "uid=x%u,dc=x",
      "uid=%u$1,dc=x",
      "uid=%u,ou=$1,dc=x",
      "uid=%Lu,dc=x",
      "uid=%d,dc=x",
    ]) {
      it(`refuses ${dn || "an empty one"}`, () => {
        refuses(withBase(BIND, `auth_bind_userdn = ${dn}`), /:4: auth_bind_userdn: only a DN/);
      });
    }
  });

  it("says of each setting that has no effect why it has none", () => {
    const lines = [
      ...[
        "debug_level = -1",
        "blocking = yes",
        "iterate_attrs = uid=user",
        "iterate_filter = (a=b)",
      ],
      ...["user_attrs = home=home", "sasl_mech = PLAIN", "sasl_realm = x", "sasl_authz_id = y"],
      ...["userdb_warning_disable = yes", "dn = x", "dn =", "auth_bind = yes"],
      ...["default_pass_scheme = PLAIN", "tls = yes"],
    ];
    const notes = notesOf(withBase(...lines), { file: "l.conf" });
    assert.deepEqual(notes.map(({ setting }) => setting).sort(), [
      ...["blocking", "debug_level", "default_pass_scheme", "dn", "iterate_attrs"],
      ...["iterate_filter", "sasl_authz_id", "sasl_mech", "sasl_realm", "user_attrs"],
      "userdb_warning_disable",
    ]);
    assert(notes.every(({ file, line, reason }) => file === "l.conf" && line > 0 && reason !== ""));
  });

  it("never shows a password, neither in an error nor in a note", () => {
    const lines = ["dn = cn=x", "dnpass = SeCr3T", "dnpass = SeCr3T2", "SeCr3T", "tls = SeCr3T"];
    for (const line of [
      ...lines,
      "hosts = SeCr3T@x",
      "uris = ldap://a:SeCr3T@b",
      "base = SeCr3T",
    ]) {
      const told: unknown[] = [];
      try {
        fromDovecotConfig(withBase("dn = cn=y", "dnpass = SeCr3T0", line), {
          onNote: (note) => told.push(note),
        });
      } catch (error) {
        assert(error instanceof ConfigError);
        told.push(error.message, error.cause);
      }
      assert(!JSON.stringify(told).includes("SeCr3T"), line);
    }
  });
});
