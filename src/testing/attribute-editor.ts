import { parseDn } from "../ldap/dn.ts";
import { type StoredAttribute, valueKeys } from "./entry-tree.ts";
import { matchingKey } from "./matching-rule.ts";
import type { AttributeValues, Change } from "./request.ts";
import { RESULT, type Result } from "./result.ts";
import type { AttributeDescription, Schema } from "./schema.ts";

/** Changes an entry's attributes by RFC 4511's rules. Methods return what is wrong with a change, or undefined. */
export class AttributeEditor {
  readonly attributes: Map<string, StoredAttribute>;
  readonly #schema: Schema;

  constructor(schema: Schema, attributes: ReadonlyMap<string, StoredAttribute>) {
    this.#schema = schema;
    this.attributes = new Map(attributes);
  }

  apply(change: Change): Result | undefined {
    switch (change.change) {
      case "add":
        return this.add(change.name, change.values);
      case "delete":
        return this.#delete(change);
      case "replace":
        return this.#replace(change);
      case "increment":
        return this.#increment(change);
    }
  }

  add(name: string, values: readonly Buffer[]): Result | undefined {
    const description = this.#schema.learn(name);
    if (description === undefined) return undefinedType(name);
    if (values.length === 0) return { code: RESULT.protocolError, message: "no values given" };
    const stored = this.attributes.get(description.key);
    const all: StoredAttribute = { description, values: [...(stored?.values ?? []), ...values] };
    const failure = checkValues(all);
    if (failure !== undefined) return failure;
    this.attributes.set(description.key, all);
    return undefined;
  }

  #delete({ name, values }: AttributeValues): Result | undefined {
    const description = this.#schema.describe(name);
    if (description === undefined) return undefinedType(name);
    const stored = this.attributes.get(description.key);
    if (stored === undefined) return noSuchAttribute(name);
    let left = stored.values;
    for (const value of values) {
      const position = left.findIndex((each) => isSameValue(description, each, value));
      if (position < 0) return noSuchAttribute(name);
      left = left.toSpliced(position, 1);
    }
    if (values.length === 0 || left.length === 0) this.attributes.delete(description.key);
    else this.attributes.set(description.key, { description, values: left });
    return undefined;
  }

  #replace({ name, values }: AttributeValues): Result | undefined {
    const description = this.#schema.learn(name);
    if (description === undefined) return undefinedType(name);
    this.attributes.delete(description.key);
    return values.length === 0 ? undefined : this.add(name, values);
  }

  #increment({ name, values }: AttributeValues): Result | undefined {
    const description = this.#schema.describe(name);
    const stored = description && this.attributes.get(description.key);
    const by = values[0]?.toString() ?? "";
    if (description === undefined || stored === undefined) return noSuchAttribute(name);
    const numbers = [...stored.values.map(String), by];
    if (values.length !== 1 || !numbers.every((text) => /^-?[0-9]{1,40}$/.test(text))) {
      return { code: RESULT.constraintViolation, message: `${name}: not a number` };
    }
    this.attributes.set(description.key, {
      description,
      values: stored.values.map((value) =>
        Buffer.from(String(BigInt(value.toString()) + BigInt(by))),
      ),
    });
    return undefined;
  }

  /** Whether each value of the DN's first RDN is among the values. */
  holdsRdn(dn: string): boolean {
    return (parseDn(dn)?.[0] ?? []).every(({ type, value }) => {
      const description = this.#schema.describe(type);
      const stored = description && this.attributes.get(description.key);
      return stored?.values.some((each) =>
        isSameValue(stored.description, each, Buffer.from(value)),
      );
    });
  }

  /** Adds the values of the DN's first RDN that are missing, as slapd does. */
  addRdn(dn: string): Result | undefined {
    for (const { type, value } of parseDn(dn)?.[0] ?? []) {
      const bytes = Buffer.from(value);
      const description = this.#schema.describe(type);
      const stored = description && this.attributes.get(description.key);
      if (stored?.values.some((each) => isSameValue(stored.description, each, bytes))) continue;
      const failure = this.add(type, [bytes]);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** Adds the new RDN's values and, if wanted, removes those of the old DN's. */
  rename(oldDn: string, newRdn: string, deleteOldRdn: boolean): Result | undefined {
    for (const { type, value } of deleteOldRdn ? (parseDn(oldDn)?.[0] ?? []) : []) {
      const failure = this.#delete({ name: type, values: [Buffer.from(value)] });
      if (failure !== undefined) return failure;
    }
    return this.addRdn(newRdn);
  }

  texts(name: string): readonly string[] {
    const description = this.#schema.describe(name);
    const stored = description && this.attributes.get(description.key);
    return stored?.values.map((value) => value.toString()) ?? [];
  }

  set(name: string, value: string): void {
    const description = this.#schema.learn(name);
    if (description === undefined) return;
    this.attributes.set(description.key, { description, values: [Buffer.from(value)] });
  }

  setIfMissing(name: string, value: string): void {
    if (this.texts(name).length === 0) this.set(name, value);
  }
}

function undefinedType(name: string): Result {
  return { code: RESULT.undefinedAttributeType, message: `${name}: attribute type undefined` };
}

function noSuchAttribute(name: string): Result {
  return { code: RESULT.noSuchAttribute, message: `${name}: no such value` };
}

function isSameValue(description: AttributeDescription, a: Buffer, b: Buffer): boolean {
  const { rule } = description.type;
  if (rule === "none") return a.equals(b);
  const key = matchingKey(rule, a);
  return key !== undefined && key === matchingKey(rule, b);
}

/** Each value must be one of the attribute's syntax, and none may be there twice. */
function checkValues(attribute: StoredAttribute): Result | undefined {
  const { name, type } = attribute.description;
  const keys =
    type.rule === "none"
      ? attribute.values.map((value) => value.toString("latin1"))
      : valueKeys(attribute);
  if (keys.includes(undefined)) {
    return { code: RESULT.invalidAttributeSyntax, message: `${name}: value is invalid` };
  }
  if (new Set(keys).size < keys.length) {
    return { code: RESULT.attributeOrValueExists, message: `${name}: value given twice` };
  }
  return undefined;
}
