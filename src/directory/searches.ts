import type { Entry } from "../ldap/entry.ts";
import { formatFilter } from "../ldap/format-filter.ts";
import { type Asking, type Comparison, compareHere, searchHere } from "./ask-here.ts";
import type { Deadline } from "./deadline.ts";
import type { Searches, SearchQuery } from "./directory.ts";
import { MOST_ENTRIES } from "./message-stream.ts";
import { demandWithin } from "./part-of-tree.ts";
import type { ReferralUrl } from "./referral-url.ts";
import type { Step, Trail, Way } from "./referrals.ts";
import { BindReferred, Referred } from "./result-codes.ts";
import { demandAtMost, type Found } from "./search-entries.ts";

/** Questions to some servers, under some identity, each reported to whoever wants to know. */
export function prepareSearches(asking: Asking): Searches {
  const { report } = asking;
  return {
    search: (query, deadline) => search(asking, query, deadline),
    compare: (dn, attribute, value, deadline) =>
      compareValue(asking, { dn, attribute, value }, deadline),
    reporting: (also) =>
      prepareSearches({
        ...asking,
        report: (operation) => {
          report?.(operation);
          also(operation);
        },
      }),
  };
}

/** The entries of these servers and, where these refer to others, of those. */
async function search(
  asking: Asking,
  query: SearchQuery,
  deadline: Deadline,
  trail?: Trail,
): Promise<readonly Entry[]> {
  const { referrals } = asking;
  const begun = () => trail ?? referrals.begin(searchKey(asking, query));
  const at = (next: Asking, moved: SearchQuery): Step<readonly Entry[]> => ({
    question: searchKey(next, moved),
    ask: (further) => search(next, moved, deadline, further),
  });
  const goOn = (way: Way, moved: SearchQuery) => at(passOn(asking, way, moved.base), moved);

  let found: Found;
  try {
    found = withOrigin(await searchHere(asking, query, deadline), asking);
  } catch (error) {
    if (!(error instanceof Referred)) throw error;
    const elsewhere = await referrals.follow(error.urls, begun(), (way) =>
      error instanceof BindReferred
        ? at(passOnPerson(asking, way), query)
        : goOn(way, movedQuery(query, way.url)),
    );
    if (elsewhere === undefined) throw error;
    return elsewhere;
  }
  if (found.references.length === 0) return found.entries;

  const { limit = Number.POSITIVE_INFINITY } = query;
  const entries = [...found.entries];
  const way = begun();
  for (const urls of found.references) {
    if (entries.length >= limit) break;
    const rest = query.limit === undefined ? query : { ...query, limit: limit - entries.length };
    const more = await referrals.follow(urls, way, (next) =>
      goOn(next, continuedQuery(rest, next.url)),
    );
    for (const entry of more ?? []) entries.push(entry);
    demandAtMost(query.most ?? MOST_ENTRIES, entries.length);
  }
  return entries;
}

function withOrigin(found: Found, { origin }: Asking): Found {
  if (origin === undefined) return found;
  const { server, part } = origin;
  for (const { dn } of found.entries) demandWithin(dn, part, server);
  return { ...found, entries: found.entries.map((entry) => ({ ...entry, origin: server })) };
}

async function compareValue(
  asking: Asking,
  comparison: Comparison,
  deadline: Deadline,
  trail?: Trail,
): Promise<boolean> {
  const { referrals, origin } = asking;
  const at = (next: Asking, moved: Comparison): Step<boolean> => ({
    question: `${next.identity?.dn} ${moved.dn}`,
    ask: (further) => compareValue(next, moved, deadline, further),
  });
  if (origin) demandWithin(comparison.dn, origin.part, origin.server);
  try {
    return await compareHere(asking, comparison, deadline);
  } catch (error) {
    if (!(error instanceof Referred)) throw error;
    const begun = trail ?? referrals.begin(at(asking, comparison).question);
    const verdict = await referrals.follow(error.urls, begun, (way) => {
      if (error instanceof BindReferred) return at(passOnPerson(asking, way), comparison);
      const dn = way.url.dn ?? comparison.dn;
      return at(passOn(asking, way, dn), { ...comparison, dn });
    });
    if (verdict === undefined) throw error;
    return verdict;
  }
}

/** To ask another server about a part of the tree. One that was itself referred to can't name it for more than it was named for. */
function passOn(asking: Asking, { servers, name }: Way, part: string): Asking {
  const { origin } = asking;
  if (origin) demandWithin(part, origin.part, origin.server);
  return { ...asking, servers, origin: { server: name, part } };
}

/** The person who asks is another server's: it is asked, and believed what it says of that person. */
function passOnPerson(asking: Asking, way: Way): Asking {
  const dn = way.url.dn ?? asking.identity?.dn ?? "";
  const next = passOn(asking, way, dn);
  return asking.identity ? { ...next, identity: { ...asking.identity, dn } } : next;
}

/** The question that a referral leads to (RFC 4511 section 4.1.10). */
function movedQuery(query: SearchQuery, { dn, scope, filter }: ReferralUrl): SearchQuery {
  return {
    ...query,
    base: dn ?? query.base,
    scope: scope ?? query.scope,
    filter: filter ?? query.filter,
  };
}

/** The part of the question that a search's reference leads to (RFC 4511 section 4.5.3). */
function continuedQuery(query: SearchQuery, url: ReferralUrl): SearchQuery {
  // What is referred to is one of the base's children. The RFC wants servers to say so; libldap takes it so where they don't.
  const scope = query.scope === "one" ? "base" : query.scope;
  return movedQuery({ ...query, scope }, url);
}

function searchKey({ identity }: Asking, { base, scope, filter }: SearchQuery): string {
  return `${identity?.dn} ${scope} ${base} ${formatFilter(filter)}`;
}
