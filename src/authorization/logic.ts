import { type Decision, denied, GRANTED, isFinal, type Outcome } from "./decision.ts";
import { withoutTraces } from "./httpd/course-of.ts";
import type { CompiledRule, Question } from "./question.ts";

/**
 * The connectives, with httpd's logic and one value more: what could not be asked is neither true nor false. Asked in order; the
 * rest is not asked once the answer is known.
 */

/** Every rule grants (httpd's RequireAll). One clear no is a no, whatever could not be asked before it; "neutral" does not count. */
export function allOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    const { parts, settled } = await askUntil("denied", rules, question);
    const decisive =
      settled ?? openFor("all", parts) ?? first("no-user", parts) ?? first("granted", parts);
    return because(decisive ?? NEUTRAL, parts);
  };
}

/** Some rule grants (httpd's RequireAny). */
export function anyOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    const { parts, settled } = await askUntil("granted", rules, question);
    // First of all what could not be asked: behind a "no-user" a negation would take it for a no.
    const decisive = settled ?? openFor("any", parts) ?? first("no-user", parts);
    if (decisive) return because(decisive, parts);
    const refusals = parts.filter(({ outcome }) => outcome === "denied");
    if (refusals.length === 0) return because(NEUTRAL, parts);
    return because(denied(refusals.map(({ reason }) => reason).join("; ")), parts);
  };
}

/** No rule grants, and each said so itself: httpd lets in where a negated rule could not be asked, this does not. */
export function noneOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    const { parts, settled } = await askUntil("granted", rules, question);
    if (settled) return because(forbidden(settled), parts);
    return because(openFor("all", parts) ?? first("no-user", parts) ?? NONE_HOLDS, parts);
  };
}

/**
 * httpd's `Require not` and `<RequireNone>`: a yes is a no, and a no decides nothing, also where it is one only for lack of a
 * login. What could not be asked refuses, other than in httpd.
 */
export function notAnyOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    const { parts, settled } = await askUntil("granted", rules, question);
    if (settled) return because(forbidden(settled), parts);
    return because(openFor("all", parts) ?? NEUTRAL, parts);
  };
}

/** Asks the rules until one has the outcome that settles it. */
async function askUntil(
  settling: Outcome,
  rules: readonly CompiledRule[],
  question: Question,
): Promise<{ readonly parts: readonly Decision[]; readonly settled: Decision | undefined }> {
  const parts: Decision[] = [];
  let asked = question;
  for (const rule of rules) {
    const decision = await rule(asked);
    parts.push(decision);
    if (decision.outcome === settling) return { parts, settled: decision };
    // httpd takes it for a no, which ends its "all": what is asked now only looks for a clear one.
    if (settling === "denied" && decision.outcome === "undecided") asked = withoutTraces(asked);
  }
  return { parts, settled: undefined };
}

/**
 * What could not be asked: in an "any" rather what asking again could change, else rather what nothing will, as that alone keeps
 * the whole from ever being a yes.
 */
function openFor(connective: "all" | "any", parts: readonly Decision[]): Decision | undefined {
  const open = parts.filter(({ outcome }) => outcome === "undecided");
  return open.find((part) => isFinal(part) === (connective === "all")) ?? open[0];
}

function first(wanted: Outcome, parts: readonly Decision[]): Decision | undefined {
  return parts.find(({ outcome }) => outcome === wanted);
}

/** The same answer, with the parts it comes from. */
function because(
  { outcome, reason, matched, error }: Decision,
  parts: readonly Decision[],
): Decision {
  return {
    outcome,
    reason,
    parts,
    ...(matched === undefined ? {} : { matched }),
    ...(error && { error }),
  };
}

const NEUTRAL: Decision = { outcome: "neutral", reason: "no rule here decides anything" };
const NONE_HOLDS: Decision = { ...GRANTED, reason: "no rule that must not hold does" };

function forbidden({ reason }: Decision): Decision {
  return denied(`a rule that must not hold does: ${reason}`);
}
