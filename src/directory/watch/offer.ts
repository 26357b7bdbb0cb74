import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import type { Entry } from "../../ldap/entry.ts";
import { textValues } from "../../ldap/entry.ts";
import type { Connection } from "../connection.ts";
import { isWithin } from "../part-of-tree.ts";
import { readEntry } from "../read-entry.ts";
import { search } from "../requests.ts";
import { SUCCESS } from "../result-codes.ts";

/** What a server says of itself that matters to who wants to follow its changes (RFC 4512 section 5.1). */
export interface Offer {
  readonly controls: ReadonlySet<string>;
  /** The whole tree that a base is in: the groups are there, too. Undefined where the server does not tell. */
  readonly context: string | undefined;
  /** The attribute of the root DSE that counts the server's changes: Active Directory's, or a retro changelog's. */
  readonly counter: string | undefined;
}

const COUNTERS = ["highestCommittedUSN", "lastChangeNumber"] as const;
const CONTEXTS = ["namingContexts", "defaultNamingContext"] as const;

/** Asks the root DSE. Rejects with a `DirectoryError` if the connection is lost. */
export async function askOffer(
  connection: Connection,
  base: string,
  timeout: number,
): Promise<Offer> {
  const attributes = ["supportedControl", ...CONTEXTS, ...COUNTERS];
  const root = await readOne(connection, "", attributes, timeout);
  if (!root) return { controls: new Set(), context: undefined, counter: undefined };
  return {
    controls: new Set(textValues(root, "supportedControl")),
    context: contextOf(root, base),
    counter: COUNTERS.find((name) => textValues(root, name).length > 0),
  };
}

/** The smallest tree around the base; for a base above several trees, the server's own. */
function contextOf(root: Entry, base: string): string | undefined {
  const contexts = textValues(root, "namingContexts").filter((context) => context !== "");
  const [own] = textValues(root, "defaultNamingContext");
  const around = contexts.filter((context) => isWithin(base, context));
  around.sort((a, b) => (isWithin(a, b) ? -1 : 1));
  const inside = contexts.filter((context) => isWithin(context, base));
  return around[0] ?? own ?? (inside.length === 1 ? inside[0] : undefined);
}

/** One entry by its DN; undefined where there is none, or nothing of it may be seen. Rejects only if the connection is lost. */
export async function readOne(
  connection: Connection,
  dn: string,
  attributes: readonly string[],
  timeout: number,
): Promise<Entry | undefined> {
  const query = { base: dn, scope: "base", filter: ANY_ENTRY, attributes, limit: 1 } as const;
  const seconds = Math.max(1, Math.ceil(timeout / 1_000));
  const { result, entries } = await connection.request(search(query, { seconds }), timeout);
  const [entry] = entries;
  return result.code === SUCCESS && entry ? readEntry(entry) : undefined;
}
