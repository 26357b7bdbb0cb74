/** Who it is: the entry that was found and bound. Plain data, so that a session can hold it. Never holds a password. */
export interface Person {
  /** As the directory spells it. Empty for somebody of a password file, who has no entry. */
  readonly dn: string;
  /** The entry's own value of the login attribute: what was typed, in the directory's spelling. */
  readonly username: string;
  /** Further values of the login attribute: other names that they sign in with. Absent if there are none. */
  readonly otherNames?: readonly string[];
  /** entryUUID, objectGUID or the like: stays the same when the entry is renamed. */
  readonly id?: string;
  /** The name of the provider that checked the password. */
  readonly provider?: string;
  /** Attributes with a NUL byte in some value, by lower-case name; absent if there are none. */
  readonly withNul?: readonly string[];
  /** By lower-case name: the URL's attributes and the level attribute. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** One key for one person of a chain, whatever name was typed and wherever their entry stands. */
export function identityOf({ provider = "", id, dn, username }: Person): string {
  return `${provider} ${id ?? (dn || username)}`;
}

/** A person's values of an attribute, in any letter case; `[]` if the login read none. */
export function valuesOf({ attributes }: Person, attribute: string): readonly string[] {
  const name = attribute.toLowerCase();
  // A name may be one of Object.prototype's.
  return (Object.hasOwn(attributes, name) ? attributes[name] : undefined) ?? [];
}
