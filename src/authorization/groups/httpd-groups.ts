import type { Person } from "../../authentication/person.ts";
import { type Decision, NO_USER } from "../decision.ts";
import type { Question } from "../question.ts";
import type { HttpdGroupSettings } from "../rule.ts";
import type { Membership } from "./membership.ts";
import { walkDown } from "./walk-down.ts";

/** Is somebody in a group? `name` is the name as it was sent, for groups that list names. */
export type IsMember = (
  group: string,
  subject: Person,
  name: string,
  question: Question,
) => Promise<Decision>;

/**
 * mod_authnz_ldap's group check: AuthLDAPGroupAttribute, AuthLDAPGroupAttributeIsDN, and nested groups with AuthLDAPSubGroupAttribute,
 * AuthLDAPSubGroupClass and AuthLDAPMaxSubGroupDepth. It looks at nothing twice, where httpd walks all of it again for each attribute;
 * and what could not be asked is no "no". `negated` is whether a no lets in. Default: false.
 */
export function prepareHttpdGroup(settings: HttpdGroupSettings, negated = false): IsMember {
  const { memberAttributes, memberIsDn, subGroupAttributes, subGroupClasses } = settings;
  const classes = { names: subGroupClasses, isSure: negated };
  return async (group, subject, name, { identities, deadline }) => {
    if (identities === undefined) return NO_USER;
    const member = memberIsDn ? subject.dn : name;
    const members = memberAttributes.map((attribute): Membership => [attribute, member]);
    const descent = { members, subGroupAttributes, classes, depth: settings.maxSubGroupDepth };
    return walkDown(group, descent, identities, deadline);
  };
}
