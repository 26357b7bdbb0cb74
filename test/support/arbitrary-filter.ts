import fc from "fast-check";
import type { Filter } from "../../src/ldap/filter.ts";

/** An attribute's name or OID, with or without options. */
export const anyAttribute: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,9}$/),
      fc.stringMatching(/^[0-2](\.(0|[1-9][0-9]{0,4})){1,5}$/),
    ),
    fc.array(fc.stringMatching(/^[A-Za-z0-9-]{1,5}$/), { maxLength: 2 }),
  )
  .map((parts) => parts.flat().join(";"));

const rule = fc.constantFrom("caseExactMatch", "2.5.13.5", "1.2.840.113556.1.4.1941");

const value = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constantFrom("*", "(", ")", "\\", " ", "\0", "").map((text) => Buffer.from(text)),
);

const piece = value.filter(({ length }) => length > 0);

/** As object literals are made, with a prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const substrings = fc
  .record(
    {
      type: fc.constant("substrings" as const),
      attribute: anyAttribute,
      initial: piece,
      any: fc.array(piece, { maxLength: 3 }),
      final: piece,
    },
    { requiredKeys: ["type", "attribute", "any"], noNullPrototype: true },
  )
  .filter(
    ({ initial, any, final }) => any.length > 0 || initial !== undefined || final !== undefined,
  );

const extensible = fc.oneof(
  fc.record(
    {
      type: fc.constant("extensible" as const),
      attribute: anyAttribute,
      rule,
      dnAttributes: fc.boolean(),
      value,
    },
    { requiredKeys: ["type", "attribute", "dnAttributes", "value"], noNullPrototype: true },
  ),
  plain({ type: fc.constant("extensible" as const), rule, dnAttributes: fc.boolean(), value }),
);

/** Any filter that has a text. */
export const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    plain({ type: fc.constant("present" as const), attribute: anyAttribute }),
    plain({
      type: fc.constantFrom("equal", "greater-or-equal", "less-or-equal", "approx"),
      attribute: anyAttribute,
      value,
    }),
    substrings as fc.Arbitrary<Filter>,
    extensible as fc.Arbitrary<Filter>,
    plain({
      type: fc.constantFrom("and", "or"),
      filters: fc.array(tie("filter"), { maxLength: 3 }),
    }),
    plain({ type: fc.constant("not" as const), filter: tie("filter") }),
  ),
})).filter;
