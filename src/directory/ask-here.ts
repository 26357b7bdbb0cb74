import { DirectoryError } from "../errors.ts";
import { formatFilter } from "../ldap/format-filter.ts";
import type { Deadline } from "./deadline.ts";
import type { SearchQuery } from "./directory.ts";
import type { DereferenceAliases } from "./directory-settings.ts";
import type { ConnectionKind, Operation, Servers } from "./open-servers.ts";
import { passwordVerdict } from "./password-verdict.ts";
import type { Referrals } from "./referrals.ts";
import { type Report, reported } from "./report.ts";
import { compare, personBind } from "./requests.ts";
import {
  BindReferred,
  BindRefused,
  compareVerdict,
  INVALID_CREDENTIALS,
  isRefusal,
  REFERRAL,
  SIZE_LIMIT_EXCEEDED,
  SUCCESS,
} from "./result-codes.ts";
import { type Ask, type Found, searchOnce, searchPages } from "./search-entries.ts";

/** Under which identity questions are asked. */
export interface Identity {
  readonly dn: string;
  readonly password: string;
}

/** Whom to ask, and how. */
export interface Asking {
  readonly servers: Servers;
  /** Where a referral led here: the server's name, and the part of the tree that it was named for. */
  readonly origin?: { readonly server: string; readonly part: string };
  readonly referrals: Referrals;
  readonly dereferenceAliases: DereferenceAliases | undefined;
  /** Default: the service account's. */
  readonly identity?: Identity;
  /** Hears of each operation. Default: nobody does. */
  readonly report?: Report;
}

/** What to compare (RFC 4511 section 4.10). */
export interface Comparison {
  readonly dn: string;
  readonly attribute: string;
  readonly value: string | Buffer;
}

/** The entries of these servers alone, and where they refer to. */
export function searchHere(asking: Asking, query: SearchQuery, deadline: Deadline): Promise<Found> {
  const seconds = Math.max(1, Math.ceil(deadline.remaining() / 1_000));
  const terms = { seconds, dereferenceAliases: asking.dereferenceAliases };
  const what = () => {
    const { base: dn, scope, filter } = query;
    return { operation: "search", dn, scope, filter: formatFilter(filter) } as const;
  };
  const describe = ({ entries }: Found) => `found ${entries.length}`;
  return reported(asking.report, what, describe, (heard) => {
    const found = perform(asking, "search", deadline, heard, (ask, server) =>
      searchOnce(query, terms, server, ask),
    );
    if (query.limit !== undefined || query.most !== undefined) return found;
    return found.catch((error: unknown) => {
      if (!isSizeLimit(error)) throw error;
      return perform(asking, "pages", deadline, heard, (ask, server) =>
        searchPages(query, terms, server, ask),
      );
    });
  });
}

/** The verdict of these servers alone. */
export function compareHere(
  asking: Asking,
  { dn, attribute, value }: Comparison,
  deadline: Deadline,
): Promise<boolean> {
  const what = () => ({ operation: "compare", dn, attribute }) as const;
  return reported(asking.report, what, String, (heard) =>
    perform(asking, "search", deadline, heard, async (ask, server) => {
      const { result } = await ask(compare(dn, attribute, value));
      return compareVerdict(server, result);
    }),
  );
}

/** On a connection that only searches; or, as somebody, on one of those that check passwords, bound for just this. */
function perform<T>(
  { servers, identity }: Asking,
  kind: ConnectionKind,
  deadline: Deadline,
  heard: (server: string) => void,
  operation: Operation<T>,
): Promise<T> {
  if (identity) return performAs(identity, servers, deadline, heard, operation);
  return servers.perform(kind, deadline, (ask, server) => {
    heard(server);
    return operation(ask, server);
  });
}

async function performAs<T>(
  identity: Identity,
  servers: Servers,
  deadline: Deadline,
  heard: (server: string) => void,
  operation: Operation<T>,
): Promise<T> {
  // An empty one would be an anonymous bind, which succeeds (RFC 4513 section 5.1).
  if (!isText(identity.dn.trim()) || !isText(identity.password)) {
    throw new BindRefused("Nobody to ask as.");
  }
  return servers.perform("bind", deadline, async (ask, server) => {
    heard(server);
    await bindAs(identity, ask, server);
    return operation(ask, server);
  });
}

function isText(text: unknown): boolean {
  return typeof text === "string" && text !== "";
}

async function bindAs({ dn, password }: Identity, ask: Ask, server: string): Promise<void> {
  const { result } = await ask(personBind(dn, password));
  const isVerdict = result.code === SUCCESS || isRefusal(result.code);
  const { accepted, state } = isVerdict ? passwordVerdict(server, result) : { accepted: false };
  if (accepted && state === undefined) return;
  // Whoever may do nothing but change a password is refused, as Active Directory refuses them.
  const resultCode = accepted ? INVALID_CREDENTIALS : result.code;
  const message = `${server} refuses the bind of the person who asks (result code ${resultCode})`;
  if (resultCode === REFERRAL) throw new BindReferred(message, result.referral ?? []);
  throw new BindRefused(message, { resultCode, ...(state && { state }) });
}

function isSizeLimit(error: unknown): boolean {
  return error instanceof DirectoryError && error.resultCode === SIZE_LIMIT_EXCEEDED;
}
