import type { SchemeName } from "./scheme-data.ts";

/** Whether a scheme keeps the password itself, so that all that can be made of a password can be made of its value. */
export function isPlainText(scheme: SchemeName): boolean {
  return scheme === "PLAIN" || scheme === "CLEARTEXT" || scheme === "CLEAR";
}
