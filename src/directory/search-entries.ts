import { DirectoryError } from "../errors.ts";
import type { Entry } from "../ldap/entry.ts";
import type { Answer } from "./connection.ts";
import type { SearchQuery } from "./directory.ts";
import { MOST_ENTRIES } from "./message-stream.ts";
import { readEntry } from "./read-entry.ts";
import { type Page, type Request, type SearchTerms, search } from "./requests.ts";
import { resultError, SIZE_LIMIT_EXCEEDED, SUCCESS } from "./result-codes.ts";

/** Sends one request over the connection that this operation runs on. */
export type Ask = (request: Request) => Promise<Answer>;

/** What a search brought. */
export interface Found {
  readonly entries: readonly Entry[];
  /** Where it is to be continued (RFC 4511 section 4.5.3): the URLs of each are alternatives. */
  readonly references: readonly (readonly string[])[];
}

const PAGE_SIZE = 500;

/** One search and its entries. */
export async function searchOnce(
  query: SearchQuery,
  terms: SearchTerms,
  server: string,
  ask: Ask,
): Promise<Found> {
  const { limit = MOST_ENTRIES, most } = query;
  const { result, entries, references } = await ask(search(query, terms));
  // Code 4 is what was asked for, unless the server's own limit is a lower one.
  const isWanted =
    query.limit !== undefined && result.code === SIZE_LIMIT_EXCEEDED && entries.length >= limit;
  const isComplete = result.code === SUCCESS || isWanted;
  if (!isComplete) throw resultError(server, result);
  demandAtMost(most, entries.length);
  if (entries.length > limit) {
    const message = `${server} sent more entries than were asked for`;
    throw new DirectoryError(message, { code: "protocol" });
  }
  return { entries: entries.map(readEntry), references };
}

/**
 * The same page by page (RFC 2696), which gets round the limit that Active Directory has for one answer. The
 * connection must be this operation's alone: OpenLDAP remembers one paged search per connection.
 */
export async function searchPages(
  query: SearchQuery,
  terms: SearchTerms,
  server: string,
  ask: Ask,
): Promise<Found> {
  const entries: Entry[] = [];
  const references: (readonly string[])[] = [];
  let cookie: Buffer | undefined = Buffer.alloc(0);
  while (cookie) {
    const page: Page = { size: PAGE_SIZE, cookie };
    const answer = await ask(search(query, terms, page));
    if (answer.result.code !== SUCCESS) throw resultError(server, answer.result);
    for (const entry of answer.entries) entries.push(readEntry(entry));
    for (const urls of answer.references) references.push(urls);
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
  return { entries, references };
}

/** Throws the error `limit` for more entries than there may be. */
export function demandAtMost(most: number | undefined, count: number): void {
  if (most === undefined || count <= most) return;
  throw new DirectoryError(`More than ${most} entries`, { code: "limit" });
}
