import type { Person } from "../../authentication/person.ts";
import type { AuthLdapUrl } from "../../ldap/auth-ldap-url.ts";
import { type Decision, denied, NO_USER, undecided } from "../decision.ts";
import type { CompiledRule, HttpdCourse, Identities, Question } from "../question.ts";
import { courseOf } from "./course-of.ts";

/** A question to the section's directory, for somebody who is signed in. */
export interface DirectoryQuestion extends Question {
  readonly identities: Identities;
  readonly url: AuthLdapUrl;
  readonly course: HttpdCourse;
}

/** A question about an entry, which a look-up by name may have to find first. */
export interface SubjectQuestion extends DirectoryQuestion {
  readonly subject: Person;
}

/** A rule that asks the directory. Never before the login, not even ldap-search, which httpd asks then too. */
export function aboutDirectory(
  ask: (question: DirectoryQuestion) => Promise<Decision>,
): CompiledRule {
  return async (question) => {
    const { person, identities, url } = question;
    if (person === undefined) return NO_USER;
    if (identities === undefined || url === undefined) return NO_DIRECTORY;
    return ask({ ...question, identities, url, course: question.course ?? courseOf(person) });
  };
}

/** A rule about the entry. */
export function aboutSubject(ask: (question: SubjectQuestion) => Promise<Decision>): CompiledRule {
  return aboutDirectory(async (question) => {
    let subject: Person | undefined;
    try {
      subject = await question.course.subject();
    } catch (error) {
      return undecided(error, "looking the name up");
    }
    if (subject === undefined || subject.dn === "") return NO_ENTRY;
    return ask({ ...question, subject });
  });
}

const NO_DIRECTORY = denied("there is no directory to ask");
const NO_ENTRY = denied("the directory does not find exactly one entry of that name");
