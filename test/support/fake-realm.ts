import assert from "node:assert/strict";
import type { AuthenticationResult, Credentials } from "../../src/authentication/credentials.ts";
import type { Person } from "../../src/authentication/person.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import type { LogRecord } from "../../src/log.ts";
import { prepareNaming } from "../../src/web/naming.ts";
import type { Realm } from "../../src/web/realm.ts";

const URL_TEXT =
  "ldap://127.0.0.1/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)";

/** A realm without a directory: people in memory, and a count of what was asked. */
export interface FakeRealm extends Realm {
  readonly records: LogRecord[];
  /** By name: the password and the values of MyWebAccess. */
  readonly people: Map<string, { password: string; levels: readonly string[] }>;
  /** Every name and password that got as far as the directory. */
  readonly asked: Credentials[];
  rereads: number;
  /** Runs before each answer: throw, or wait. */
  before: (what: "authenticate" | "reread" | "decide") => Promise<void>;
}

export function personOf(name: string, levels: readonly string[]): Person {
  return {
    dn: `uid=${name},ou=web,dc=domain,dc=org`,
    username: name,
    id: `id-of-${name}`,
    attributes: { uid: [name], mywebaccess: levels },
  };
}

/** Holds web1 / web1-pw with level 1 and web3 / web3-pw with level 3. */
export function fakeRealm(
  options: { readonly timeout?: number; readonly id?: string } = {},
): FakeRealm {
  const { timeout = 2_000, id = URL_TEXT } = options;
  const url = parseAuthLdapUrl(URL_TEXT);
  const levels = { attribute: "MyWebAccess", pattern: "MyWebApp_Level_*" };
  const find = (name: string): Person | undefined => {
    const known = realm.people.get(name);
    return known && personOf(name, known.levels);
  };
  const realm: FakeRealm = {
    id,
    attributes: url.attributes,
    naming: prepareNaming(url, "name"),
    asksAsUser: false,
    records: [],
    people: new Map([
      ["web1", { password: "web1-pw", levels: ["MyWebApp_Level_1"] }],
      ["web3", { password: "web3-pw", levels: ["MyWebApp_Level_2", "MyWebApp_Level_3"] }],
    ]),
    asked: [],
    rereads: 0,
    before: async () => {},
    log: (record) => realm.records.push(record),
    startDeadline: () => startDeadline(timeout),
    async authenticate(credentials): Promise<AuthenticationResult> {
      realm.asked.push(credentials);
      await realm.before("authenticate");
      const person = find(credentials.username);
      if (!person) return { ok: false, reason: "unknown-user" };
      const isRight = realm.people.get(credentials.username)?.password === credentials.password;
      return isRight ? { ok: true, person } : { ok: false, reason: "wrong-password" };
    },
    async reread(person: Person) {
      realm.rereads++;
      await realm.before("reread");
      const now = find(person.username);
      return now ? { ok: true, person: now } : { ok: false, reason: "gone" };
    },
    async decide(rule, { person, request }, deadline) {
      await realm.before("decide");
      const silent: Searches = {
        search: () => assert.fail("These tests ask no directory."),
        compare: () => assert.fail("These tests ask no directory."),
        reporting: () => silent,
      };
      return rule({
        ...(person && { person }),
        ...(request && { request }),
        identities: { compare: silent, search: silent, groups: silent },
        deadline,
        url,
        levels,
      });
    },
  };
  return realm;
}
