import type { Person } from "../authentication/person.ts";
import type { Filter } from "../ldap/filter.ts";

/**
 * Where a group lists a person directly: by DN in `member` (groupOfNames, RFC 4519) or `uniqueMember`
 * (groupOfUniqueNames), or by name in `memberUid` (posixGroup, RFC 2307).
 */
export function memberships({ dn, username }: Person): readonly (readonly [string, string])[] {
  return [
    ["member", dn],
    ["uniqueMember", dn],
    ["memberUid", username],
  ];
}

/**
 * Matches a group that lists the person. Asked of the group's own entry, so that the server looks for one member and the
 * list is never fetched.
 */
export function membershipFilter(person: Person): Filter {
  return {
    type: "or",
    filters: memberships(person).map(([attribute, member]) => {
      return { type: "equal", attribute, value: Buffer.from(member) };
    }),
  };
}
