import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtureLdif, startFixtureDirectory } from "../support/fixture-directory.ts";
import { askGroups, groupRule, httpdGroup, noneOf } from "../support/group-asker.ts";

const GROUPS = "ou=Groups,dc=domain,dc=org";
const PEOPLE = ["alice", "bob", "carol"].map((name) => `uid=${name},ou=People,dc=domain,dc=org`);
const DEPTHS = [0, 1, 2, 3, 6];
/** The last is none that is entered. */
const CLASSES = ["groupOfNames", "groupOfUniqueNames", "organizationalRole"];

interface Group {
  readonly dn: string;
  readonly objectClass: string;
  readonly members: readonly string[];
}

/** Numbers that are the same each time, from 0 to below 1 (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomGroups(seed: number): readonly Group[] {
  const random = randomNumbers(seed);
  const dns = Array.from({ length: 12 }, (_, n) => `cn=r${n},${GROUPS}`);
  return dns.map((dn) => {
    const others = dns.filter(() => random() < 0.12);
    const people = PEOPLE.filter(() => random() < 0.15);
    const members = [...others, ...people, `cn=gone,${GROUPS}`];
    return { dn, objectClass: CLASSES[Math.floor(random() * 2.3)] ?? "", members };
  });
}

/** httpd's own way: depth first, every path anew. */
function isInAsHttpd(
  groups: ReadonlyMap<string, Group>,
  dn: string,
  person: string,
  depth: number,
): boolean {
  const group = groups.get(dn);
  if (group?.members.includes(person)) return true;
  if (group === undefined || depth === 0 || group.objectClass === CLASSES[2]) return false;
  return group.members.some((member) => {
    const entered = groups.get(member);
    if (entered === undefined || entered.objectClass === CLASSES[2]) return false;
    return isInAsHttpd(groups, member, person, depth - 1);
  });
}

describe("groups at random", () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`are decided as httpd does, upwards and downwards, with the seed ${seed}`, async () => {
      const groups = new Map(randomGroups(seed).map((group) => [group.dn, group]));
      const ldif = [...groups.values()].map(({ dn, objectClass, members }) =>
        [
          `dn: ${dn}`,
          `objectClass: ${objectClass}`,
          ...members.map((one) => `member: ${one}`),
          "",
        ].join("\n"),
      );
      const directory = await startFixtureDirectory({ ldif: [fixtureLdif, ...ldif].join("\n") });
      const asker = askGroups({ url: `${directory.url}/ou=People,dc=domain,dc=org?uid` });
      const counts = { granted: 0, denied: 0 };
      try {
        for (const dn of groups.keys()) {
          for (const person of PEOPLE) {
            for (const depth of DEPTHS) {
              const isIn = isInAsHttpd(groups, dn, person, depth);
              const [yes, no] = isIn
                ? (["granted", "denied"] as const)
                : (["denied", "granted"] as const);
              counts[yes]++;
              const name = /^uid=([^,]+)/.exec(person)?.[1] ?? "";
              const rules = [
                httpdGroup(dn, { maxSubGroupDepth: depth }),
                groupRule(dn, { nested: depth }),
              ];
              for (const rule of rules) {
                const what = `${name} in ${dn}, ${depth} deep, ${rule.type}`;
                assert.equal((await asker.ask(rule, name)).outcome, yes, what);
                assert.equal((await asker.ask(noneOf(rule), name)).outcome, no, `not ${what}`);
              }
            }
          }
        }
      } finally {
        await asker.close();
        await directory.close();
      }
      assert(counts.granted > 20 && counts.denied > 20, JSON.stringify(counts));
    });
  }
});
