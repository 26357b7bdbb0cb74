import type { EnvironmentStep } from "./access.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";

/** The variables that a configuration sets, in the order of its lines. */
export function environmentSteps(directives: readonly Directive[]): readonly EnvironmentStep[] {
  return directives.flatMap(stepsOf);
}

function stepsOf(directive: Directive): readonly EnvironmentStep[] {
  const words = wordsOf(directive);
  const [first = "", second = "", ...more] = words;
  switch (directive.name.toLowerCase()) {
    case "setenv":
      return [{ when: "late", set: [[first, second]] }];
    case "unsetenv":
      return [{ when: "late", unset: words }];
    case "setenvif":
    case "setenvifnocase": {
      const ignoreCase = directive.name.toLowerCase().endsWith("nocase");
      return [
        { when: "early", of: first, pattern: { source: second, ignoreCase }, assignments: more },
      ];
    }
    case "setenvifexpr":
      return [{ when: "early", of: { expression: first }, assignments: [second, ...more] }];
    case "browsermatch":
    case "browsermatchnocase": {
      const ignoreCase = directive.name.toLowerCase().endsWith("nocase");
      const pattern = { source: first, ignoreCase };
      return [{ when: "early", of: "User-Agent", pattern, assignments: [second, ...more] }];
    }
    default:
      return [];
  }
}
