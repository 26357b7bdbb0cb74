import type { LookUp } from "../authentication/look-up.ts";
import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import { ConfigError } from "../errors.ts";
import { compileRule } from "./compile-rule.ts";
import { type Decision, denied, undecided } from "./decision.ts";
import type { CompiledRule } from "./question.ts";
import type { Rule } from "./rule.ts";

/** Whom and what an explanation is about. */
export interface ExplainQuery {
  /** As they would type it at a login. */
  readonly username: string;
  /** A rule, or a guard that carries one. */
  readonly rule: Rule | { readonly rule: Rule };
}

/** Explains a decision that nobody acts on. Rejects with a `ConfigError` for a rule that can't be one, and with nothing else. */
export type Explain = (query: ExplainQuery) => Promise<Decision>;

/** What an explanation needs of the directory. */
export interface ExplainSettings {
  /** Finds somebody without a password. */
  readonly lookUp: LookUp;
  decide(rule: CompiledRule, person: Person, deadline: Deadline): Promise<Decision>;
  startDeadline(): Deadline;
}

/**
 * Prepares `explain`: looks somebody up as a login would, without a password, and decides a rule about them. Somebody whom the directory
 * does not know is denied; rules about a request are undecided, as there is none.
 */
export function prepareExplain({ lookUp, decide, startDeadline }: ExplainSettings): Explain {
  return async ({ username, rule }) => {
    const compiled = compileRule(ruleOf(rule));
    // It would look for anybody who has a name.
    if (typeof username !== "string" || username === "") return denied("there is no name");
    const deadline = startDeadline();
    let person: Person | undefined;
    try {
      person = await lookUp(username, deadline);
    } catch (error) {
      return undecided(error, "looking the name up");
    }
    if (person === undefined) return denied("the directory does not know exactly one of that name");
    return decide(compiled, person, deadline);
  };
}

function ruleOf(given: ExplainQuery["rule"]): Rule {
  // A guard is a function, and `<Limit>`'s rule has a rule too.
  const rule: unknown = given !== null && "type" in Object(given) ? given : Object(given).rule;
  if (typeof rule === "object" && rule !== null) return rule as Rule;
  throw new ConfigError(
    'explain takes a rule such as { type: "valid-user" }, or a guard such as requireLevel(2).',
  );
}
