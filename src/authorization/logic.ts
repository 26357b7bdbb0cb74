import { type Decision, denied, GRANTED } from "./decision.ts";
import type { CompiledRule } from "./question.ts";

/**
 * The three connectives, three-valued: what could not be asked is neither true nor false. Asked in order; the rest is
 * not asked once the answer is known.
 */

/** Every rule grants. One clear no is a no, whatever could not be asked before it. */
export function allOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    let open: Decision | undefined;
    for (const rule of rules) {
      const decision = await rule(question);
      if (decision.outcome === "denied") return decision;
      if (decision.outcome === "undecided") open ??= decision;
    }
    return open ?? GRANTED;
  };
}

/** Some rule grants. */
export function anyOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    const reasons: string[] = [];
    let open: Decision | undefined;
    for (const rule of rules) {
      const decision = await rule(question);
      if (decision.outcome === "granted") return decision;
      if (decision.outcome === "undecided") open ??= decision;
      reasons.push(decision.reason);
    }
    return open ?? denied(reasons.join("; "));
  };
}

/** No rule grants, and each said so itself: httpd lets in where a negated rule could not be asked, this does not. */
export function noneOf(rules: readonly CompiledRule[]): CompiledRule {
  return async (question) => {
    let open: Decision | undefined;
    for (const rule of rules) {
      const decision = await rule(question);
      if (decision.outcome === "granted") return denied("a rule that must not hold does");
      if (decision.outcome === "undecided") open ??= decision;
    }
    return open ?? GRANTED;
  };
}
