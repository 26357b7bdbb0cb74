import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../../src/errors.ts";
import { fromDovecotConfig } from "../../../src/importers/dovecot/from-dovecot-config.ts";
import { loginFilter } from "../../../src/ldap/auth-ldap-url.ts";
import type { Filter } from "../../../src/ldap/filter.ts";
import { parseAuthLdapUrl } from "../../../src/ldap/parse-auth-ldap-url.ts";
import { parseFilter } from "../../../src/ldap/parse-filter.ts";

type Values = Readonly<Record<string, readonly string[]>>;

const NAMES = ["ann", "bob", "ann@x", "bob@x", "@x", "ann@"];

/** Whether an entry matches: letter case counts, and attributes that are not there equal nothing. */
function matches(filter: Filter, entry: Values): boolean {
  switch (filter.type) {
    case "and":
      return filter.filters.every((each) => matches(each, entry));
    case "or":
      return filter.filters.some((each) => matches(each, entry));
    case "not":
      return !matches(filter.filter, entry);
    case "present":
      return filter.attribute === "objectClass" || entry[filter.attribute] !== undefined;
    case "equal":
      return (entry[filter.attribute] ?? []).includes(filter.value.toString());
    case "substrings": {
      const [any] = filter.any;
      assert(any !== undefined && filter.initial === undefined && filter.final === undefined);
      return (entry[filter.attribute] ?? []).some((each) => each.includes(any.toString()));
    }
    default:
      throw new Error(filter.type);
  }
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("%u", "%n", "%{user}", "%{username}") },
  { weight: 3, arbitrary: fc.constantFrom(...NAMES, "100%%") },
  { weight: 1, arbitrary: fc.constantFrom("%n@x", "x%u", "%d", "%s", "%", "%{auth_user}") },
);
const filterText = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc
      .tuple(fc.constantFrom("uid", "mail", "cn"), value)
      .map(([name, text]) => `(${name}=${text})`),
    fc.array(tie("filter"), { minLength: 1, maxLength: 3 }).map((parts) => `(&${parts.join("")})`),
    fc.array(tie("filter"), { minLength: 1, maxLength: 3 }).map((parts) => `(|${parts.join(" ")})`),
    tie("filter").map((part) => `(!${part})`),
  ),
})).filter;
const entry: fc.Arbitrary<Values> = fc.record(
  {
    uid: fc.uniqueArray(fc.constantFrom(...NAMES, "100%"), { minLength: 1, maxLength: 2 }),
    mail: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
    cn: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** What Dovecot searches for. */
function expanded(text: string, name: string): Filter {
  const local = name.split("@")[0] ?? "";
  return parseFilter(
    text.replace(/%(?:%|u|n|\{user\}|\{username\})/g, (variable) => {
      if (variable === "%%") return "%";
      return variable === "%u" || variable === "%{user}" ? name : local;
    }),
  );
}

function carried(text: string): string | undefined {
  try {
    return fromDovecotConfig(`uris = ldap://h\nbase =\npass_filter = ${text}`).url;
  } catch (error) {
    assert(error instanceof ConfigError);
    return undefined;
  }
}

describe("a carried pass_filter", () => {
  it("finds whom Dovecot finds: with %u always, with %n never anybody else", () => {
    let compared = 0;
    let found = 0;
    const property = fc.property(
      filterText,
      fc.array(entry, { minLength: 3, maxLength: 8 }),
      (text, entries) => {
        const carriedUrl = carried(text);
        if (carriedUrl === undefined) return;
        const url = parseAuthLdapUrl(carriedUrl);
        const isExact = !/%(?:n|\{username\})/.test(text);
        for (const name of NAMES) {
          for (const each of entries) {
            const here = matches(loginFilter(url, name), each);
            const there = matches(expanded(text, name), each);
            if (isExact) assert.equal(here, there, name);
            else assert(there || !here, name);
            compared++;
            if (here) found++;
          }
        }
      },
    );
    fc.assert(property, { numRuns: 5_000 });
    assert(compared > 10_000 && found > 500, `${compared} compared, ${found} found`);
  });

  it("with %n finds whoever types their name without an @, as Dovecot does", () => {
    const url = parseAuthLdapUrl(carried("(&(cn=bob)(uid=%n))") ?? "");
    const ann = { uid: ["ann"], cn: ["bob"] };
    assert.equal(matches(loginFilter(url, "ann"), ann), true);
    assert.equal(matches(loginFilter(url, "ann@x"), ann), false);
    const strange = { uid: ["ann@x"], cn: ["bob"] };
    assert.equal(matches(loginFilter(url, "ann@x"), strange), false);
  });
});
