import { valuesOf } from "../authentication/person.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { attributeName, someDns, someTexts } from "./checked-arguments.ts";
import { type Decision, denied, granted, undecided } from "./decision.ts";
import type { CompiledRule } from "./question.ts";
import { aboutEntry, type SubjectQuestion } from "./subject.ts";

/** Is it one of these people? Values at hand first, byte for byte; then the server compares. */
export function compileUser(names: readonly string[]): CompiledRule {
  const wanted = someTexts(names, "requireUser", "names");
  return aboutEntry(async (question) => {
    const { person, url } = question;
    if (wanted.includes(person.username)) return granted(person.username);
    return compareEach(question, url.loginAttribute, wanted);
  });
}

/** Does the entry hold one of these values? */
export function compileAttribute(attribute: string, values: readonly string[]): CompiledRule {
  const name = attributeName(attribute, "requireAttribute");
  const wanted = someTexts(values, "requireAttribute", "values");
  return aboutEntry(async (question) => {
    const atHand = valuesOf(question.person, name);
    const value = wanted.find((one) => atHand.includes(one));
    return value === undefined ? compareEach(question, name, wanted) : granted(value);
  });
}

/** Lets the server compare, by the attribute's own rule (letter case, spaces). */
async function compareEach(
  question: SubjectQuestion,
  attribute: string,
  values: readonly string[],
): Promise<Decision> {
  const { identities, person, deadline } = question;
  let open: Decision | undefined;
  for (const value of values) {
    try {
      if (await identities.compare.compare(person.dn, attribute, value, deadline)) {
        return granted(value);
      }
    } catch (error) {
      open ??= undecided(error, `comparing ${attribute}`);
    }
  }
  return open ?? denied(`${attribute} is none of the wanted values`);
}

/** Is it the entry with one of these DNs, however they are spelled? */
export function compileDn(dns: readonly string[]): CompiledRule {
  const wanted = new Set<string | undefined>(someDns(dns, "requireDn").map(normalizeDn));
  return aboutEntry(async ({ person }) => {
    const dn = normalizeDn(person.dn);
    return dn !== undefined && wanted.has(dn) ? granted(person.dn) : denied("another DN");
  });
}
