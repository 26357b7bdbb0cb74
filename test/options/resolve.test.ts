import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import type { LogRecord } from "../../src/log.ts";
import type { AuthnzLdapOptions } from "../../src/options/authnz-ldap-options.ts";
import { otherDirectory, passwordFile } from "../../src/options/other-provider.ts";
import { resolveOptions } from "../../src/options/resolve.ts";

const URL = "ldap://ldap.example.org/dc=example?uid";
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** The settings, and the events that were logged on the way. */
function resolve(options: Partial<AuthnzLdapOptions>) {
  const events: string[] = [];
  const log = ({ event }: LogRecord) => void events.push(event);
  const { ldap, ...settings } = resolveOptions({ url: URL, log, ...options });
  return { events, ldap, ...ldap, ...settings };
}

function refuses(options: object, message: RegExp) {
  assert.throws(
    () => resolve(options as never),
    (error: unknown) => {
      assert(error instanceof ConfigError);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("security", () => {
  const cases: readonly (readonly [string, AuthnzLdapOptions["tls"], string])[] = [
    ["ldap://ldap.example.org/dc=x", undefined, "starttls"],
    ["ldap://ldap.example.org/dc=x NONE", undefined, "none"],
    ["ldap://ldap.example.org/dc=x", "none", "none"],
    ["ldap://ldap.example.org/dc=x SSL", undefined, "tls"],
    ["ldap://ldap.example.org/dc=x TLS", undefined, "starttls"],
    ["ldaps://ldap.example.org/dc=x", undefined, "tls"],
    ["ldaps://ldap.example.org/dc=x NONE", undefined, "tls"],
    ["ldap://localhost/dc=x", undefined, "none"],
    ["ldap://127.0.0.1:10389/dc=x", undefined, "none"],
    ["ldap://[::1]:10389/dc=x", undefined, "none"],
    ["ldap://localhost/dc=x STARTTLS", undefined, "starttls"],
    ["ldap://localhost/dc=x", { minVersion: "TLSv1.3" }, "starttls"],
    ["ldap://127.0.0.1.example.org/dc=x", undefined, "starttls"],
    ["ldap://localhost.example.org/dc=x", undefined, "starttls"],
    ["ldap://localhost ldap.example.org/dc=x", undefined, "starttls"],
    ["ldapi:///dc=x", undefined, "none"],
  ];
  for (const [url, tls, security] of cases) {
    it(`of ${url} with tls ${JSON.stringify(tls)} is ${security}`, () => {
      assert.equal(resolve({ url, ...(tls && { tls }) }).ldap.directory.security, security);
    });
  }

  it("says that passwords go in clear text, but not on loopback", () => {
    assert.deepEqual(resolve({ tls: "none" }).events, ["cleartext-directory"]);
    assert.deepEqual(resolve({ url: "ldap://127.0.0.1/dc=x" }).events, []);
  });

  it("says that certificates are not verified", () => {
    const { events, ldap } = resolve({ tls: { dangerouslyAcceptAnyCertificate: true } });
    assert.deepEqual(events, ["certificates-not-verified"]);
    assert.equal(ldap.directory.tls.dangerouslyAcceptAnyCertificate, true);
  });

  it("refuses clear text where the URL asks for TLS", () => {
    refuses({ url: "ldaps://h/dc=x", tls: "none" }, /contradicts/);
    refuses({ url: "ldap://h/dc=x STARTTLS", tls: "none" }, /contradicts/);
  });

  it("refuses TLS settings where the URL asks for clear text, or knows no TLS", () => {
    refuses({ url: "ldap://h/dc=x NONE", tls: { minVersion: "TLSv1.3" } }, /contradict/);
    refuses({ url: "ldap://127.0.0.1/dc=x NONE", tls: { ca: PEM } }, /contradict/);
    refuses({ url: "ldapi:///dc=x", tls: {} }, /Unix socket/);
    refuses({ url: "ldapi:///dc=x STARTTLS" }, /Unix socket/);
    refuses({ url: "ldapi:///dc=x SSL" }, /Unix socket/);
    assert.equal(resolve({ url: "ldapi:///dc=x NONE" }).ldap.directory.security, "none");
    assert.equal(resolve({ url: "ldapi:///dc=x", tls: "none" }).ldap.directory.security, "none");
  });
});

describe("tls", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "authnz-ldap-"));
    writeFileSync(join(folder, "ca.pem"), PEM);
    writeFileSync(join(folder, "not-pem"), "hello");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("reads a CA file at start", () => {
    assert.deepEqual(resolve({ tls: { caFile: join(folder, "ca.pem") } }).ldap.directory.tls.ca, [
      PEM,
    ]);
  });

  it("binds with SASL EXTERNAL where there is a client certificate and no bindDn", () => {
    const { serviceAccount } = resolve({ tls: { cert: PEM, key: PEM } }).ldap.directory;
    assert.deepEqual(serviceAccount, { kind: "external" });
  });

  it("refuses what can't work", () => {
    refuses({ tls: { caFile: join(folder, "missing.pem") } }, /tls\.caFile: ENOENT/);
    refuses({ tls: { caFile: join(folder, "not-pem") } }, /tls\.caFile holds no PEM/);
    refuses({ tls: { ca: PEM, caFile: "x" } }, /not both/);
    refuses({ tls: { cert: PEM } }, /go together/);
    refuses({ tls: { minVersion: "TLSv1" } }, /TLSv1\.2/);
    refuses({ tls: { rejectUnauthorized: false } }, /no option "tls.rejectUnauthorized"/);
    refuses({ tls: "starttls" }, /tls must be an object .* "none"/);
    refuses({ tls: false }, /tls must be an object .* "none"/);
  });
});

describe("the service account", () => {
  it("is anonymous by default", () => {
    assert.deepEqual(resolve({}).ldap.directory.serviceAccount, {
      kind: "anonymous",
      binds: false,
    });
  });

  it("takes a DN, or Active Directory's forms", () => {
    for (const bindDn of ["cn=reader,dc=x", "reader@corp.example", "CORP\\reader"]) {
      const { serviceAccount } = resolve({ bindDn, bindPassword: "secret" }).ldap.directory;
      assert.deepEqual(serviceAccount, { kind: "simple", dn: bindDn, password: "secret" });
    }
  });

  it("refuses half of it, empty passwords, and names that are no DN", () => {
    refuses({ bindDn: "cn=a" }, /go together/);
    refuses({ bindPassword: "a" }, /go together/);
    refuses({ bindDn: "cn=a", bindPassword: "" }, /not empty/);
    refuses({ bindDn: "cn=a", bindPassword: null }, /not empty/);
    refuses({ bindDn: "cn=a", bindPassword: { file: "" } }, /bindPassword\.file/);
    refuses({ bindDn: "cn=a", bindPassword: { path: "x" } }, /no option/);
    refuses({ bindDn: "EXTERNAL", bindPassword: "a" }, /not a DN/);
    refuses({ bindDn: "", bindPassword: "a" }, /not a DN/);
    assert.throws(
      () => resolve({ bindDn: "s3cret", bindPassword: "cn=reader,dc=x" }),
      (error: Error) => !error.message.includes("s3cret"),
    );
  });
});

describe("referrals", () => {
  const serversOf = (url: string, tls: AuthnzLdapOptions["tls"], ...allow: string[]) => {
    const { ldap, events } = resolve({ url, ...(tls && { tls }), referrals: { allow } });
    const { referrals } = ldap.directory;
    const shown = referrals?.allow.map(({ address, security }) =>
      address.kind === "tcp" ? `${address.host} ${address.port} ${security}` : "",
    );
    return { shown, hops: referrals?.hops, events };
  };

  it("go to the servers that are named", () => {
    const { shown, hops } = serversOf(
      URL,
      undefined,
      "ldap://B.example.org",
      "ldaps://[::1]:10636/",
    );
    assert.deepEqual(shown, ["b.example.org 389 starttls", "::1 10636 tls"]);
    assert.equal(hops, 5);
  });

  it("are never secured less than the directory itself", () => {
    const local = "ldap://127.0.0.1/dc=x";
    assert.deepEqual(serversOf(local, undefined, "ldap://127.0.0.2:1389").shown, [
      "127.0.0.2 1389 none",
    ]);
    assert.deepEqual(serversOf(local, undefined, "ldap://b.example.org").shown, [
      "b.example.org 389 starttls",
    ]);
    assert.deepEqual(serversOf("ldaps://h/dc=x", undefined, "ldap://127.0.0.1").shown, [
      "127.0.0.1 389 starttls",
    ]);
    const clear = serversOf(local, "none", "ldap://b.example.org");
    assert.deepEqual(clear.shown, ["b.example.org 389 none"]);
    assert.deepEqual(clear.events, ["cleartext-directory"]);
  });

  it("that name no server are refused", () => {
    for (const text of [
      "b.example.org",
      "ldap://",
      "ldap:///",
      "ldapi:///",
      "http://b.example.org",
      "ldap://b.example.org/dc=x",
      "ldap://b.example.org/??sub",
      "ldap://b.example.org:0",
      "ldap://user@b.example.org",
      "",
      1,
    ]) {
      refuses({ referrals: { allow: [text] } }, /referrals\.allow must be a list/);
    }
    refuses({ referrals: {} }, /referrals\.allow must be a list/);
    refuses({ referrals: { allow: "ldap://b" } }, /referrals\.allow must be a list/);
    refuses({ referrals: true }, /referrals must be an object/);
    refuses({ referrals: { allow: [], hop: 1 } }, /did you mean "hops"/);
    refuses({ referrals: { allow: [], hops: 0 } }, /referrals\.hops must be/);
  });
});

describe("otherProviders", () => {
  it("are resolved in their order", () => {
    const { others } = resolve({
      otherProviders: [
        otherDirectory({ url: "ldaps://b/dc=b?mail", bindAuthoritative: false }),
        passwordFile({ file: "/etc/people" }),
        passwordFile({ file: "/etc/more", name: "more" }),
      ],
    });
    assert.deepEqual(
      others.map(({ kind, name }) => [kind, name]),
      [
        ["directory", "other"],
        ["file", "file"],
        ["file", "more"],
      ],
    );
    const [other] = others;
    assert(other?.kind === "directory");
    assert.equal(other.ldap.url.loginAttribute, "mail");
    assert.equal(other.ldap.isAuthoritative, false);
  });

  it("that can't work are refused", () => {
    const file = passwordFile({ file: "x" });
    refuses({ otherProviders: file }, /otherProviders must be a list/);
    refuses({ otherProviders: [undefined] }, /otherProviders must be a list/);
    refuses({ otherProviders: ["x"] }, /otherProviders must be a list/);
    refuses({ otherProviders: [{ kind: "file", file: "x" }] }, /otherProviders must be a list/);
    refuses({ otherProviders: [{ kind: "none", name: "x" }] }, /otherProviders must be a list/);
    refuses({ otherProviders: [file, file] }, /names of their own/);
    refuses({ otherProviders: [{ ...file, name: "ldap" }] }, /names of their own/);
    refuses({ otherProviders: [{ ...file, name: "" }] }, /not empty/);
    refuses({ otherProviders: [{ ...file, file: "" }] }, /not empty/);
    refuses({ otherProviders: [{ ...file, more: 1 }] }, /no option/);
    refuses({ otherProviders: [otherDirectory({ url: "http://x" })] }, /scheme/);
    refuses({ otherProviders: [otherDirectory({} as never)] }, /url is missing/);
    const wrong = (make: () => unknown, message: RegExp) =>
      assert.throws(make, (error: Error) => {
        assert(error instanceof ConfigError);
        assert.match(error.message, message);
        return true;
      });
    wrong(() => passwordFile({ flie: "x" } as never), /did you mean "file"/);
    wrong(() => passwordFile("x" as never), /must be an object/);
    wrong(() => otherDirectory({ url: "ldap://x", realm: "x" } as never), /no option/);
  });
});

describe("the visitor's own password", () => {
  it("is asked for with each request only where Basic can send it", () => {
    refuses({ searchAsUser: true, basic: false }, /only HTTP Basic sends/);
    refuses({ compareAsUser: true, basic: false }, /only HTTP Basic sends/);
    assert.equal(resolve({ searchAsUser: true }).ldap.searchAsUser, true);
  });
});

describe("options", () => {
  it("have defaults", () => {
    const { web, ldap, others } = resolve({});
    assert.equal(ldap.timeout, 5_000);
    assert.equal(web.basic, true);
    assert.equal(web.anonymous, "refuse");
    assert.equal(web.login.path, "/login");
    assert.equal(web.session.revalidateAfter, 60_000);
    assert.deepEqual(web.throttle, { failures: 5, window: 300_000 });
    assert.equal(ldap.directory.connections.bind, 32);
    assert.equal(ldap.directory.dereferenceAliases, "never");
    assert.equal(ldap.directory.referrals, undefined);
    assert.equal(ldap.isAuthoritative, true);
    assert.equal(ldap.initialBind, undefined);
    assert.equal(ldap.searchAsUser || ldap.compareAsUser, false);
    assert.equal(ldap.remoteUser, "name");
    assert.equal(ldap.authorizePrefix, "AUTHORIZE_");
    assert.deepEqual(others, []);
  });

  it("that do not exist are errors, and a near miss is named", () => {
    refuses({ bindDN: "cn=a" }, /"bindDN": did you mean "bindDn"\?/);
    refuses({ timeuot: 1 }, /did you mean "timeout"\?/);
    refuses({ login: { logoutpath: "/x" } }, /"login\.logoutpath": did you mean "logoutPath"\?/);
    refuses({ server: {} }, /no option "server": known are url/);
  });

  it("of the wrong kind are errors that name the option", () => {
    refuses({ url: undefined }, /url is missing/);
    refuses({ timeout: 0 }, /timeout must be a whole number from 100/);
    refuses({ timeout: "5" }, /timeout must be/);
    refuses({ timeout: Number.NaN }, /timeout must be/);
    refuses({ basic: "yes" }, /basic must be true or false/);
    refuses({ anonymous: true }, /anonymous must be/);
    refuses({ realm: "a\r\nb" }, /realm must be/);
    refuses({ login: { path: "login" } }, /login\.path must be a path/);
    refuses({ login: { path: "//evil.example" } }, /login\.path must be a path/);
    refuses({ login: { path: "/a/../b" } }, /login\.path must be a path/);
    refuses({ login: { path: "/logout" } }, /must differ/);
    refuses({ login: { view: "page" } }, /login\.view must be a function/);
    refuses({ throttle: true }, /throttle must be an object/);
    refuses({ throttle: null }, /throttle must be an object/);
    refuses({ session: null }, /session must be an object/);
    refuses({ login: null }, /login must be an object/);
    refuses({ connections: null }, /connections must be an object/);
    refuses({ throttle: { failures: 0 } }, /throttle\.failures/);
    refuses({ connections: { bind: 0 } }, /connections\.bind/);
    refuses({ session: { idleTimeout: -1 } }, /session\.idleTimeout/);
    refuses({ levels: { attribute: "a", pattern: "b" } }, /levels\.pattern/);
    refuses({ dereferenceAliases: "Always" }, /dereferenceAliases must be/);
    refuses({ dereferenceAliases: true }, /dereferenceAliases must be/);
    refuses({ bindAuthoritative: "off" }, /bindAuthoritative must be true or false/);
    refuses({ searchAsUser: "on" }, /searchAsUser must be true or false/);
    refuses({ compareAsUser: 1 }, /compareAsUser must be true or false/);
    refuses({ initialBindAsUser: "on" }, /initialBindAsUser must be an object/);
    refuses(
      { initialBindAsUser: { pattern: "(", dn: "x" } },
      /initialBindAsUser\.pattern: .* lacks its/,
    );
    refuses({ initialBindAsUser: { pattern: 1, dn: "x" } }, /initialBindAsUser must be true/);
    refuses({ initialBindAsUser: { pattern: "x" } }, /initialBindAsUser must be true/);
    refuses({ initialBindAsUser: { pattern: "x", dn: "" } }, /not empty/);
    refuses({ initialBindAsUser: { patern: "x", dn: "y" } }, /did you mean "pattern"/);
    refuses({ remoteUser: "DN" }, /remoteUser must be/);
    refuses({ remoteUser: {} }, /remoteUser must be/);
    refuses({ remoteUser: null }, /remoteUser must be an object/);
    refuses({ remoteUser: { atribute: "mail" } }, /did you mean "attribute"/);
    refuses({ authorizePrefix: "" }, /not empty/);
    refuses({ authorizePrefix: "A B" }, /authorizePrefix must be/);
    refuses({ authorizePrefix: "A=" }, /authorizePrefix must be/);
    refuses({ log: "stderr" }, /log must be a function/);
    assert.throws(() => resolveOptions(null as never), ConfigError);
  });

  for (const [how, log] of [
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ] as const) {
    it(`keep a log that ${how} from failing anything, and tell on standard error`, async (t) => {
      const resolved = resolve({ log });
      const write = t.mock.method(process.stderr, "write", () => true);
      resolved.log({ level: "info", event: "test", message: "test" });
      await new Promise((done) => setImmediate(done));
      const lines = write.mock.calls.map(({ arguments: [line] }) => String(line));
      write.mock.restore();
      assert.equal(lines.length, 1);
      assert.equal(JSON.parse(lines[0] ?? "").event, "log-failed");
    });
  }
});
