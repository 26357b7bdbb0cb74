import type { Restriction } from "../tables/restriction.ts";
import type { Answer } from "./answer.ts";

/** Postfix' minimal_backoff_time: a mail server that was told "later" comes again after this. Seconds. */
const RETRY_AFTER = 300;

/** What a table says, in its administrator's words: 403 for a `REJECT`, 503 for a `DEFER`. */
export function restrictionAnswer({ kind, code, enhancedStatus, text }: Restriction): Answer {
  const reply = { smtpCode: code, enhancedStatus };
  if (kind === "reject") {
    return { status: 403, code: "restricted", title: "Not allowed", text, reply };
  }
  const title = "Not available right now";
  return { status: 503, code: "deferred", title, text, reply, retryAfter: RETRY_AFTER };
}
