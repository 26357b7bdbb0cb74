import type { Person } from "../authentication/person.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import { type Decision, NO_USER, unanswerable } from "./decision.ts";
import type { CompiledRule, Identities, Question } from "./question.ts";

/** A question about somebody who has an entry, and a directory to ask. */
export interface SubjectQuestion extends Question {
  readonly person: Person;
  readonly identities: Identities;
  readonly url: AuthLdapUrl;
}

/** A question about somebody who is signed in. */
export interface PersonQuestion extends Question {
  readonly person: Person;
}

/** A rule that needs to know who it is: with nobody signed in it is not asked. */
export function aboutPerson(ask: (question: PersonQuestion) => Promise<Decision>): CompiledRule {
  return async (question) => {
    const { person } = question;
    return person === undefined ? NO_USER : ask({ ...question, person });
  };
}

/** A rule that needs an entry too. Somebody of a password file has none, and gets in neither by it nor by its opposite. */
export function aboutEntry(ask: (question: SubjectQuestion) => Promise<Decision>): CompiledRule {
  return aboutPerson(async (question) => {
    const { person, identities, url } = question;
    if (person.dn === "" || identities === undefined || url === undefined) return NO_ENTRY;
    return ask({ ...question, person, identities, url });
  });
}

/** The answer about somebody without an entry. */
export const NO_ENTRY: Decision = unanswerable("the person has no entry in the directory");
