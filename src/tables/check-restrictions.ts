import type { Deadline } from "../directory/deadline.ts";
import type { AccessResult } from "./access-result.ts";
import { type AccessQuestion, checkAccess } from "./check-access.ts";
import type { Restriction } from "./restriction.ts";

/** Something that a table said and an operator may want to know of. */
export interface Finding {
  /** The table's name. */
  readonly table: string;
  readonly outcome: "noted" | "rejected" | "deferred" | "misconfigured";
  /** The first word of the result, in upper case; `no-key` where nothing could be looked up. */
  readonly action: string;
  readonly enhancedStatus?: string;
  /** The administrator's words. */
  readonly text: string;
}

/** What a list of tables comes to. */
export interface Conclusion {
  /** Undefined: nothing refuses. */
  readonly restriction: Restriction | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Asks tables in turn, as smtpd goes through a list of restrictions: the first that refuses or permits ends it, DEFER_IF_PERMIT refuses where none does, and
 * DEFER_IF_REJECT makes it temporary where a later one does. Rejects as `checkAccess` does.
 */
export async function checkRestrictions(
  questions: readonly AccessQuestion[],
  deadline: Deadline,
): Promise<Conclusion> {
  const findings: Finding[] = [];
  let ifPermit: Found | undefined;
  let ifReject: Found | undefined;

  const refused = (found: Found): Conclusion => {
    findings.push(findingOf(found));
    return { restriction: found.result.restriction, findings };
  };

  for (const question of questions) {
    const result = await checkAccess(question, deadline);
    const table = question.table.name;
    if (result.kind === "dunno") continue;
    if (result.kind === "permit") break;
    if (result.kind === "note") {
      findings.push({ table, outcome: "noted", action: result.action, text: result.text });
    } else if (result.kind === "defer-if-permit") {
      ifPermit ??= { table, result };
    } else if (result.kind === "defer-if-reject") {
      ifReject ??= { table, result };
    } else {
      const isReject = result.restriction.kind === "reject";
      return refused(isReject && ifReject ? ifReject : { table, result });
    }
  }
  return ifPermit ? refused(ifPermit) : { restriction: undefined, findings };
}

interface Found {
  readonly table: string;
  readonly result: Extract<AccessResult, { readonly restriction: Restriction }>;
}

function findingOf({ table, result }: Found): Finding {
  const { action, restriction, kind } = result;
  const { enhancedStatus, text } = restriction;
  const refused = restriction.kind === "reject" ? "rejected" : "deferred";
  const outcome = kind === "misconfigured" ? kind : refused;
  return { table, outcome, action, enhancedStatus, text };
}
