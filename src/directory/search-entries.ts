import { DirectoryError } from "../errors.ts";
import type { Entry } from "../ldap/entry.ts";
import type { Answer } from "./connection.ts";
import type { SearchQuery } from "./directory.ts";
import { readEntry } from "./read-entry.ts";
import { type Page, type Request, search } from "./requests.ts";
import { resultError, SIZE_LIMIT_EXCEEDED, SUCCESS } from "./result-codes.ts";

/** Sends one request over the connection that this operation runs on. */
export type Ask = (request: Request) => Promise<Answer>;

const PAGE_SIZE = 500;
const MOST_ENTRIES = 100_000;

/** One search and its entries. `seconds` is how long the server may work on it. */
export async function searchOnce(
  query: SearchQuery,
  seconds: number,
  server: string,
  ask: Ask,
): Promise<readonly Entry[]> {
  const { limit = MOST_ENTRIES } = query;
  const { result, entries } = await ask(search(query, seconds));
  // Code 4 is what was asked for, unless the server's own limit is a lower one.
  const isComplete =
    result.code === SUCCESS || (result.code === SIZE_LIMIT_EXCEEDED && entries.length >= limit);
  if (!isComplete) throw resultError(server, result);
  if (entries.length > limit) {
    const message = `${server} sent more entries than were asked for`;
    throw new DirectoryError(message, { code: "protocol" });
  }
  return entries.map(readEntry);
}

/**
 * The same page by page (RFC 2696), which gets round the limit that Active Directory has for one answer. The
 * connection must be this operation's alone: OpenLDAP remembers one paged search per connection.
 */
export async function searchPages(
  query: SearchQuery,
  seconds: number,
  server: string,
  ask: Ask,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let cookie: Buffer | undefined = Buffer.alloc(0);
  while (cookie) {
    const page: Page = { size: PAGE_SIZE, cookie };
    const answer = await ask(search(query, seconds, page));
    if (answer.result.code !== SUCCESS) throw resultError(server, answer.result);
    for (const entry of answer.entries) entries.push(readEntry(entry));
    if (entries.length > MOST_ENTRIES) {
      const message = `${server} found more than ${MOST_ENTRIES} entries`;
      throw new DirectoryError(message, { code: "limit" });
    }
    cookie = answer.result.cookie;
    if (cookie && answer.entries.length === 0) {
      const message = `${server} promises further pages but sends no entries`;
      throw new DirectoryError(message, { code: "protocol" });
    }
  }
  return entries;
}
