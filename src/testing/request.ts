import type { Filter } from "../ldap/filter.ts";
import {
  type Element,
  MalformedMessageError,
  readElements,
  readInteger,
  readText,
} from "./ber-element.ts";
import { decodeAssertion, decodeFilter } from "./decode-filter.ts";

/** An attribute with its values, as it is sent and stored. */
export interface AttributeValues {
  readonly name: string;
  readonly values: readonly Buffer[];
}

export interface BindRequest {
  readonly operation: "bind";
  readonly version: number;
  readonly dn: string;
  readonly credentials:
    | { readonly kind: "simple"; readonly password: Buffer }
    | { readonly kind: "sasl"; readonly mechanism: string; readonly value?: Buffer };
}

export interface SearchRequest {
  readonly operation: "search";
  readonly dn: string;
  readonly scope: "base" | "one" | "sub";
  readonly dereference: "never" | "searching" | "finding" | "always";
  /** Entries; 0 = no limit. */
  readonly sizeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  readonly attributes: readonly string[];
}

export interface CompareRequest {
  readonly operation: "compare";
  readonly dn: string;
  readonly attribute: string;
  readonly value: Buffer;
}

/** One change of a modify operation (RFC 4511 section 4.6, increment: RFC 4525). */
export interface Change extends AttributeValues {
  readonly change: "add" | "delete" | "replace" | "increment";
}

export interface ModifyRequest {
  readonly operation: "modify";
  readonly dn: string;
  readonly changes: readonly Change[];
}

export interface AddRequest {
  readonly operation: "add";
  readonly dn: string;
  readonly attributes: readonly AttributeValues[];
}

export interface DeleteRequest {
  readonly operation: "delete";
  readonly dn: string;
}

export interface ModifyDnRequest {
  readonly operation: "modify-dn";
  readonly dn: string;
  readonly newRdn: string;
  readonly deleteOldRdn: boolean;
  readonly newSuperior?: string;
}

export interface ExtendedRequest {
  readonly operation: "extended";
  readonly oid: string;
  readonly value?: Buffer;
}

/** Everything a client can ask for (RFC 4511 section 4.2 and following). */
export type Request =
  | BindRequest
  | { readonly operation: "unbind" }
  | SearchRequest
  | CompareRequest
  | ModifyRequest
  | AddRequest
  | DeleteRequest
  | ModifyDnRequest
  | { readonly operation: "abandon"; readonly id: number }
  | ExtendedRequest;

const SCOPES = ["base", "one", "sub"] as const;
const DEREFERENCES = ["never", "searching", "finding", "always"] as const;
const CHANGES = ["add", "delete", "replace", "increment"] as const;

/** Reads the operation of a message. Throws `MalformedMessageError`. */
export function decodeRequest({ tag, content }: Element): Request {
  switch (tag) {
    case 0x60:
      return decodeBind(content);
    case 0x42:
      return { operation: "unbind" };
    case 0x63:
      return decodeSearch(content);
    case 0x66:
      return decodeModify(content);
    case 0x68:
      return decodeAdd(content);
    case 0x4a:
      return { operation: "delete", dn: readText(content) };
    case 0x6c:
      return decodeModifyDn(content);
    case 0x6e:
      return decodeCompare(content);
    case 0x50:
      return { operation: "abandon", id: readInteger(content) };
    case 0x77:
      return decodeExtended(content);
    default:
      throw new MalformedMessageError(`the unknown operation ${tag}`);
  }
}

/** The elements of a sequence, each of which must be there. */
function readFields(content: Buffer, count: number): readonly [Element, ...Element[]] {
  const [head, ...rest] = readElements(content);
  if (head === undefined || rest.length + 1 < count) {
    throw new MalformedMessageError("an operation that lacks a field");
  }
  return [head, ...rest];
}

function field(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new MalformedMessageError("a field of the wrong kind");
  return element.content;
}

function choice<Name extends string>(names: readonly Name[], element: Element | undefined): Name {
  const name = names[readInteger(field(element, 0x0a))];
  if (name === undefined) throw new MalformedMessageError("an enumeration out of range");
  return name;
}

function decodeBind(content: Buffer): BindRequest {
  const [version, name, credentials] = readFields(content, 3);
  const request = {
    operation: "bind",
    version: readInteger(field(version, 0x02)),
    dn: readText(field(name, 0x04)),
  } as const;
  if (credentials?.tag === 0x80) {
    return { ...request, credentials: { kind: "simple", password: credentials.content } };
  }
  const [mechanism, value] = readFields(field(credentials, 0xa3), 1);
  return {
    ...request,
    credentials: {
      kind: "sasl",
      mechanism: readText(field(mechanism, 0x04)),
      ...(value && { value: value.content }),
    },
  };
}

function decodeSearch(content: Buffer): SearchRequest {
  const [base, scope, dereference, sizeLimit, timeLimit, typesOnly, filter, attributes] =
    readFields(content, 8);
  if (filter === undefined) throw new MalformedMessageError("a search without a filter");
  readInteger(field(timeLimit, 0x02));
  return {
    operation: "search",
    dn: readText(field(base, 0x04)),
    scope: choice(SCOPES, scope),
    dereference: choice(DEREFERENCES, dereference),
    sizeLimit: readInteger(field(sizeLimit, 0x02)),
    typesOnly: readInteger(field(typesOnly, 0x01)) !== 0,
    filter: decodeFilter(filter),
    attributes: readElements(field(attributes, 0x30)).map((name) => readText(field(name, 0x04))),
  };
}

function decodeCompare(content: Buffer): CompareRequest {
  const [dn, assertion] = readFields(content, 2);
  return {
    operation: "compare",
    dn: readText(field(dn, 0x04)),
    ...decodeAssertion(field(assertion, 0x30)),
  };
}

function decodeAttribute(element: Element | undefined): AttributeValues {
  const [name, values] = readFields(field(element, 0x30), 2);
  return {
    name: readText(field(name, 0x04)),
    values: readElements(field(values, 0x31)).map((value) => Buffer.from(field(value, 0x04))),
  };
}

function decodeModify(content: Buffer): ModifyRequest {
  const [dn, changes] = readFields(content, 2);
  return {
    operation: "modify",
    dn: readText(field(dn, 0x04)),
    changes: readElements(field(changes, 0x30)).map((element) => {
      const [change, attribute] = readFields(field(element, 0x30), 2);
      return { change: choice(CHANGES, change), ...decodeAttribute(attribute) };
    }),
  };
}

function decodeAdd(content: Buffer): AddRequest {
  const [dn, attributes] = readFields(content, 2);
  return {
    operation: "add",
    dn: readText(field(dn, 0x04)),
    attributes: readElements(field(attributes, 0x30)).map(decodeAttribute),
  };
}

function decodeModifyDn(content: Buffer): ModifyDnRequest {
  const [dn, newRdn, deleteOldRdn, newSuperior] = readFields(content, 3);
  return {
    operation: "modify-dn",
    dn: readText(field(dn, 0x04)),
    newRdn: readText(field(newRdn, 0x04)),
    deleteOldRdn: readInteger(field(deleteOldRdn, 0x01)) !== 0,
    ...(newSuperior && { newSuperior: readText(field(newSuperior, 0x80)) }),
  };
}

function decodeExtended(content: Buffer): ExtendedRequest {
  const [oid, value] = readFields(content, 1);
  return {
    operation: "extended",
    oid: readText(field(oid, 0x80)),
    ...(value && { value: field(value, 0x81) }),
  };
}
