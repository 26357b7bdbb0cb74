import { ConfigError } from "../errors.ts";
import type { MatchingRule } from "./matching-rule.ts";
import type { AttributeType, ObjectClass } from "./schema.ts";

/** The rules of RFC 4517 (and OpenLDAP) by what they come to here; any other cannot be used in a filter. */
const RULES: Readonly<Record<string, MatchingRule>> = {
  caseignorematch: "case-ignore",
  caseignoreia5match: "case-ignore",
  caseignorelistmatch: "case-ignore",
  booleanmatch: "case-ignore",
  uuidmatch: "case-ignore",
  caseexactmatch: "case-exact",
  caseexactia5match: "case-exact",
  distinguishednamematch: "dn",
  uniquemembermatch: "dn",
  integermatch: "integer",
  octetstringmatch: "octets",
  telephonenumbermatch: "telephone",
  numericstringmatch: "telephone",
  generalizedtimematch: "time",
  objectidentifiermatch: "object-identifier",
};

/**
 * Reads `attributetype ( … )` and `objectclass ( … )` definitions (RFC 4512 section 4.1) as OpenLDAP's .schema files
 * write them, into the two maps. Throws `ConfigError`.
 */
export function parseSchema(
  text: string,
  types: Map<string, AttributeType>,
  classes: Map<string, ObjectClass>,
): void {
  const tokens =
    text
      .replaceAll(/^#.*$/gm, "")
      .match(/'[^']*'|[()$]|[^\s()$']+/g)
      ?.[Symbol.iterator]() ?? [].values();
  for (const keyword of tokens) {
    const kind = keyword.toLowerCase().replace(/s$|:$/g, "");
    const definition = readDefinition(keyword, tokens);
    if (kind === "attributetype") addAttributeType(definition, types);
    else if (kind.startsWith("objectclas")) addObjectClass(definition, classes);
    else throw new ConfigError(`schema: "${keyword}" is not understood`, { option: "schema" });
  }
}

/** The words of one definition, by keyword: `NAME` → its names, … The OID stands under "". */
type Definition = ReadonlyMap<string, readonly string[]>;

const WITHOUT_VALUE = new Set([
  "OBSOLETE",
  "SINGLE-VALUE",
  "COLLECTIVE",
  "NO-USER-MODIFICATION",
  "ABSTRACT",
  "STRUCTURAL",
  "AUXILIARY",
]);

function readDefinition(keyword: string, tokens: Iterator<string>): Definition {
  const next = (): string => {
    const { done, value } = tokens.next();
    if (done) {
      throw new ConfigError(`schema: a definition of "${keyword}" does not end`, {
        option: "schema",
      });
    }
    return value;
  };
  if (next() !== "(") {
    throw new ConfigError(`schema: "(" expected after "${keyword}"`, { option: "schema" });
  }
  const definition = new Map<string, readonly string[]>([["", [next()]]]);
  for (let word = next(); word !== ")"; word = next()) {
    if (WITHOUT_VALUE.has(word)) {
      definition.set(word, []);
      continue;
    }
    const values: string[] = [];
    let value = next();
    if (value === "(") {
      for (value = next(); value !== ")"; value = next()) {
        if (value !== "$") values.push(value.replaceAll("'", ""));
      }
    } else values.push(value.replaceAll("'", ""));
    definition.set(word, values);
  }
  return definition;
}

function addAttributeType(definition: Definition, types: Map<string, AttributeType>): void {
  const [oid = ""] = definition.get("") ?? [];
  const names = definition.get("NAME") ?? [oid];
  const [superiorName] = definition.get("SUP") ?? [];
  const superior = superiorName === undefined ? undefined : types.get(superiorName.toLowerCase());
  const [equality] = definition.get("EQUALITY") ?? [];
  const type: AttributeType = {
    name: names[0] ?? oid,
    rule:
      equality === undefined
        ? (superior?.rule ?? "none")
        : (RULES[equality.toLowerCase()] ?? "none"),
    ordering: definition.has("ORDERING") || superior?.ordering === true,
    substrings: definition.has("SUBSTR") || superior?.substrings === true,
    ...(superior !== undefined && { superior: superior.name }),
    operational: definition.has("USAGE") && definition.get("USAGE")?.[0] !== "userApplications",
  };
  for (const each of [oid, ...names]) types.set(each.toLowerCase(), type);
}

function addObjectClass(definition: Definition, classes: Map<string, ObjectClass>): void {
  const [oid = ""] = definition.get("") ?? [];
  const names = definition.get("NAME") ?? [oid];
  const objectClass: ObjectClass = {
    name: names[0] ?? oid,
    superior: definition.get("SUP")?.[0]?.toLowerCase(),
    structural: !definition.has("AUXILIARY") && !definition.has("ABSTRACT"),
  };
  for (const each of [oid, ...names]) classes.set(each.toLowerCase(), objectClass);
}
