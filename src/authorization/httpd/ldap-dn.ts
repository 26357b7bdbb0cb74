import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { escapeDnValue } from "../../ldap/dn.ts";
import { type Decision, denied, granted, undecided } from "../decision.ts";
import type { CompiledRule, Question } from "../question.ts";
import { type Argument, fillIn, prepareArgument, type Value, withoutValue } from "./argument.ts";
import { isSameEntry } from "./same-entry.ts";
import { aboutSubject, type SubjectQuestion } from "./subject-of.ts";

/** The one DN that an argument is. Throws a `CannotTell`. */
export function dnOf(
  { template, values }: Argument,
  question: Question,
  escaped: (value: string) => string = escapeDnValue,
): string {
  // All of it was put in: then that is the DN, and escaping would break it.
  const isWhole = template === "\0";
  const change = ({ kind, text }: Value) => (kind === "escaped" || isWhole ? text : escaped(text));
  return fillIn(template, values(question).values(), change);
}

/**
 * `Require ldap-dn`: byte for byte the DN as the server spells it; with AuthLDAPCompareDNOnServer the entry that the server finds
 * under the argument, however it is spelled.
 */
export function compileLdapDn(text: string, compareOnServer: boolean): CompiledRule {
  const argument = prepareArgument(text);
  return aboutSubject(async (question) => {
    const { subject, course } = question;
    let wanted: string;
    try {
      wanted = dnOf(argument, question, compareOnServer ? escapeDnValue : escapeAsOpenLdap);
    } catch (error) {
      return withoutValue(error);
    }
    if (wanted === "") return denied("an empty DN is nobody's");
    const decision = compareOnServer
      ? await lookedUp(question, wanted)
      : verdict(subject.dn === wanted, wanted);
    if (decision.outcome === "granted") course.authorize(subject);
    return decision;
  });
}

function verdict(isSame: boolean, wanted: string): Decision {
  return isSame ? granted(wanted) : denied("another DN");
}

async function lookedUp(question: SubjectQuestion, base: string): Promise<Decision> {
  const { identities, subject, deadline } = question;
  const query = { base, scope: "base", filter: ANY_ENTRY, attributes: [], limit: 1 } as const;
  try {
    const [entry] = await identities.search.search(query, deadline);
    return verdict(entry !== undefined && isSameEntry(entry.dn, subject.dn), base);
  } catch (error) {
    return undecided(error, `looking ${base} up`);
  }
}

/** As slapd spells DNs: what RFC 4514 section 2.4 escapes, in upper-case hex. */
function escapeAsOpenLdap(value: string): string {
  return value.replace(/["+,;<=>\\\0]|^[ #]| $/g, (character) => {
    return `\\${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
  });
}
