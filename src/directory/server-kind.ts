import { textValues } from "../ldap/entry.ts";
import type { SearchQuery } from "./directory.ts";
import { readEntry } from "./read-entry.ts";
import { search } from "./requests.ts";
import { resultError, SUCCESS } from "./result-codes.ts";
import type { Ask } from "./search-entries.ts";

/** What a server says of itself (RFC 4512 section 5.1). */
const ROOT: SearchQuery = {
  base: "",
  scope: "base",
  filter: { type: "present", attribute: "objectClass" },
  attributes: ["supportedCapabilities"],
};

/** LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] section 3.1.1.3.4.3): Active Directory, and Samba. */
const ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800";

/** Whether the server is an Active Directory. One that does not tell is none. Rejects with a `DirectoryError`. */
export async function askIsActiveDirectory(ask: Ask, server: string): Promise<boolean> {
  const { result, entries } = await ask(search(ROOT, { seconds: 1 }));
  if (result.code !== SUCCESS) throw resultError(server, result);
  return entries.some((entry) =>
    textValues(readEntry(entry), "supportedCapabilities").includes(ACTIVE_DIRECTORY),
  );
}
