import type { Rule } from "../../authorization/rule.ts";
import { parseNetwork } from "../../expressions/network.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { wordsOf } from "./directive-table.ts";
import { wordOf } from "./settings-of.ts";

/** What mod_access_compat's Order, Allow and Deny say; undefined where there are none. */
export function hostRule(directives: readonly Directive[]): Rule | undefined {
  const allowed = rulesOf(directives, "allow");
  const denied = rulesOf(directives, "deny");
  const order = wordOf(directives, "Order")?.toLowerCase();
  if (order === undefined && allowed.length + denied.length === 0) return undefined;
  const allow: Rule = allowed.length > 0 ? { type: "any", rules: allowed } : { type: "denied" };
  const deny: readonly Rule[] = denied.length > 0 ? [{ type: "not", rules: denied }] : [];
  // Deny,Allow is the default: whoever is not denied may, and whoever is allowed may all the same.
  if (order === undefined || order === "deny,allow") {
    return { type: "any", rules: [allow, { type: "all", rules: [{ type: "granted" }, ...deny] }] };
  }
  return { type: "all", rules: [allow, ...deny] };
}

function rulesOf(directives: readonly Directive[], name: "allow" | "deny"): readonly Rule[] {
  return directives
    .filter((one) => one.name.toLowerCase() === name)
    .flatMap((directive) => {
      const [from = "", ...hosts] = wordsOf(directive);
      if (from.toLowerCase() !== "from" || hosts.length === 0) {
        throw configErrorAt(directive, "allow and deny must be followed by 'from'");
      }
      return hosts.map((host) => ruleOf(directive, host));
    });
}

function ruleOf(directive: Directive, host: string): Rule {
  if (host.toLowerCase() === "all") return { type: "granted" };
  if (/^env=[^!]/i.test(host)) return { type: "env", names: [host.slice(4)] };
  if (parseNetwork(host)) return { type: "ip", addresses: [host] };
  throw configErrorAt(
    directive,
    `${host} would have to be looked up in the DNS, and that is not carried: write addresses`,
  );
}
