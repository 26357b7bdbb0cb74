const NUMBER = "(?:0|[1-9][0-9]*)";
// RFC 4512 section 1.4 (keystring, numericoid), and `_` in names, which Active Directory and 389 Directory allow.
const OBJECT_IDENTIFIER = `(?:[A-Za-z][A-Za-z0-9_-]*|${NUMBER}(?:\\.${NUMBER})+)`;
const OPTIONS = "(?:;[A-Za-z0-9_-]+)*";

/** Matches an attribute's name or OID with its options (`cn;lang-en`) at `lastIndex`: RFC 4512 section 2.5. */
export function attributeDescriptionPattern(): RegExp {
  return new RegExp(OBJECT_IDENTIFIER + OPTIONS, "y");
}

/** Matches the name or OID of a matching rule at `lastIndex`. */
export function objectIdentifierPattern(): RegExp {
  return new RegExp(OBJECT_IDENTIFIER, "y");
}

const WHOLE = new RegExp(`^${OBJECT_IDENTIFIER}${OPTIONS}$`);

/** Is this an attribute's name or OID, with or without options? */
export function isAttributeDescription(text: string): boolean {
  return WHOLE.test(text);
}
