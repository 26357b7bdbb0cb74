import type { Person } from "../../authentication/person.ts";
import type { Filter } from "../../ldap/filter.ts";
import type { GroupSettings } from "../rule.ts";

/** An attribute of a group, and what it holds if somebody is a member. */
export type Membership = readonly [attribute: string, member: string];

/**
 * Where a group lists a person directly: by DN in `member` (groupOfNames, RFC 4519) or `uniqueMember`
 * (groupOfUniqueNames), or by name in `memberUid` (posixGroup, RFC 2307); or as the settings say.
 */
export function memberships(
  { dn, username }: Person,
  { memberAttributes, memberIsDn = true }: GroupSettings,
): readonly Membership[] {
  if (memberAttributes !== undefined) {
    return memberAttributes.map((attribute) => [attribute, memberIsDn ? dn : username]);
  }
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
export function membershipFilter(all: readonly Membership[]): Filter {
  return {
    type: "or",
    filters: all.map(([attribute, member]) => {
      return { type: "equal", attribute, value: Buffer.from(member) };
    }),
  };
}
