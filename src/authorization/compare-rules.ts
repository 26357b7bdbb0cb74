import { valuesOf } from "../authentication/person.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { attributeName, someDns, someTexts } from "./checked-arguments.ts";
import { type Decision, denied, GRANTED, grantedIf, undecided } from "./decision.ts";
import type { CompiledRule, Question } from "./question.ts";

/** Is it one of these people? Values at hand first, byte for byte; then the server compares. */
export function compileUser(names: readonly string[]): CompiledRule {
  const wanted = someTexts(names, "requireUser", "names");
  return async (question) => {
    const { person, url } = question;
    if (wanted.includes(person.username)) return GRANTED;
    return compareEach(question, url.loginAttribute, wanted);
  };
}

/** Does the entry hold one of these values? */
export function compileAttribute(attribute: string, values: readonly string[]): CompiledRule {
  const name = attributeName(attribute, "requireAttribute");
  const wanted = someTexts(values, "requireAttribute", "values");
  return async (question) => {
    const atHand = valuesOf(question.person, name);
    if (wanted.some((value) => atHand.includes(value))) return GRANTED;
    return compareEach(question, name, wanted);
  };
}

/** Lets the server compare, by the attribute's own rule (letter case, spaces). */
async function compareEach(
  question: Question,
  attribute: string,
  values: readonly string[],
): Promise<Decision> {
  const { directory, person, deadline } = question;
  try {
    for (const value of values) {
      if (await directory.compare(person.dn, attribute, value, deadline)) return GRANTED;
    }
    return denied(`${attribute} is none of the wanted values`);
  } catch (error) {
    return undecided(error, `comparing ${attribute}`);
  }
}

/** Is it the entry with one of these DNs, however they are spelled? */
export function compileDn(dns: readonly string[]): CompiledRule {
  const wanted = new Set<string | undefined>(someDns(dns, "requireDn").map(normalizeDn));
  return async ({ person }) => {
    const dn = normalizeDn(person.dn);
    return grantedIf(dn !== undefined && wanted.has(dn), "another DN");
  };
}
