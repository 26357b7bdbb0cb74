import type { Entry } from "../ldap/entry.ts";
import type { TableSettings } from "./table-settings.ts";

/** What a table does with an attribute's values. */
export type ResultKind = "terminal" | "leaf" | "ordinary" | "special";

/** The attributes of a table's results. */
export interface ResultAttributes {
  /** What to ask the server for. */
  readonly requested: readonly string[];
  /** Undefined for one that nobody named. */
  kindOf(attribute: string): ResultKind | undefined;
  /** Whether nothing but the terminal values of this entry counts. */
  isTerminal(entry: Entry): boolean;
  /** Whether the leaf values of this entry count. */
  isLeaf(entry: Entry): boolean;
}

/** An attribute that is named twice is of the first kind, in this order. */
export function resultAttributes(settings: TableSettings): ResultAttributes {
  const terminal = settings.terminalResultAttributes.map(lowerCase);
  const leaf = settings.leafResultAttributes.map(lowerCase);
  const ordinary = settings.resultAttributes.map(lowerCase);
  const special = settings.specialResultAttributes.map(lowerCase);
  const kinds = new Map<string, ResultKind>();
  const named = { terminal, leaf, ordinary, special } as const;
  for (const kind of ["terminal", "leaf", "ordinary", "special"] as const) {
    for (const name of named[kind]) if (!kinds.has(name)) kinds.set(name, kind);
  }
  const holds = (entry: Entry, names: readonly string[]) =>
    names.some((name) => entry.attributes.has(name));

  return {
    // `*` and `+` would bring what nobody named, which does not count.
    requested: [...kinds.keys()].filter((name) => !NOT_NAMES.has(name)),
    kindOf(attribute) {
      const lower = lowerCase(attribute);
      for (const [name, kind] of kinds) if (narrower(name, lower) === lower) return kind;
      return undefined;
    },
    isTerminal: (entry) => holds(entry, terminal),
    isLeaf: (entry) => leaf.length === 0 || !holds(entry, special),
  };
}

const NOT_NAMES: ReadonlySet<string> = new Set(["*", "+", "1.1"]);

/** Those of the table that an LDAP URL names, too; if one of the two has an option (`mail;lang-en`), with it. */
export function attributesInBoth(
  ofUrl: readonly string[],
  requested: readonly string[],
): readonly string[] {
  const found = ofUrl.flatMap((one) =>
    requested.flatMap((other) => narrower(lowerCase(one), other) ?? []),
  );
  return [...new Set(found)];
}

/** The more special of two lower-case descriptions, where one is the other or begins with it (RFC 4512 section 2.5). */
function narrower(one: string, other: string): string | undefined {
  if (one === other || other.startsWith(`${one};`)) return other;
  return one.startsWith(`${other};`) ? one : undefined;
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}
