import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";

/** Something that the directory was seen to have changed. */
export type Change =
  /** One entry: added, modified, renamed or deleted. At least one of `dn` and `id` is known. */
  | {
      readonly kind: "entry";
      /** As the server spells it: where the entry stands now, or where it stood when it was deleted. */
      readonly dn?: string;
      /** As `entryId` reads it. */
      readonly id?: string;
      /** The lower-case values of its objectClass. Absent where the server does not tell, as of a deleted entry. */
      readonly classes?: readonly string[];
    }
  /** Anything may have: the watch began anew, or the server tells no more than that. */
  | { readonly kind: "anything" };

/**
 * How changes are followed: see the option `watch`.
 *
 * - `syncrepl`: content synchronization (RFC 4533), at once
 * - `notification`: Active Directory's change notification, at once (Samba's after two seconds or so)
 * - `poll`: one look at the server's change counter a second
 * - `interval`: not at all
 */
export type WatchMode = "syncrepl" | "notification" | "poll" | "interval";

/** What to follow. */
export interface WatchSettings {
  /** Where the people are. */
  readonly base: string;
  readonly scope: AuthLdapUrl["scope"];
  /** Hears how changes are followed from now on; undefined while they are not, as the server is away. Must not throw. */
  readonly onMode?: (mode: WatchMode | undefined) => void;
}

/** A listener to a directory's changes. It never rejects, and reconnects by itself. */
export interface Watch {
  /** How it follows at the moment; undefined until that is known, or while the server is away. */
  readonly mode: WatchMode | undefined;
  close(): Promise<void>;
}
