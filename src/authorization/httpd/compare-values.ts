import { ConfigError } from "../../errors.ts";
import { isAttributeDescription } from "../../ldap/attribute-description.ts";
import { type Decision, denied, granted, unanswerable, undecided } from "../decision.ts";
import type { CompiledRule } from "../question.ts";
import { fillIn, prepareArgument, type Value, withoutValue } from "./argument.ts";
import { aboutSubject, type SubjectQuestion } from "./subject-of.ts";
import { readWords } from "./words.ts";

/** An attribute and a value that may be in the entry. */
type Pair = readonly [attribute: string, value: string];

/** `Require ldap-user`: the login attribute is the whole argument, or one of its words. */
export function compileLdapUser(text: string): CompiledRule {
  const argument = prepareArgument(text);
  const { template } = argument;
  const words: string[] = [];
  for (const reader = readWords(template); !reader.atEnd; ) words.push(reader.word());
  return aboutSubject(async (question) => {
    const { loginAttribute } = question.url;
    let values: readonly Value[];
    try {
      values = argument.values(question);
    } catch (error) {
      return withoutValue(error);
    }
    const wanted = new Set([fillIn(template, values.values()), ...filled(words, values)]);
    return compareEach(
      question,
      [...wanted].map((value) => [loginAttribute, value]),
    );
  });
}

/** `Require ldap-attribute`: one of the pairs `name=value` is in the entry. */
export function compileLdapAttribute(text: string): CompiledRule {
  const argument = prepareArgument(text);
  const names: string[] = [];
  const words: string[] = [];
  for (const reader = readWords(argument.template); !reader.atEnd; ) {
    names.push(reader.until("="));
    words.push(reader.word());
  }
  if (names.some((name) => name.includes("\0"))) {
    throw new ConfigError(`Only a value can be put in, not what attribute it is: ${text}`);
  }
  return aboutSubject(async (question) => {
    let values: readonly Value[];
    try {
      values = argument.values(question);
    } catch (error) {
      return withoutValue(error);
    }
    const pairs = filled(words, values).map((value, n) => [names[n] ?? "", value] as const);
    return compareEach(question, pairs);
  });
}

/** The words, each with its part of what is put in. */
function filled(words: readonly string[], values: readonly Value[]): readonly string[] {
  const left = values.values();
  return words.map((word) => fillIn(word, left));
}

/** A pair that can't be compared does not keep the others from granting, but is no real no. */
async function compareEach(
  { identities, subject, deadline, course }: SubjectQuestion,
  pairs: readonly Pair[],
): Promise<Decision> {
  let open: Decision | undefined;
  for (const [attribute, value] of pairs) {
    // What no server takes, and httpd counts as not equal.
    if (value === "" || !isAttributeDescription(attribute)) {
      open ??= unanswerable(`${attribute}=${value} can't be compared`);
      continue;
    }
    try {
      if (await identities.compare.compare(subject.dn, attribute, value, deadline)) {
        course.authorize(subject);
        return granted(`${attribute}=${value}`);
      }
    } catch (error) {
      const failed = undecided(error, `comparing ${attribute}`);
      if (open?.error === undefined) open = failed;
    }
  }
  return open ?? denied("no value is the wanted one");
}
