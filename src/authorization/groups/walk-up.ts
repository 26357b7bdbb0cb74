import { normalizeDn } from "../../ldap/dn.ts";
import { type Decision, denied, granted } from "../decision.ts";
import type { SubjectQuestion } from "../subject.ts";
import { inWaves } from "./in-waves.ts";
import { classFilter, type Membership, membershipFilter } from "./membership.ts";
import { collectTroubles } from "./trouble.ts";

/** From whom to go upwards, and where. */
export interface Ascent {
  readonly members: readonly Membership[];
  readonly subGroupAttributes: readonly string[];
  readonly classNames: readonly string[];
  /** How many levels below the group. */
  readonly depth: number;
  /** Below which groups are looked for. */
  readonly base: string;
}

/** So many groups go into one filter. */
const AT_ONCE = 100;

/**
 * Is somebody in the group through groups in it? From the person upwards: the groups that list them, whether the group lists one of
 * these, the groups that list these, and so on. Somebody is in few groups, while a group can have any number of members, so no list is
 * fetched, and the group's own entry has the last word. What the service account may not find is no group. Direct members of the group
 * are not asked about.
 */
export async function walkUp(
  question: SubjectQuestion,
  group: string,
  { members, subGroupAttributes, classNames, depth, base }: Ascent,
): Promise<Decision> {
  const { identities, deadline } = question;
  const searches = identities.groups;
  const troubles = collectTroubles();
  const going = { troubles, deadline };
  const hasClass = classFilter(classNames);
  const seen = new Set<string>();

  let below: readonly (readonly Membership[])[] = [members];
  for (let level = 0; level < depth && below.length > 0; level++) {
    const found: string[] = [];
    await inWaves(
      below,
      async (some) => {
        const filter = { type: "and", filters: [hasClass, membershipFilter(some)] } as const;
        try {
          const query = { base, scope: "sub", filter, attributes: [] } as const;
          for (const { dn } of await searches.search(query, deadline)) {
            const key = normalizeDn(dn);
            if (key === undefined || key === "" || seen.has(key)) continue;
            seen.add(key);
            found.push(dn);
          }
        } catch (error) {
          troubles.add(error, `looking for groups below ${base}`);
        }
      },
      going,
    );
    below = inChunks(found).map((dns) =>
      dns.flatMap((dn) => subGroupAttributes.map((attribute): Membership => [attribute, dn])),
    );
    const answers = await inWaves(
      below,
      async (some) => {
        const filter = { type: "and", filters: [hasClass, membershipFilter(some)] } as const;
        try {
          const query = { base: group, scope: "base", filter, attributes: [], limit: 1 } as const;
          return (await searches.search(query, deadline)).length === 1;
        } catch (error) {
          troubles.add(error, `searching ${group}`);
          return false;
        }
      },
      going,
      (isListed) => isListed,
    );
    if (answers.includes(true)) return granted(group);
    if (troubles.isOver) break;
  }
  return troubles.decision ?? denied(`not in ${group}, nor in a group in it`);
}

function inChunks(dns: readonly string[]): readonly (readonly string[])[] {
  const chunks: (readonly string[])[] = [];
  for (let start = 0; start < dns.length; start += AT_ONCE) {
    chunks.push(dns.slice(start, start + AT_ONCE));
  }
  return chunks;
}
