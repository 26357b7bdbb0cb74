import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { exposedAttributes, loginFilter } from "../../src/ldap/auth-ldap-url.ts";
import type { Filter } from "../../src/ldap/filter.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import { parseFilter } from "../../src/ldap/parse-filter.ts";

/** What Apache/2.4.71 did with an AuthLDAPURL: its start-up log, and the logins it served. */
interface Recorded {
  readonly case: string;
  readonly arguments: readonly string[];
  /** Why it did not start. */
  readonly error?: string;
  readonly read?: {
    readonly host: string | null;
    readonly port: string;
    readonly base: string | null;
    readonly loginAttribute: string | null;
    readonly scope: "base" | "onelevel" | "subtree";
    readonly mode: "using SSL" | "not using SSL";
  };
  readonly logins?: readonly {
    readonly user: string;
    readonly status: number;
    readonly filter: string;
    readonly variables?: readonly string[];
  }[];
}

const recorded = JSON.parse(
  readFileSync(new URL("../fixtures/httpd-auth-ldap-urls.json", import.meta.url), "utf8"),
) as readonly Recorded[];

/** What httpd starts with and we refuse, because it can't mean what was written. */
const REFUSED_HERE: ReadonlySet<string> = new Set([
  "url-host: user info",
  "url-host: question mark directly after the host",
  "url-host: two slashes before the base",
  "url-scope: base is not a DN",
  "url-attr: star and uid",
  "url-attr: space after comma",
  "url-filter: unbalanced: missing )",
  "url-filter: unbalanced: extra )",
  "url-filter: no operator",
  "url-filter: question mark in the filter",
  "url-filter: double parentheses",
  "url-filter: critical LDAP URL extension",
  "config-error: port 0",
  "config-error: port 99999",
  "config-error: bad percent in the base",
  "config-error: bad percent in the attribute",
]);

/** What httpd starts with and then answers every login with 500; we read what was meant. */
const READ_HERE: ReadonlySet<string> = new Set(["url-filter: spaces around"]);

/** httpd loses the port of a bracketed first host, and the hosts after it. */
const OTHER_HOSTS: ReadonlySet<string> = new Set([
  "url-host: IPv6",
  "url-host: IPv6 down, then IPv4",
  "tls: ldaps by [::1]",
]);

/** httpd makes a variable without a name of `*` and `+`. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  "url-attr: uid and star",
  "url-attr: plus (operational)",
]);

describe("parseAuthLdapUrl, compared with httpd", () => {
  for (const record of recorded) {
    const text = record.arguments.map((argument) => `"${argument}"`).join(" ");
    it(`${record.case}: ${text}`, () => {
      if (record.error !== undefined) {
        assert.throws(() => parseAuthLdapUrl(text), refusalWith(record.error));
      } else if (REFUSED_HERE.has(record.case)) {
        assert.throws(() => parseAuthLdapUrl(text), ConfigError);
      } else {
        readsTheSame(record, text);
      }
    });
  }

  it("knows every difference that is claimed", () => {
    const cases = new Set(recorded.map((record) => record.case));
    for (const name of [...REFUSED_HERE, ...READ_HERE, ...OTHER_HOSTS, ...OTHER_VARIABLES]) {
      assert.ok(cases.has(name), name);
    }
  });
});

function refusalWith(words: string): (error: Error) => boolean {
  return (error) => error instanceof ConfigError && error.message.includes(words);
}

function readsTheSame(record: Recorded, text: string): void {
  const url = parseAuthLdapUrl(text);
  const { read } = record;
  if (read) {
    assert.equal(url.base, read.base ?? "");
    assert.equal(url.loginAttribute, read.loginAttribute ?? "uid");
    assert.equal(url.scope, read.scope === "onelevel" ? "one" : "sub");
    const isSecure = url.scheme === "ldaps" || url.connectionMode === "ssl";
    if (url.connectionMode !== "starttls") assert.equal(isSecure, read.mode === "using SSL");
    if (url.scheme === "ldapi") assert.equal(url.socketPath, read.host ?? "/var/run/slapd/ldapi");
    else if (!OTHER_HOSTS.has(record.case)) {
      assert.deepEqual(url.hosts, hostsAsLibldap(read.host ?? "localhost", url.scheme));
    }
  }
  for (const login of record.logins ?? []) {
    if (!READ_HERE.has(record.case)) {
      assert.deepEqual(
        comparable(loginFilter(url, login.user)),
        comparable(parseFilter(login.filter)),
      );
    }
    if (login.variables && !OTHER_VARIABLES.has(record.case)) {
      assert.deepEqual(exposedAttributes(url).map(variable).sort(), login.variables);
    }
  }
}

/** httpd hands this text to libldap. */
function hostsAsLibldap(text: string, scheme: "ldap" | "ldaps"): readonly object[] {
  return text.split(/[ ,]+/).map((host) => {
    const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    const isIpv6 = name.startsWith("[");
    return {
      host: isIpv6 ? name.slice(1, -1) : name,
      port: Number(port ?? (scheme === "ldaps" ? 636 : 389)),
    };
  });
}

/** A CGI script sees `_` for what has no place in a variable's name. */
function variable(attribute: string): string {
  return `AUTHENTICATE_${attribute.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** httpd writes `objectclass`, and puts filters that stand side by side into its own `&`. */
function comparable(filter: Filter): Filter {
  if (filter.type === "present") return { ...filter, attribute: filter.attribute.toLowerCase() };
  if (filter.type !== "and") return filter;
  const filters = filter.filters.map(comparable);
  const [first, ...rest] = filters;
  return first?.type === "and" && rest.length === 1
    ? { type: "and", filters: [...first.filters, ...rest] }
    : { type: "and", filters };
}
