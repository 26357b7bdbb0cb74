import type { Person } from "../authentication/person.ts";
import type { Filter } from "../ldap/filter.ts";

/**
 * Matches a group that lists the person directly: by DN in `member` (groupOfNames, RFC 4519) or `uniqueMember`
 * (groupOfUniqueNames), or by name in `memberUid` (posixGroup, RFC 2307). Asked of the group's own entry, so that the
 * server looks for one member and the list is never fetched.
 */
export function membershipFilter(person: Person): Filter {
  const dn = Buffer.from(person.dn);
  return {
    type: "or",
    filters: [
      { type: "equal", attribute: "member", value: dn },
      { type: "equal", attribute: "uniqueMember", value: dn },
      { type: "equal", attribute: "memberUid", value: Buffer.from(person.username) },
    ],
  };
}
