import {
  type BerWriter,
  Filter as LdaptsFilter,
  SearchFilter,
  type SearchFilterValues,
} from "ldapts";
import type { Filter } from "../ldap/filter.ts";

/** Our filter in a form that ldapts' SearchRequest can write. Values go over the wire byte for byte. */
export function toLdaptsFilter(filter: Filter): LdaptsFilter {
  return new WrittenFilter(filter);
}

const TAGS = {
  and: SearchFilter.and,
  or: SearchFilter.or,
  not: SearchFilter.not,
  equal: SearchFilter.equalityMatch,
  substrings: SearchFilter.substrings,
  "greater-or-equal": SearchFilter.greaterOrEqual,
  "less-or-equal": SearchFilter.lessOrEqual,
  present: SearchFilter.present,
  approx: SearchFilter.approxMatch,
  extensible: SearchFilter.extensibleMatch,
} as const;

/** ldapts' own filters take most values as strings only, and drop empty ones. */
class WrittenFilter extends LdaptsFilter {
  readonly type: SearchFilterValues;
  readonly #filter: Filter;

  constructor(filter: Filter) {
    super();
    this.type = TAGS[filter.type];
    this.#filter = filter;
  }

  override write(writer: BerWriter): void {
    writeFilter(writer, this.#filter);
  }

  override toString(): string {
    return this.#filter.type;
  }
}

const OCTET_STRING = 0x04;

/** RFC 4511 section 4.5.1. */
function writeFilter(writer: BerWriter, filter: Filter): void {
  const tag = TAGS[filter.type];
  if (filter.type === "present") {
    writer.writeString(filter.attribute, tag);
    return;
  }
  writer.startSequence(tag);
  switch (filter.type) {
    case "and":
    case "or":
      for (const part of filter.filters) writeFilter(writer, part);
      break;
    case "not":
      writeFilter(writer, filter.filter);
      break;
    case "substrings":
      writer.writeString(filter.attribute);
      writer.startSequence();
      if (filter.initial) writer.writeBuffer(filter.initial, 0x80);
      for (const part of filter.any) writer.writeBuffer(part, 0x81);
      if (filter.final) writer.writeBuffer(filter.final, 0x82);
      writer.endSequence();
      break;
    case "extensible":
      if (filter.rule !== undefined) writer.writeString(filter.rule, 0x81);
      if (filter.attribute !== undefined) writer.writeString(filter.attribute, 0x82);
      writer.writeBuffer(filter.value, 0x83);
      // DEFAULT FALSE: libldap omits it too.
      if (filter.dnAttributes) writer.writeBoolean(true, 0x84);
      break;
    default:
      writer.writeString(filter.attribute);
      writer.writeBuffer(filter.value, OCTET_STRING);
  }
  writer.endSequence();
}
