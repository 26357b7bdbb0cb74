import { normalizeDn } from "../../ldap/dn.ts";
import { element } from "../ber-element.ts";
import { compileFilter, type FindAttributes } from "../compile-filter.ts";
import { entriesInScope, findBase } from "../dereference.ts";
import type { DirectoryState, Session } from "../directory-state.ts";
import type { StoredEntry } from "../entry-tree.ts";
import type { Control } from "../message.ts";
import { nextPage, PAGED_RESULTS } from "../paged-results.ts";
import { continuationOf, isReferral, referElsewhere } from "../referral.ts";
import type { SearchRequest } from "../request.ts";
import { RESULT, type Result } from "../result.ts";
import { MANAGE_DSA_IT, rootDse } from "../root-dse.ts";
import { type AttributeDescription, isSubtype } from "../schema.ts";

/** RFC 4511 section 4.5. `send` gets each encoded SearchResultEntry and SearchResultReference. */
export function search(
  state: DirectoryState,
  session: Session,
  request: SearchRequest,
  controls: readonly Control[],
  send: (entry: Buffer) => void,
): Result {
  const managed = controls.some(({ oid }) => oid === MANAGE_DSA_IT);
  const { scope } = request;
  const referral = referElsewhere(state, request.dn, { managed, scope });
  if (referral !== undefined) return referral;
  const found = findEntries(state, session, request, managed);
  if ("code" in found) return found;
  const limit = smallerLimit(request.sizeLimit, state.sizeLimit);
  const paging = controls.find(({ oid }) => oid === PAGED_RESULTS);
  const page = paging && nextPage(session, request, paging, found.entries);
  if (page !== undefined && "code" in page) return page;
  const entries = page?.entries ?? found.entries;
  const encode = createEntryEncoder(state, session, request);
  for (const entry of limit === 0 ? entries : entries.slice(0, limit)) send(encode(entry));
  // Of a search in pages, with the last one.
  if (paging === undefined || session.page === undefined) {
    for (const entry of found.referrals) {
      const urls = continuationOf(state, entry, scope).map((url) => element(0x04, url));
      send(element(0x73, ...urls));
    }
  }
  if (limit !== 0 && entries.length > limit) return { code: RESULT.sizeLimitExceeded };
  return { code: RESULT.success, ...(page && { controls: [page.control] }) };
}

/** The smaller of two limits, of which 0 is none. */
function smallerLimit(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}

export interface Found {
  readonly entries: readonly StoredEntry[];
  /** What stands for other servers' entries, whatever the filter. */
  readonly referrals: readonly StoredEntry[];
}

/** What a search finds, or why it can't be done. */
export function findEntries(
  state: DirectoryState,
  session: Session,
  request: SearchRequest,
  managed: boolean,
): Found | Result {
  const { who } = session;
  const key = normalizeDn(request.dn);
  if (key === undefined) return { code: RESULT.invalidDnSyntax, message: "invalid DN" };
  const match = compileFilter(state, readableAttributes(state, who), request.filter);
  if (key === "" && request.scope === "base") {
    const entry = rootDse(state);
    return { entries: match(entry) === true ? [entry] : [], referrals: [] };
  }
  const base = findBase(state, who, key, request.dereference);
  if ("code" in base) return base;
  const entries: StoredEntry[] = [];
  const referrals: StoredEntry[] = [];
  for (const entry of entriesInScope(state.tree, base, request.scope, request.dereference)) {
    if (state.access({ who, operation: "search", dn: entry.key }) !== true) continue;
    if (!managed && isReferral(entry)) referrals.push(entry);
    else if (match(entry) === true) entries.push(entry);
  }
  return { entries, referrals };
}

/** Finds only the attributes that this client may read: a filter must not tell what the entry would not. */
function readableAttributes(state: DirectoryState, who: string): FindAttributes {
  return (entry, asked) =>
    mayRead(state, who, entry, asked)
      ? state.view
          .find(entry, asked)
          .filter(({ description }) => mayRead(state, who, entry, description))
      : undefined;
}

function mayRead(
  state: DirectoryState,
  who: string,
  entry: StoredEntry,
  description: AttributeDescription,
): boolean {
  const attribute = description.type.name.toLowerCase();
  return state.access({ who, operation: "search", dn: entry.key, attribute }) === true;
}

/** Writes SearchResultEntries with what was asked for and this client may read. */
export function createEntryEncoder(
  state: DirectoryState,
  { who }: Session,
  request: SearchRequest,
): (entry: StoredEntry) => Buffer {
  const isAsked = selectAttributes(state, request.attributes);
  return (entry) => {
    const attributes = state.view
      .all(entry)
      .filter(({ description }) => isAsked(description))
      .filter(({ description }) => mayRead(state, who, entry, description))
      .map(({ description, values }) =>
        element(
          0x30,
          element(0x04, description.name),
          element(0x31, ...(request.typesOnly ? [] : values.map((value) => element(0x04, value)))),
        ),
      );
    return element(0x64, element(0x04, entry.dn), element(0x30, ...attributes));
  };
}

/** What the list of attributes asks for (RFC 4511 section 4.5.1.8; `+` is RFC 3673). */
function selectAttributes(
  { schema }: DirectoryState,
  names: readonly string[],
): (description: AttributeDescription) => boolean {
  const users = names.length === 0 || names.includes("*");
  const operational = names.includes("+");
  const asked = names
    .map((name) => schema.describe(name))
    .filter((description) => description !== undefined);
  return (description) =>
    (description.type.operational ? operational : users) ||
    asked.some((each) => isSubtype(schema, description, each));
}
