import type { Deadline } from "../directory/deadline.ts";
import type { Searches, SearchQuery } from "../directory/directory.ts";
import { DirectoryError } from "../errors.ts";
import { ANY_ENTRY, type AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import type { Entry } from "../ldap/entry.ts";
import { entryId, entryIdFilter } from "../ldap/entry-id.ts";
import { ACCOUNT_ATTRIBUTES, accountStateOf } from "./account-state.ts";
import type { Person } from "./person.ts";
import type { RereadResult, SignOutReason } from "./provider.ts";
import { attributesToRead, readPerson } from "./read-person.ts";

/** Reads somebody again who logged in earlier. Rejects with a `DirectoryError`. */
export type Reread = (person: Person, deadline: Deadline) => Promise<RereadResult>;

/** Where and how people are read again. */
export interface RereadSettings {
  readonly url: AuthLdapUrl;
  /** The attributes to keep of an entry. */
  readonly wanted: readonly string[];
  /** Whether what an entry says of its account counts, see account-state.ts. */
  readonly looksAtAccount: boolean;
}

/**
 * Prepares the look at a person that a live session takes from time to time: their entry must be the same one, match the URL's filter, and have a
 * usable account. One that does not stand where it stood is looked for by its id, in a second search below the URL's base. Only a complete answer
 * of the directory says that somebody is gone.
 */
export function prepareReread(directory: Searches, settings: RereadSettings): Reread {
  const { url, wanted, looksAtAccount } = settings;
  const attributes = attributesToRead(
    url.loginAttribute,
    looksAtAccount ? [...wanted, ...ACCOUNT_ATTRIBUTES] : wanted,
  );
  const filter = url.filter ?? ANY_ENTRY;

  /** The entry where it stood, or why it is not the one. */
  async function readInPlace(
    { dn, id }: Person,
    deadline: Deadline,
  ): Promise<Entry | SignOutReason> {
    const query = { base: dn, scope: "base", filter, attributes, limit: 1 } as const;
    const entries = await find(query, deadline);
    if (entries === undefined) return "gone";
    const [entry] = entries;
    if (entry === undefined) return "no-match";
    return entryId(entry) === id ? entry : "replaced";
  }

  async function readElsewhere(id: string, deadline: Deadline): Promise<Entry | undefined> {
    const { base, scope } = url;
    const sought = { type: "and", filters: [filter, entryIdFilter(id)] } as const;
    const query = { base, scope, filter: sought, attributes, limit: 2 };
    const [entry, another] = (await find(query, deadline)) ?? [];
    if (another !== undefined) {
      throw new DirectoryError("Two entries have one id.", { code: "protocol" });
    }
    return entry && entryId(entry) === id ? entry : undefined;
  }

  /** Undefined where there is no such base. */
  async function find(
    query: SearchQuery,
    deadline: Deadline,
  ): Promise<readonly Entry[] | undefined> {
    try {
      return await directory.search(query, deadline);
    } catch (error) {
      if (error instanceof DirectoryError && error.code === "no-such-object") return undefined;
      throw error;
    }
  }

  async function readAgain(person: Person, deadline: Deadline): Promise<Entry | SignOutReason> {
    const inPlace = await readInPlace(person, deadline);
    if (typeof inPlace === "object" || person.id === undefined) return inPlace;
    return (await readElsewhere(person.id, deadline)) ?? inPlace;
  }

  return async (person, deadline) => {
    const entry = await readAgain(person, deadline);
    if (typeof entry === "string") return { ok: false, reason: entry };
    const state = looksAtAccount ? accountStateOf(entry, Date.now()) : undefined;
    if (state !== undefined) return { ok: false, reason: state };
    const now = readPerson(entry, person.username, url.loginAttribute, wanted);
    const { provider } = person;
    return { ok: true, person: provider === undefined ? now : { ...now, provider } };
  };
}
