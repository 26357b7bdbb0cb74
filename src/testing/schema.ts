import type { MatchingRule } from "./matching-rule.ts";
import { parseSchema } from "./parse-schema.ts";
import { ATTRIBUTE_TYPES, OBJECT_CLASSES, OPERATIONAL_ATTRIBUTE_TYPES } from "./standard-schema.ts";

/** What is known of an attribute. */
export interface AttributeType {
  /** As it is spelled in answers. */
  readonly name: string;
  readonly rule: MatchingRule;
  readonly ordering: boolean;
  readonly substrings: boolean;
  /** The attribute that it is a subtype of (RFC 4512 section 2.5.1). */
  readonly superior?: string;
  readonly operational: boolean;
}

/** An attribute with its options: `cn;lang-de`. */
export interface AttributeDescription {
  readonly type: AttributeType;
  /** Lower case, without the type. */
  readonly options: readonly string[];
  /** As spelled in answers. */
  readonly name: string;
  /** The same for all spellings of it. */
  readonly key: string;
}

/** Knows attribute types and object classes by all their names. Unknown attributes are caseIgnore, as soon as an entry has them. */
export interface Schema {
  /** Undefined if no such attribute is known, or this is no attribute description. */
  describe(description: string): AttributeDescription | undefined;
  /** Like `describe`, but an unknown attribute is known from now on. */
  learn(description: string): AttributeDescription | undefined;
  /** Whether entries of the one class belong to the other (RFC 4517 section 4.2.26). Lower-case names. */
  isSubclass(name: string, of: string): boolean;
  /** The class name for a name or OID, lower case. */
  className(nameOrOid: string): string;
  /** The most specific structural class among these. */
  structuralClass(names: readonly string[]): string | undefined;
}

/** A class, by its lower-case name. */
export interface ObjectClass {
  readonly name: string;
  readonly superior: string | undefined;
  readonly structural: boolean;
}

// "_" is no letter of RFC 4512, but of many directories.
const DESCRIPTION = /^([a-z_][a-z0-9_-]*|[0-9]+(?:\.[0-9]+)+)((?:;[a-z0-9-]+)*)$/i;

/**
 * The standard schema and what the text adds to it: `attributetype` and `objectclass` definitions as in OpenLDAP's
 * .schema files. Throws `ConfigError`.
 */
export function createSchema(text: string): Schema {
  const types = new Map<string, AttributeType>();
  const classes = new Map<string, ObjectClass>();
  readAttributeLines(ATTRIBUTE_TYPES, false, types);
  readAttributeLines(OPERATIONAL_ATTRIBUTE_TYPES, true, types);
  readClassLines(OBJECT_CLASSES, classes);
  parseSchema(text, types, classes);

  function describe(description: string, learn: boolean): AttributeDescription | undefined {
    const [, name, optionText = ""] = DESCRIPTION.exec(description) ?? [];
    if (name === undefined) return undefined;
    let type = types.get(name.toLowerCase());
    if (type === undefined) {
      if (!learn) return undefined;
      type = {
        name,
        rule: "case-ignore",
        ordering: true,
        substrings: true,
        operational: false,
      };
      types.set(name.toLowerCase(), type);
    }
    const options = optionText.toLowerCase().split(";").slice(1).sort();
    const suffix = options.map((option) => `;${option}`).join("");
    return {
      type,
      options,
      name: `${type.name}${suffix}`,
      key: `${type.name.toLowerCase()}${suffix}`,
    };
  }

  function className(nameOrOid: string): string {
    const name = nameOrOid.toLowerCase();
    return classes.get(name)?.name.toLowerCase() ?? name;
  }

  function isSubclass(name: string, of: string): boolean {
    const seen = new Set<string>();
    for (let at: string | undefined = className(name); at !== undefined && !seen.has(at); ) {
      if (at === className(of)) return true;
      seen.add(at);
      at = classes.get(at)?.superior;
    }
    return false;
  }

  return {
    describe: (description) => describe(description, false),
    learn: (description) => describe(description, true),
    isSubclass,
    className,
    structuralClass(names) {
      let deepest: ObjectClass | undefined;
      for (const name of names) {
        const candidate = classes.get(name.toLowerCase());
        if (!candidate?.structural) continue;
        if (deepest === undefined || isSubclass(candidate.name, deepest.name)) deepest = candidate;
      }
      return deepest?.name;
    },
  };
}

/** Whether a stored attribute is, or is a subtype of, the one asked for: by options (`cn` finds `cn;lang-de`) or by type (`name` finds `cn`). */
export function isSubtype(
  schema: Schema,
  stored: AttributeDescription,
  asked: AttributeDescription,
): boolean {
  if (!asked.options.every((option) => stored.options.includes(option))) return false;
  let type: AttributeType | undefined = stored.type;
  for (let depth = 0; type !== undefined && depth < 10; depth += 1) {
    if (type === asked.type) return true;
    type = type.superior === undefined ? undefined : schema.describe(type.superior)?.type;
  }
  return false;
}

function readAttributeLines(
  lines: string,
  operational: boolean,
  types: Map<string, AttributeType>,
): void {
  for (const line of lines.trim().split("\n")) {
    const [oid = "", names = "", rule, flags = "", superior] = line.split(" ");
    const [name = ""] = names.split(",");
    const type: AttributeType = {
      name,
      rule: rule as MatchingRule,
      ordering: flags.includes("o"),
      substrings: flags.includes("s"),
      ...(superior !== undefined && { superior }),
      operational,
    };
    for (const each of [oid, ...names.split(",")]) types.set(each.toLowerCase(), type);
  }
}

function readClassLines(lines: string, classes: Map<string, ObjectClass>): void {
  for (const line of lines.trim().split("\n")) {
    const [oid = "", names = "", superior, kind] = line.split(" ");
    const [name = ""] = names.split(",");
    const objectClass: ObjectClass = {
      name,
      superior: superior === "-" ? undefined : superior?.toLowerCase(),
      structural: kind === "structural",
    };
    for (const each of [oid, ...names.split(",")]) classes.set(each.toLowerCase(), objectClass);
  }
}
