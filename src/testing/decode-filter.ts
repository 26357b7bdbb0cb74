import type { Filter } from "../ldap/filter.ts";
import { type Element, MalformedMessageError, readElements, readText } from "./ber-element.ts";

/** Deeper nesting is refused: each level costs a stack frame, and nobody writes it. */
const DEEPEST = 200;

/** Reads a Filter (RFC 4511 section 4.5.1.7) off the wire. Throws `MalformedMessageError`. */
export function decodeFilter({ tag, content }: Element, depth = 0): Filter {
  if (depth > DEEPEST) throw new MalformedMessageError("a filter that is nested too deeply");
  switch (tag) {
    case 0xa0:
    case 0xa1:
      return {
        type: tag === 0xa0 ? "and" : "or",
        filters: readElements(content).map((part) => decodeFilter(part, depth + 1)),
      };
    case 0xa2:
      return { type: "not", filter: decodeFilter(first(readElements(content)), depth + 1) };
    case 0xa3:
      return { type: "equal", ...decodeAssertion(content) };
    case 0xa4:
      return decodeSubstrings(content);
    case 0xa5:
      return { type: "greater-or-equal", ...decodeAssertion(content) };
    case 0xa6:
      return { type: "less-or-equal", ...decodeAssertion(content) };
    case 0x87:
      return { type: "present", attribute: readText(content) };
    case 0xa8:
      return { type: "approx", ...decodeAssertion(content) };
    case 0xa9:
      return decodeExtensible(content);
    default:
      throw new MalformedMessageError(`a filter of the unknown kind ${tag}`);
  }
}

function first(elements: readonly Element[]): Element {
  const [only] = elements;
  if (only === undefined || elements.length > 1) {
    throw new MalformedMessageError("a negation that is not of one filter");
  }
  return only;
}

/** Reads an AttributeValueAssertion. Throws `MalformedMessageError`. */
export function decodeAssertion(content: Buffer): { attribute: string; value: Buffer } {
  const [attribute, value] = readElements(content);
  if (attribute?.tag !== 0x04 || value?.tag !== 0x04) {
    throw new MalformedMessageError("an assertion without attribute and value");
  }
  return { attribute: readText(attribute.content), value: value.content };
}

function decodeSubstrings(content: Buffer): Filter {
  const [attribute, list] = readElements(content);
  const parts = list === undefined ? [] : readElements(list.content);
  if (attribute === undefined || parts.length === 0) {
    throw new MalformedMessageError("a substring filter without substrings");
  }
  const any: Buffer[] = [];
  let initial: Buffer | undefined;
  let final: Buffer | undefined;
  for (const [index, part] of parts.entries()) {
    if (part.tag === 0x80 && index === 0) initial = part.content;
    else if (part.tag === 0x81) any.push(part.content);
    else if (part.tag === 0x82 && index === parts.length - 1) final = part.content;
    else throw new MalformedMessageError("substrings out of order");
  }
  return {
    type: "substrings",
    attribute: readText(attribute.content),
    ...(initial && { initial }),
    any,
    ...(final && { final }),
  };
}

function decodeExtensible(content: Buffer): Filter {
  const parts = new Map(readElements(content).map((part) => [part.tag, part.content]));
  const rule = parts.get(0x81);
  const attribute = parts.get(0x82);
  const value = parts.get(0x83);
  if (value === undefined) throw new MalformedMessageError("an extensible match without a value");
  return {
    type: "extensible",
    ...(rule && { rule: readText(rule) }),
    ...(attribute && { attribute: readText(attribute) }),
    dnAttributes: (parts.get(0x84)?.[0] ?? 0) !== 0,
    value,
  };
}
