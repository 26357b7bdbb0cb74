import { readFileSync } from "node:fs";

/** What the real `postmap -q KEY ldap:FILE` did, with a slapd on `directory.ldif`. */
export interface RecordedLookup {
  readonly id: string;
  readonly group: string;
  readonly note?: string;
  /** The text of FILE; null: there is none. */
  readonly cf: string | null;
  /** Where it is not UTF-8, `keyHex` is it. */
  readonly key: string;
  readonly keyHex?: string;
  readonly exit: number;
  readonly stdout: string;
  readonly outcome: "found" | "notfound" | "error";
  /** What it said on standard error. */
  readonly messages: readonly string[];
  /** What Postfix handed to libldap; control characters are `?`. Null: no search was made. */
  readonly filter: string | null;
  readonly url?: string | null;
  readonly protocol?: number | null;
  /** What slapd logged. */
  readonly ldap: readonly string[];
}

/** All of them. */
export const recordedLookups: readonly RecordedLookup[] = JSON.parse(
  readFileSync(new URL("../fixtures/postfix/lookups.json", import.meta.url), "utf8"),
);

/** Whether Postfix could not even open the table. */
export function isFatalAtOpen({ messages }: RecordedLookup): boolean {
  return messages.some((line) => line.startsWith("fatal: ") && !line.endsWith("query error"));
}

/** What Postfix opens, and then fails with at every look-up: here it is wrong from the start. */
export const refusedAtOpen: ReadonlyMap<string, string> = new Map([
  [
    "limits-043",
    "expansion_limit = -1 is sent as the size limit: every server calls that a protocol error",
  ],
  ["limits-044", "size_limit = -1 is the same"],
  ["servers-019", "http://… is no server that could be connected to"],
  ["servers-027", "nonsense://x is none either, and Postfix does not get to the next one"],
  ["servers-030", "no server has the port -1"],
]);
