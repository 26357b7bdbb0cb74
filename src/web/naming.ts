import { type Person, valuesOf } from "../authentication/person.ts";
import { type AuthLdapUrl, exposedAttributes } from "../ldap/auth-ldap-url.ts";

/** What is said about a person's names and variables. */
export interface Naming {
  /** The attributes of the URL, as spelled there. */
  readonly attributes: readonly string[];
  /** Those of them that `req.authenticated` shows. */
  readonly exposed: readonly string[];
  readonly authorizePrefix: string;
  /** Whom the name was bound as at first (LDAP_BINDASUSER); absent where that is not shown. */
  readonly bindAs?: (name: string) => string;
  /** REMOTE_USER of somebody whose entry is known; undefined where they lack the attribute that it is made of. */
  remoteUser(entry: Person, name: string): string | undefined;
}

/** AuthLDAPRemoteUserIsDN and AuthLDAPRemoteUserAttribute. */
export type RemoteUser =
  | "name"
  | "dn"
  | { readonly attribute: string; readonly orDn?: boolean }
  | undefined;

/**
 * How somebody is called whose entry is known. An attribute that the URL does not list in exactly this spelling has no
 * effect, as in httpd; one that the entry lacks gives no name at all.
 */
export function prepareNaming(
  url: AuthLdapUrl,
  remoteUser: RemoteUser,
  authorizePrefix = "AUTHORIZE_",
): Naming {
  const isAttribute = typeof remoteUser === "object";
  const attribute =
    isAttribute && isRead(url, remoteUser.attribute) ? remoteUser.attribute : undefined;
  const isDn = isAttribute ? remoteUser.orDn === true : remoteUser === "dn";
  return {
    attributes: url.attributes,
    exposed: exposedAttributes(url),
    authorizePrefix,
    remoteUser(entry, name) {
      // Somebody of a password file has no entry, and goes by the name alone.
      if (entry.dn === "") return name;
      if (attribute !== undefined) return joined(entry, attribute);
      return isDn ? entry.dn : name;
    },
  };
}

/** A URL without attributes reads `uid`. */
function isRead({ attributes, loginAttribute }: AuthLdapUrl, attribute: string): boolean {
  return attributes.length > 0 ? attributes.includes(attribute) : attribute === loginAttribute;
}

function joined(entry: Person, attribute: string): string | undefined {
  const values = valuesOf(entry, attribute);
  return values.length > 0 ? values.join("; ") : undefined;
}
