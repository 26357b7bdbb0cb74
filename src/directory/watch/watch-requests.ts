import { type BerWriter, Control, SearchRequest } from "ldapts";
import { ANY_ENTRY } from "../../ldap/auth-ldap-url.ts";
import { ID_ATTRIBUTES } from "../../ldap/entry-id.ts";
import type { SearchQuery } from "../directory.ts";
import type { Request } from "../requests.ts";
import { toLdaptsFilter } from "../to-ldapts-filter.ts";

/** Content synchronization (RFC 4533). */
export const SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1";
/** Active Directory's change notification (LDAP_SERVER_NOTIFICATION_OID). */
export const CHANGE_NOTIFICATION = "1.2.840.113556.1.4.528";
/** Active Directory shows deleted entries, too, to who may see them (LDAP_SERVER_SHOW_DELETED_OID). */
const SHOW_DELETED = "1.2.840.113556.1.4.417";

/** Which entries are followed. */
export type Part = Pick<SearchQuery, "base" | "scope">;

/** All changes after the cookie's time; without one, all entries first. It goes on until the connection ends. */
export function synchronize(part: Part, cookie: Buffer | undefined): Request {
  return follow(part, [new SyncRequestControl(cookie)]);
}

/** All changes from now on: of a domain, or of all that lies directly below its base. */
export function notify(part: Part): Request {
  return follow(part, [
    new Control(CHANGE_NOTIFICATION, { critical: true }),
    new Control(SHOW_DELETED),
  ]);
}

/** No values that are anybody's business: what kind of entry it is, and what names it for good. */
const ATTRIBUTES = ["objectClass", ...ID_ATTRIBUTES];

/** Critical, or a server that does not know the control would send the whole tree. */
function follow({ base: baseDN, scope }: Part, controls: readonly Control[]): Request {
  const filter = toLdaptsFilter(ANY_ENTRY);
  return {
    operation: "search",
    write: (messageId) =>
      new SearchRequest({
        messageId,
        baseDN,
        scope,
        filter,
        attributes: ATTRIBUTES,
        timeLimit: 0,
        controls: [...controls],
      }).write(),
  };
}

const REFRESH_AND_PERSIST = 3;

/** RFC 4533 section 2.2. */
class SyncRequestControl extends Control {
  readonly #cookie: Buffer | undefined;

  constructor(cookie: Buffer | undefined) {
    super(SYNC_REQUEST, { critical: true });
    this.#cookie = cookie;
  }

  override writeControl(writer: BerWriter): void {
    writer.startSequence(0x04);
    writer.startSequence();
    writer.writeEnumeration(REFRESH_AND_PERSIST);
    if (this.#cookie) writer.writeBuffer(this.#cookie, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
}
