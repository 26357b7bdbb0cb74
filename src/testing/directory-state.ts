import type { MayAccess } from "./access.ts";
import type { ChangeLog } from "./content-sync.ts";
import type { EntryTree } from "./entry-tree.ts";
import type { EntryView } from "./entry-view.ts";
import type { Schema } from "./schema.ts";

/** What all connections share. */
export interface DirectoryState {
  readonly schema: Schema;
  readonly tree: EntryTree;
  readonly view: EntryView;
  readonly access: MayAccess;
  readonly anonymous: "read" | "bind" | "refuse";
  /** May do everything, as slapd's rootdn. The DN is normalised. */
  readonly administrator: { readonly dn: string; readonly password: string } | undefined;
  readonly allowUnauthenticatedBind: boolean;
  /** The most entries that one search returns; 0 = no limit. */
  readonly sizeLimit: number;
  readonly offersStartTls: boolean;
  /** Absent where no content synchronization is offered. */
  readonly changeLog: ChangeLog | undefined;
}

/** One client's standing with the directory (RFC 4513 section 5): who it is, and over what it talks. */
export interface Session {
  readonly connection: number;
  secure: boolean;
  /** Who is bound; "" while nobody is. Normalised. */
  who: string;
  /** The same as it is spelled, for "who am I". */
  whoSpelled: string;
  /** How many binds have come: an earlier one that is not decided comes to nothing. */
  binds: number;
  /** Only the password may be changed (password policy's pwdReset). */
  mustChangePassword: boolean;
  /** The subject of the client certificate, if it showed one of our CA. */
  certificateSubject(): string | undefined;
  /** The paged search that goes on, if one does. */
  page: PagedSearch | undefined;
}

/** Where a paged search stands (RFC 2696). */
export interface PagedSearch {
  readonly cookie: string;
  /** What must be the same in each request of it. */
  readonly question: string;
  readonly keys: readonly string[];
  readonly position: number;
}

/** Nobody is bound any more. */
export function forgetIdentity(session: Session): void {
  session.who = "";
  session.whoSpelled = "";
  session.mustChangePassword = false;
  session.page = undefined;
}
