import { isWithin } from "../../directory/part-of-tree.ts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import type { Entry } from "../../ldap/entry.ts";
import type { Filter } from "../../ldap/filter.ts";
import { type Decision, denied, granted, unanswerable, undecided } from "../decision.ts";
import type { SubjectQuestion } from "../subject.ts";
import { type Asker, matches } from "./matches.ts";
import { equal } from "./membership.ts";
import { contextOf, type ServerKind } from "./server-kind.ts";

/** LDAP_MATCHING_RULE_IN_CHAIN ([MS-ADTS] section 3.1.1.3.4.4.3). */
const IN_CHAIN = "1.2.840.113556.1.4.1941";

/**
 * Active Directory follows groups in groups by itself: it is asked about the person's entry, as a person is in fewer groups than a
 * group has members. The primary group lists nobody: who is in it is told by the last part of its identifier, in `primaryGroupID`.
 */
export async function isInChain(
  question: SubjectQuestion,
  group: string,
  server: ServerKind,
  negated: boolean,
): Promise<Decision> {
  const { person, identities, deadline } = question;
  const asker: Asker = { searches: identities.groups, deadline, negated };
  const chained = await isSurelyBelow(person.dn, group, asker);
  if (chained.outcome !== "denied") return chained;

  try {
    const sid = await primaryGroupSid(person.dn, asker);
    if (sid === undefined) {
      const reason = `${person.dn} does not show its primary group`;
      return negated ? unanswerable(reason) : denied(reason);
    }
    const isPrimary = await isPrimaryGroup(sid, person.dn, group, server, asker);
    if (isPrimary !== undefined) return isPrimary ? granted(group) : denied(`not in ${group}`);
    const reason = `the primary group of ${person.dn} does not show itself`;
    return negated ? unanswerable(reason) : denied(reason);
  } catch (error) {
    return undecided(error, `asking for the primary group of ${person.dn}`);
  }
}

/**
 * Is an entry in the group or in groups in it? Where a no lets in, the group is asked for the entry too: Samba takes a `memberOf` that may not
 * be read for one that is not there, so that its "no" alone means nothing.
 */
async function isSurelyBelow(dn: string, group: string, asker: Asker): Promise<Decision> {
  const upwards = await matches(dn, isBelow(group), asker);
  if (upwards.outcome !== "denied" || !asker.negated) return upwards;
  const downwards = await matches(group, inChain("member", dn), asker);
  return downwards.outcome === "granted" ? granted(group) : downwards;
}

function inChain(attribute: "member" | "memberOf", dn: string): Filter {
  return {
    type: "extensible",
    attribute,
    rule: IN_CHAIN,
    dnAttributes: false,
    value: Buffer.from(dn),
  };
}

function isBelow(group: string): Filter {
  const chain = inChain("memberOf", group);
  // The second adds nobody. But where memberOf may not be read it is undefined, even if the server takes that for a "no" of the rule.
  return { type: "or", filters: [chain, equal("memberOf", group)] };
}

async function primaryGroupSid(
  dn: string,
  { searches, deadline }: Asker,
): Promise<Buffer | undefined> {
  const attributes = ["objectSid", "primaryGroupID"];
  const query = { base: dn, scope: "base", filter: ANY_ENTRY, attributes, limit: 1 } as const;
  const [entry] = await searches.search(query, deadline);
  const [id] = entry?.attributes.get("primarygroupid") ?? [];
  const sid = entry && sidOf(entry);
  if (sid === undefined || typeof id !== "string" || !/^[0-9]{1,10}$/.test(id)) return undefined;
  const last = Number(id);
  if (last > 0xff_ff_ff_ff) return undefined;
  // The same domain's, with another last part ([MS-DTYP] section 2.4.2.2).
  const primary = Buffer.from(sid);
  primary.writeUInt32LE(last, primary.length - 4);
  return primary;
}

/** An entry's identifier, if it is one: a revision, the number of its parts, six bytes, and the parts. */
function sidOf({ attributes }: Entry): Buffer | undefined {
  const [value] = attributes.get("objectsid") ?? [];
  if (value === undefined) return undefined;
  // Bytes that happen to be UTF-8 come as text.
  const sid = Buffer.from(value as string);
  const [revision, parts = 0] = sid;
  return revision === 1 && parts >= 2 && sid.length === 8 + 4 * parts ? sid : undefined;
}

/** Whether the entry with that identifier is the group, or in it. Undefined if that can't be told. */
async function isPrimaryGroup(
  sid: Buffer,
  person: string,
  group: string,
  server: ServerKind,
  asker: Asker,
): Promise<boolean | undefined> {
  // The person's own domain: there its primary group is.
  const base = contextOf(person, server);
  if (base === undefined || !isWithin(person, base)) return undefined;
  const isIt: Filter = {
    type: "or",
    filters: [equal("distinguishedName", group), isBelow(group)],
  };
  const find = async (also: Filter) => {
    const filter: Filter = { type: "and", filters: [equal("objectSid", sid), also] };
    const query = { base, scope: "sub", filter, attributes: [], limit: 2 } as const;
    const found = await asker.searches.search(query, asker.deadline);
    return found.length === 1 ? found[0]?.dn : undefined;
  };
  if ((await find(isIt)) !== undefined) return true;
  if (!asker.negated) return false;
  const primary = await find({ type: "not", filter: isIt });
  if (primary === undefined) return undefined;
  const { outcome, error } = await matches(group, inChain("member", primary), asker);
  if (error !== undefined) throw error;
  return outcome === "undecided" ? undefined : outcome === "granted";
}
