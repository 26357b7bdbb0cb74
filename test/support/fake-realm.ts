import assert from "node:assert/strict";
import type { AuthenticationResult, Credentials } from "../../src/authentication/credentials.ts";
import type {
  PasswordChange,
  PasswordChangeResult,
} from "../../src/authentication/password-change.ts";
import { identityOf, type Person } from "../../src/authentication/person.ts";
import type { AccountState, PasswordWarning } from "../../src/directory/account-answer.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";
import type { LogRecord } from "../../src/log.ts";
import { prepareNaming } from "../../src/web/naming.ts";
import type { Realm } from "../../src/web/realm.ts";

const URL_TEXT =
  "ldap://127.0.0.1/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)";

/** Somebody in memory. `levels` are the values of MyWebAccess; `state` and `warning` are told after the right password. */
export interface FakePerson {
  readonly password: string;
  readonly levels: readonly string[];
  readonly state?: AccountState;
  readonly warning?: PasswordWarning;
}

/** A realm without a directory: people in memory, and a count of what was asked. */
export interface FakeRealm extends Realm {
  readonly records: LogRecord[];
  /** By name. */
  readonly people: Map<string, FakePerson>;
  /** Every name and password that got as far as the directory. */
  readonly asked: Credentials[];
  rereads: number;
  /** Every change that got as far as the directory. */
  readonly changesAsked: PasswordChange[];
  /** What the directory says to a new password of who has the right one. Default: it is set. */
  policy: (change: PasswordChange) => PasswordChangeResult | undefined;
  /** Runs before each answer: throw, or wait. */
  before: (what: "authenticate" | "reread" | "decide" | "change") => Promise<void>;
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
  options: {
    readonly timeout?: number;
    readonly id?: string;
    /** Whether passwords can be changed. Default: false. */
    readonly changes?: boolean;
  } = {},
): FakeRealm {
  const { timeout = 2_000, id = URL_TEXT, changes = false } = options;
  const url = parseAuthLdapUrl(URL_TEXT);
  const levels = { attribute: "MyWebAccess", pattern: "MyWebApp_Level_*" };
  const find = (name: string): Person | undefined => {
    const known = realm.people.get(name);
    return known && personOf(name, known.levels);
  };
  const changePassword: NonNullable<Realm["changePassword"]> = async (
    change,
    deadline,
    admission,
  ) => {
    const { username, oldPassword, newPassword } = change;
    const person = find(username);
    await admission?.admit(person && identityOf(person), deadline);
    realm.changesAsked.push(change);
    await realm.before("change");
    const known = realm.people.get(username);
    if (!person || !known) return { outcome: "wrong-credentials", reason: "unknown-user" };
    if (known.password !== oldPassword) {
      return { outcome: "wrong-credentials", reason: "wrong-password" };
    }
    const refusal = realm.policy(change);
    if (refusal) return refusal;
    realm.people.set(username, { password: newPassword, levels: known.levels });
    return { outcome: "changed", person };
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
    changesAsked: [],
    policy: () => undefined,
    before: async () => {},
    log: (record) => realm.records.push(record),
    startDeadline: () => startDeadline(timeout),
    async authenticate(credentials, deadline, admission): Promise<AuthenticationResult> {
      const known = find(credentials.username);
      await admission?.admit(known && identityOf(known), deadline);
      realm.asked.push(credentials);
      await realm.before("authenticate");
      const person = find(credentials.username);
      if (!person) return { ok: false, reason: "unknown-user" };
      const { password, state, warning } = realm.people.get(credentials.username) ?? {};
      if (password !== credentials.password) return { ok: false, reason: "wrong-password" };
      if (state !== undefined) return { ok: false, reason: state, state };
      return { ok: true, person, ...(warning && { warning }) };
    },
    ...(changes && { changePassword }),
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
