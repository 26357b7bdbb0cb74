import type { OperationReport, Searches } from "../directory/directory.ts";
import type { Decision } from "./decision.ts";
import type { CompiledRule, Identities, Question } from "./question.ts";
import type { Rule } from "./rule.ts";

/** A rule whose decisions say what was decided, and what was asked of the directory for it. */
export function explained(rule: Rule, ask: CompiledRule): CompiledRule {
  return async (question) => {
    const operations: OperationReport[] = [];
    const decision = await ask(watched(question, operations));
    return {
      ...decision,
      reason: decision.reason || reasonFor(decision, rule),
      rule,
      ...(operations.length > 0 ? { operations } : {}),
    } satisfies Decision;
  };
}

function reasonFor({ outcome, matched }: Decision, { type }: Rule): string {
  if (outcome !== "granted") return outcome;
  return matched === undefined ? `${type} holds` : `${type} holds: ${matched}`;
}

function watched(question: Question, operations: OperationReport[]): Question {
  const { identities } = question;
  if (identities === undefined) return question;
  const report = (operation: OperationReport) => operations.push(operation);
  const known = new Map<Searches, Searches>();
  const reporting = (searches: Searches): Searches => {
    const one = known.get(searches) ?? searches.reporting(report);
    known.set(searches, one);
    return one;
  };
  // Most rules ask as one of them at most.
  const watching: Identities = {
    get compare() {
      return reporting(identities.compare);
    },
    get search() {
      return reporting(identities.search);
    },
    get groups() {
      return reporting(identities.groups);
    },
  };
  return { ...question, identities: watching };
}
