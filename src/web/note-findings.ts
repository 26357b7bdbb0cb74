import type { Observe } from "../events.ts";
import type { Log } from "../log.ts";
import type { Finding } from "../tables/check-restrictions.ts";
import { eventText, logText } from "./log-text.ts";

/** Who hears of what tables say. */
export interface FindingsAudience {
  readonly log: Log;
  readonly observe?: Observe | undefined;
}

/** Records and tells what tables said of somebody. */
export function noteFindings(
  { log, observe }: FindingsAudience,
  findings: readonly Finding[],
  username: string,
): void {
  for (const finding of findings) {
    const { table, outcome, action, enhancedStatus, text } = finding;
    const status = enhancedStatus === undefined ? {} : { enhancedStatus };
    const what = { table: eventText(table), action: eventText(action), ...status };
    observe?.({ type: "restriction", username: eventText(username), outcome, ...what });
    const details = { username: logText(username), ...what, text: eventText(text) };
    log({ ...recordOf(finding), details });
  }
}

function recordOf({ outcome, action }: Finding): Omit<Parameters<Log>[0], "details"> {
  if (outcome === "misconfigured") {
    const message = "A table says what is no answer for a web site: nobody is let in by it.";
    return { level: "error", event: "misconfigured", message };
  }
  if (outcome === "noted") {
    const level = action === "WARN" ? "warn" : "info";
    return { level, event: "restriction-noted", message: "A table lets pass, with a note." };
  }
  if (action === "no-key") {
    const message = "Nothing could be looked up in a table: not let in.";
    return { level: "warn", event: "restricted", message };
  }
  return { level: "info", event: "restricted", message: "A table refuses." };
}
