import { methodSet, someTexts } from "./checked-arguments.ts";
import type { Question } from "./question.ts";
import type { Rule } from "./rule.ts";

/** Whether a rule has anything to say about a request with this method. */
export type Applies = (question: Question) => boolean;

const ALWAYS: Applies = () => true;

/**
 * What `<Limit>` leaves of a rule: a connective applies where one of its parts does. Undefined where it always does, which is
 * nearly always.
 */
export function limitsOf(rule: Rule): Applies | undefined {
  const applies = appliesOf(rule);
  return applies === ALWAYS ? undefined : applies;
}

function appliesOf(rule: Rule): Applies {
  if (rule.type === "limit") {
    const methods = methodSet(someTexts(rule.methods, "limit", "methods"));
    return ({ request }) => request === undefined || methods.has(request.method) !== rule.except;
  }
  if (rule.type !== "all" && rule.type !== "any" && rule.type !== "none" && rule.type !== "not") {
    return ALWAYS;
  }
  const parts = rule.rules.map(appliesOf);
  if (parts.includes(ALWAYS)) return ALWAYS;
  return (question) => parts.some((applies) => applies(question));
}
