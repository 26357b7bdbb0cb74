import { textValues } from "../../ldap/entry.ts";
import type { Connection } from "../connection.ts";
import { readOne } from "./offer.ts";

/** When an OpenLDAP server's tree last changed, one for each server that takes writes. */
const CSN = /^\d{14}\.\d{6}Z#[0-9a-f]{6}#[0-9a-f]{3}#[0-9a-f]{6}$/i;
const MOST_CSNS = 64;

/**
 * A cookie that says "everything up to now is known", so that no tree need be fetched to follow its changes. Undefined where the server is no
 * OpenLDAP, or does not show its contextCSN.
 */
export async function currentCookie(
  connection: Connection,
  context: string,
  timeout: number,
): Promise<Buffer | undefined> {
  const csns = await contextCsn(connection, context, timeout);
  if (csns.length === 0 || csns.length > MOST_CSNS || !csns.every((csn) => CSN.test(csn))) {
    return undefined;
  }
  // As slapd orders them: by the servers' numbers.
  const sorted = [...csns].sort((a, b) => (serverOf(a) < serverOf(b) ? -1 : 1));
  return Buffer.from(`rid=000,csn=${sorted.join(";")}`);
}

export async function contextCsn(
  connection: Connection,
  context: string,
  timeout: number,
): Promise<readonly string[]> {
  const entry = await readOne(connection, context, ["contextCSN"], timeout);
  return entry ? textValues(entry, "contextCSN") : [];
}

function serverOf(csn: string): string {
  return csn.split("#")[2] ?? "";
}
