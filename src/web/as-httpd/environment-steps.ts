import type { RequestFacts } from "../../authorization/request-facts.ts";
import { ConfigError } from "../../errors.ts";
import type { ConditionMatch } from "../../expressions/expression.ts";
import { parseCondition } from "../../expressions/parse-condition.ts";
import { compilePattern } from "../../expressions/pattern/pattern.ts";
import type { EnvironmentStep } from "../../importers/apache/access.ts";
import type { Variable } from "../variables-of.ts";

/** The variables of one request; names in any letter case are the same one. */
export interface PreparedEnvironment {
  /** Those that access may depend on, by their name in lower case. */
  readonly early: ReadonlyMap<string, Variable>;
  /** What SetEnv adds when access has been decided; a variable that is there already stays as it is. */
  late(): readonly Variable[];
}

/** Throws a `CannotTell` for a request that is too long for a pattern. */
export type PrepareEnvironment = (facts: RequestFacts) => PreparedEnvironment;

type Variables = Map<string, Variable>;
type EarlyStep = EnvironmentStep & { readonly when: "early" };
type LateStep = EnvironmentStep & { readonly when: "late" };

/**
 * Compiles the directives that set variables. Those with a condition run before access is decided, SetEnv, PassEnv and UnsetEnv after
 * it, as in httpd: so UnsetEnv takes away only what SetEnv has set. Throws a `ConfigError`.
 */
export function prepareEnvironment(steps: readonly EnvironmentStep[]): PrepareEnvironment {
  const early = steps.filter((step) => step.when === "early").map(prepareEarlyStep);
  const late = lateVariables(steps.filter((step) => step.when === "late"));
  return (facts) => {
    const variables: Variables = new Map();
    for (const run of early) run(facts, variables);
    return {
      early: variables,
      late: () => late.filter(({ name }) => !variables.has(name.toLowerCase())),
    };
  };
}

function prepareEarlyStep(step: EarlyStep): (facts: RequestFacts, variables: Variables) => void {
  const find = prepareTest(step);
  const assign = step.assignments.map(prepareAssignment);
  return (facts, variables) => {
    const { holds, captures } = find(facts, variables);
    if (!holds) return;
    for (const each of assign) each(variables, captures);
  };
}

type FindMatch = (facts: RequestFacts, variables: Variables) => ConditionMatch;

function prepareTest({ of, pattern }: EarlyStep): FindMatch {
  if (typeof of === "object") {
    const condition = parseCondition(of.expression);
    return (facts, variables) => {
      const env = (name: string) => variables.get(name.toLowerCase())?.value;
      const { holds, captures = [] } = condition.match({ ...facts, env });
      return { holds, captures };
    };
  }
  const compiled = compilePattern(pattern?.source ?? "", pattern);
  const subject = prepareSubject(of);
  // Without any of a pattern's signs httpd looks for a text, and then knows no $1.
  const isPlain = /^(?:[^\\^.$|()[\]*+?{}]|\\[\\^.$|()[\]*+?{}])*$/.test(pattern?.source ?? "");
  return (facts, variables) => {
    const captures = compiled.match(subject(facts, variables) ?? "");
    return { holds: captures !== undefined, captures: isPlain ? undefined : captures };
  };
}

type Subject = (facts: RequestFacts, variables: Variables) => string | undefined;

const SPECIAL: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ["remote_addr", ({ clientAddress }) => clientAddress],
  ["server_addr", ({ serverAddress }) => serverAddress],
  ["request_uri", (facts) => facts.variable("REQUEST_URI")],
  ["request_method", ({ method }) => method],
  ["request_protocol", (facts) => facts.variable("SERVER_PROTOCOL")],
]);

/** What SetEnvIf looks at: something of the request, else a header, else a variable that was set before. */
function prepareSubject(name: string): Subject {
  const key = name.toLowerCase();
  if (key === "remote_host") {
    throw new ConfigError("SetEnvIf Remote_Host can't be honoured: it needs the DNS.");
  }
  if (!/^[-\w]+$/.test(name)) {
    throw new ConfigError(
      `SetEnvIf with a pattern for the header's name can't be honoured: ${name}`,
    );
  }
  return (
    SPECIAL.get(key) ?? ((facts, variables) => facts.header(name) ?? variables.get(key)?.value)
  );
}

type Assign = (variables: Variables, captures: readonly string[] | undefined) => void;

/** `NAME`, `!NAME`, `NAME=value`; a value that begins with `!` unsets as well, and an empty one is `1`, as in httpd. */
function prepareAssignment(text: string): Assign {
  const [, before = "", value = ""] = /^([^=]*)=*(.*)$/s.exec(text) ?? [];
  const isUnset = value === "" ? before.startsWith("!") : value.startsWith("!");
  const name = value === "" && isUnset ? before.slice(1) : before;
  const key = name.toLowerCase();
  if (isUnset) return (variables) => void variables.delete(key);
  const template = value === "" ? "1" : value;
  return (variables, captures) => {
    const filled = captures === undefined ? template : fill(template, captures);
    set(variables, key, { name, value: filled });
  };
}

/** Puts in what `$0` to `$9` stand for; a backslash hides the meaning of the next character. */
function fill(template: string, captures: readonly string[]): string {
  return template.replace(/\$([0-9])|\\(.)/gs, (_, number?: string, escaped?: string) =>
    number === undefined ? (escaped ?? "") : (captures[Number(number)] ?? ""),
  );
}

function set(variables: Variables, key: string, variable: Variable): void {
  // The spelling of the name that came first stays.
  variables.set(key, { name: variables.get(key)?.name ?? variable.name, value: variable.value });
}

function lateVariables(steps: readonly LateStep[]): readonly Variable[] {
  const variables: Variables = new Map();
  for (const step of steps) {
    if ("unset" in step) for (const name of step.unset) variables.delete(name.toLowerCase());
    else for (const [name, value] of step.set) set(variables, name.toLowerCase(), { name, value });
  }
  return [...variables.values()];
}
