import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { textValues } from "../../ldap/entry.ts";
import { type Decision, denied, unanswerable, undecided } from "../decision.ts";
import type { SubjectQuestion } from "../subject.ts";
import { isMeant } from "./dynamic-group.ts";
import { type Asker, matches } from "./matches.ts";
import { equal } from "./membership.ts";

/**
 * Memberships that no list of the group tells: the primary group of POSIX accounts, whose number their entry holds (RFC 2307), and
 * those whom a dynamic group's URLs mean.
 */
export async function isOtherwiseMember(
  { person, identities, deadline }: SubjectQuestion,
  group: string,
  negated: boolean,
): Promise<Decision> {
  const asker: Asker = { searches: identities.groups, deadline, negated };
  const attributes = ["objectClass", "gidNumber", "memberURL"];
  const query = {
    base: group,
    scope: "base",
    filter: ANY_ENTRY,
    attributes,
    limit: 1,
  } as const;
  let classes: readonly string[];
  let numbers: readonly string[];
  let urls: readonly string[];
  try {
    const [entry] = await asker.searches.search(query, deadline);
    const values = (name: string) => (entry ? textValues(entry, name) : []);
    classes = values("objectClass").map((name) => name.toLowerCase());
    numbers = values("gidNumber");
    urls = values("memberURL");
  } catch (error) {
    return undecided(error, `reading ${group}`);
  }
  const isPosix = classes.includes("posixgroup");
  const isDynamic = classes.includes("groupofurls");
  const isHidden = (isPosix && numbers.length === 0) || (isDynamic && urls.length === 0);
  if (negated && (classes.length === 0 || isHidden)) {
    return unanswerable(`${group} does not show what it is`);
  }

  const parts: Decision[] = [];
  for (const number of isPosix ? numbers : []) {
    parts.push(await matches(person.dn, equal("gidNumber", number), asker));
  }
  if (urls.length > 0) parts.push(await isMeant(person.dn, urls, asker));
  return (
    parts.find(({ outcome }) => outcome === "granted") ??
    parts.find(({ outcome }) => outcome === "undecided") ??
    denied(`not in ${group} by its number or URLs`)
  );
}
