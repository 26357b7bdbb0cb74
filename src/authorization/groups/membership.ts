import type { Person } from "../../authentication/person.ts";
import type { Filter } from "../../ldap/filter.ts";
import type { GroupSettings } from "../rule.ts";

/** An attribute of a group, and what it holds if somebody is a member. */
export type Membership = readonly [attribute: string, member: string];

/** Where a group lists others by DN: groupOfNames and groupOfUniqueNames (RFC 4519 section 3). */
const LISTS: readonly string[] = ["member", "uniqueMember"];

/**
 * Where a group lists a person directly: by DN in `member` or `uniqueMember`, or by name in `memberUid` (posixGroup, RFC 2307); or as
 * the settings say.
 */
export function memberships(
  { dn, username }: Person,
  { memberAttributes, memberIsDn = true }: GroupSettings,
): readonly Membership[] {
  if (memberAttributes !== undefined) {
    return memberAttributes.map((attribute) => [attribute, memberIsDn ? dn : username]);
  }
  return [...LISTS.map((attribute): Membership => [attribute, dn]), ["memberUid", username]];
}

/** Where a group lists the groups in it. */
export function subGroupAttributes(settings: GroupSettings): readonly string[] {
  return settings.subGroupAttributes ?? LISTS;
}

/**
 * Matches a group that lists one of them. The server looks for the members: the list is never fetched.
 */
export function membershipFilter(all: readonly Membership[]): Filter {
  return anyOfThese(all.map(([attribute, member]) => equal(attribute, member)));
}

/** Matches an entry of one of these object classes. */
export function classFilter(names: readonly string[]): Filter {
  return anyOfThese(names.map((name) => equal("objectClass", name)));
}

export function equal(attribute: string, value: string | Buffer): Filter {
  return { type: "equal", attribute, value: Buffer.from(value) };
}

function anyOfThese(filters: readonly Filter[]): Filter {
  return { type: "or", filters };
}
