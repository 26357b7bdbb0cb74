import type { Person } from "../../authentication/person.ts";
import type { HttpdCourse, Question } from "../question.ts";

/** The course of a request that did not come through an Apache configuration: about whoever is signed in. */
export function courseOf(person: Person): HttpdCourse {
  let subject = person.dn === "" ? undefined : person;
  return {
    name: person.username,
    subject: async () => subject,
    replaceSubject: (entry) => {
      subject = entry;
    },
    authorize: () => {},
  };
}

/** The same question, whose answer leaves nothing behind. */
export function withoutTraces(question: Question): Question {
  const { course } = question;
  if (course === undefined) return question;
  let replaced: Person | undefined;
  return {
    ...question,
    course: {
      name: course.name,
      subject: async () => replaced ?? course.subject(),
      replaceSubject: (entry) => {
        replaced = entry;
      },
      authorize: () => {},
    },
  };
}
