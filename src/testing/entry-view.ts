import { type EntryTree, type StoredAttribute, type StoredEntry, valueKeys } from "./entry-tree.ts";
import { type AttributeDescription, isSubtype, type Schema } from "./schema.ts";

/** An entry's attributes as clients see them: those that are stored, and those that the directory works out. */
export interface EntryView {
  /** The attribute with all its subtypes (`cn` with `cn;lang-de`, `name` with `cn`). */
  find(entry: StoredEntry, asked: AttributeDescription): readonly StoredAttribute[];
  all(entry: StoredEntry): readonly StoredAttribute[];
}

/** The attributes that hold a group's members. */
const MEMBER_ATTRIBUTES = ["member", "uniquemember"];

export function createEntryView(tree: EntryTree, schema: Schema): EntryView {
  const groupsOf = createMembershipIndex(tree);

  function computed(entry: StoredEntry): readonly StoredAttribute[] {
    const attributes: StoredAttribute[] = [];
    const add = (name: string, values: readonly string[]): void => {
      const description = schema.describe(name);
      if (description === undefined || values.length === 0) return;
      attributes.push({ description, values: values.map((value) => Buffer.from(value)) });
    };
    if (entry.key === "") return attributes;
    add("entryDN", [entry.dn]);
    add("hasSubordinates", [tree.hasChildren(entry.key) ? "TRUE" : "FALSE"]);
    add("memberOf", groupsOf(entry.key));
    return attributes;
  }

  function all(entry: StoredEntry): readonly StoredAttribute[] {
    const attributes = new Map(entry.attributes);
    for (const attribute of computed(entry)) {
      const { key } = attribute.description;
      attributes.set(key, join(attributes.get(key), attribute));
    }
    return [...attributes.values()];
  }

  return {
    all,
    find(entry, asked) {
      const found: StoredAttribute[] = [];
      const attributes = asked.type.operational ? all(entry) : entry.attributes.values();
      for (const attribute of attributes) {
        if (isSubtype(schema, attribute.description, asked)) found.push(attribute);
      }
      return found;
    },
  };
}

/** The values of both, those that are equal once: memberOf may also be stored. */
function join(stored: StoredAttribute | undefined, computed: StoredAttribute): StoredAttribute {
  if (stored === undefined) return computed;
  const known = new Set(valueKeys(stored));
  const keys = valueKeys(computed);
  const added = computed.values.filter((_, index) => !known.has(keys[index]));
  return { description: stored.description, values: [...stored.values, ...added] };
}

/** Finds the DNs of the groups that an entry is a direct member of. */
function createMembershipIndex(tree: EntryTree): (key: string) => readonly string[] {
  let index = new Map<string, string[]>();
  let version = -1;
  return (key) => {
    if (version !== tree.version) {
      index = indexMembers(tree);
      version = tree.version;
    }
    return index.get(key) ?? [];
  };
}

function indexMembers(tree: EntryTree): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const group of tree.all()) {
    for (const name of MEMBER_ATTRIBUTES) {
      const attribute = group.attributes.get(name);
      for (const member of attribute === undefined ? [] : valueKeys(attribute)) {
        if (member === undefined) continue;
        const groups = index.get(member) ?? [];
        if (!groups.includes(group.dn)) groups.push(group.dn);
        index.set(member, groups);
      }
    }
  }
  return index;
}
