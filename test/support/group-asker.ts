import type { Person } from "../../src/authentication/person.ts";
import { compileRule } from "../../src/authorization/compile-rule.ts";
import type { Decision } from "../../src/authorization/decision.ts";
import type { CompiledRule } from "../../src/authorization/question.ts";
import type { RequestFacts } from "../../src/authorization/request-facts.ts";
import type { GroupSettings, HttpdGroupSettings, Rule } from "../../src/authorization/rule.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Searches } from "../../src/directory/directory.ts";
import { openPeople } from "../../src/open-people.ts";
import type { AuthnzLdapOptions } from "../../src/options/authnz-ldap-options.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";

/** Asks a directory about groups, as a request of somebody would. */
export interface GroupAsker {
  /** As a compiled rule, so that what it remembers between two questions shows. */
  ask(rule: Rule | CompiledRule, name: string, options?: AskOptions): Promise<Decision>;
  lookUp(name: string): Promise<Person>;
  close(): Promise<void>;
}

export interface AskOptions {
  /** Stands between the rule and the directory. */
  readonly through?: (searches: Searches) => Searches;
  /** Their password: then they ask as themselves, as far as the directory's options say. */
  readonly password?: string;
  /** Milliseconds. Default: 5,000. */
  readonly timeout?: number;
}

export function askGroups(options: AuthnzLdapOptions): GroupAsker {
  const people = openPeople(resolveLdap({ tls: "none", ...options }, () => {}));
  async function lookUp(name: string): Promise<Person> {
    const person = await people.lookUp()(name, startDeadline(5_000));
    if (person === undefined) throw new Error(`there is no ${name}`);
    return person;
  }
  return {
    async ask(rule, name, { through = (one: Searches) => one, password, timeout = 5_000 } = {}) {
      const person = await lookUp(name);
      const { compare, search, groups } = people.identities(person, password);
      const compiled = typeof rule === "function" ? rule : compileRule(rule);
      return compiled({
        person,
        identities: { compare: through(compare), search: through(search), groups: through(groups) },
        deadline: startDeadline(timeout),
        url: people.settings.url,
        levels: undefined,
        request: REQUEST,
      });
    },
    lookUp,
    close: () => people.directory.close(),
  };
}

const REQUEST: RequestFacts = {
  method: "GET",
  clientAddress: "127.0.0.1",
  serverAddress: "127.0.0.1",
  variable: () => undefined,
  header: () => undefined,
  env: () => undefined,
};

/** `requireGroup` about one group. */
export function groupRule(group: string, settings: GroupSettings = {}): Rule {
  return { type: "group", groups: [group], ...settings };
}

/** `Require ldap-group` with httpd's defaults. */
export function httpdGroup(group: string, settings: Partial<HttpdGroupSettings> = {}): Rule {
  return {
    type: "ldap-group",
    argument: group,
    memberAttributes: ["member", "uniqueMember"],
    memberIsDn: true,
    subGroupAttributes: ["member", "uniqueMember"],
    subGroupClasses: ["groupOfNames", "groupOfUniqueNames"],
    maxSubGroupDepth: 10,
    ...settings,
  };
}

/** The rule must not hold. */
export function noneOf(rule: Rule): Rule {
  return { type: "none", rules: [rule] };
}
