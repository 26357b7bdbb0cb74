/** Object classes of people: RFC 4519, RFC 2798, RFC 2307, Active Directory's. */
const PEOPLE: ReadonlySet<string> = new Set([
  ...["person", "organizationalperson", "inetorgperson", "residentialperson", "user"],
  ...["account", "posixaccount", "shadowaccount", "inetuser"],
]);

/** Object classes of what other people's rights hang on. */
const MORE_THAN_PEOPLE: ReadonlySet<string> = new Set([
  ...["group", "groupofnames", "groupofuniquenames", "groupofmembers", "groupofentries"],
  ...["groupofurls", "dyngroup", "posixgroup", "nisnetgroup", "ipausergroup", "organizationalrole"],
  ...["nsroledefinition", "pwdpolicy", "alias", "referral"],
]);

/** Whether an entry of these object classes, lower-case, is a person's and nothing that others' rights could hang on. */
export function isNothingButPerson(classes: readonly string[] | undefined): boolean {
  if (classes === undefined) return false;
  return (
    classes.some((name) => PEOPLE.has(name)) && !classes.some((name) => MORE_THAN_PEOPLE.has(name))
  );
}
