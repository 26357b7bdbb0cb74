import { isUtf8 } from "node:buffer";

/** More than any message of a mechanism takes for a name that may be looked up. */
const LONGEST = 4_096;

/** The text of base64 as it is written here: padded, without blanks. Undefined for all that is not it. */
export function readBase64(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > LONGEST) return undefined;
  const bytes = Buffer.from(value, "base64");
  return bytes.toString("base64") === value && isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** Its UTF-8. */
export function writeBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
