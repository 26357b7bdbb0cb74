import type { Person } from "../../authentication/person.ts";
import type { SearchQuery } from "../../directory/directory.ts";
import { DirectoryError } from "../../errors.ts";
import { normalizeDn } from "../../ldap/dn.ts";
import { textValues } from "../../ldap/entry.ts";
import type { Filter } from "../../ldap/filter.ts";
import { type Decision, denied, granted, NO_USER, undecided } from "../decision.ts";
import type { Question } from "../question.ts";
import type { HttpdGroupSettings } from "../rule.ts";

/** Is somebody in a group? `name` is the name as it was sent, for groups that list names. */
export type IsMember = (
  group: string,
  subject: Person,
  name: string,
  question: Question,
) => Promise<Decision>;

/** How many members are looked at together. */
const AT_ONCE = 16;

/**
 * mod_authnz_ldap's group check: compares with each member attribute of the group, then level by level of the groups in it, as deep
 * as AuthLDAPMaxSubGroupDepth says. A level is entered only where the entry has one of the sub-group classes. Other than httpd it looks
 * at no group twice, so a cycle costs nothing. What could not be asked on the way is no "no".
 */
export function prepareHttpdGroup(settings: HttpdGroupSettings): IsMember {
  const { memberAttributes, memberIsDn, subGroupAttributes, maxSubGroupDepth } = settings;
  const isGroup: Filter = {
    type: "or",
    filters: settings.subGroupClasses.map((name) => {
      return { type: "equal", attribute: "objectClass", value: Buffer.from(name) };
    }),
  };

  return async (group, subject, name, { identities, deadline }) => {
    if (identities === undefined) return NO_USER;
    const member = memberIsDn ? subject.dn : name;
    let open: Decision | undefined;

    async function lists(one: string): Promise<boolean> {
      for (const attribute of memberAttributes) {
        try {
          if (await identities?.compare.compare(one, attribute, member, deadline)) return true;
        } catch (error) {
          open ??= undecided(error, `comparing ${attribute} of ${one}`);
        }
      }
      return false;
    }

    /** What the group lists that may be groups; undefined if it is none itself. */
    async function look(one: string): Promise<readonly string[] | undefined> {
      const query: SearchQuery = {
        base: one,
        scope: "base",
        filter: isGroup,
        attributes: subGroupAttributes,
        limit: 1,
      };
      try {
        const [entry] = (await identities?.groups.search(query, deadline)) ?? [];
        return entry && subGroupAttributes.flatMap((each) => textValues(entry, each));
      } catch (error) {
        if (!isDangling(error)) open ??= undecided(error, `reading ${one}`);
        return undefined;
      }
    }

    if (await lists(group)) return granted(group);
    if (maxSubGroupDepth === 0) return open ?? denied(`not in ${group}`);

    const seen = new Set([keyOf(group)]);
    let level = (await look(group)) ?? [];
    for (let depth = 1; depth <= maxSubGroupDepth && level.length > 0; depth++) {
      const fresh = level.filter((one) => !seen.has(keyOf(one)) && seen.add(keyOf(one)));
      const next: string[] = [];
      for (let start = 0; start < fresh.length; start += AT_ONCE) {
        const some = fresh.slice(start, start + AT_ONCE);
        const found = await Promise.all(
          some.map(async (one) => {
            const members = await look(one);
            return members && { one, members, isIn: await lists(one) };
          }),
        );
        const hit = found.find((each) => each?.isIn);
        if (hit) return granted(hit.one);
        for (const each of found) next.push(...(each?.members ?? []));
        if (deadline.remaining() <= 0) break;
      }
      level = next;
    }
    return open ?? denied(`not in ${group}, and not in a group of it`);
  };
}

function keyOf(dn: string): string {
  return normalizeDn(dn) ?? dn.toLowerCase();
}

const INVALID_DN_SYNTAX = 34;

/** A member that is not there, or no DN at all. */
function isDangling(error: unknown): boolean {
  return (
    error instanceof DirectoryError &&
    (error.code === "no-such-object" || error.resultCode === INVALID_DN_SYNTAX)
  );
}
