const GROUPS = "ou=Groups,dc=domain,dc=org";

/** A groupOfNames below ou=Groups as LDIF. */
export function groupLdif(rdn: string, members: readonly string[]): string {
  const lines = members.map((member) => `member: ${member}`);
  const [, name = ""] = /^cn=([^,]*)/.exec(rdn) ?? [];
  return [`dn: ${rdn},${GROUPS}`, "objectClass: groupOfNames", `cn: ${name}`, ...lines, ""].join(
    "\n",
  );
}

/** DNs of people of whom there is no entry. */
export function manyMembers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `uid=p${n},ou=People,dc=domain,dc=org`);
}

/** A DN in a `Require` line: there a backslash has to be doubled. */
export function inRequireLine(dn: string): string {
  return dn.replaceAll("\\", "\\\\");
}
