import { isWithin } from "../../directory/part-of-tree.ts";
import { ANY_ENTRY, type AuthLdapUrl } from "../../ldap/auth-ldap-url.ts";
import { textValues } from "../../ldap/entry.ts";
import type { SubjectQuestion } from "../subject.ts";

/** What a server says about itself (RFC 4512 section 5.1), as far as it concerns groups. */
export interface ServerKind {
  /** It follows groups in groups by itself (the matching rule 1.2.840.113556.1.4.1941). */
  readonly isActiveDirectory: boolean;
  /** Where it has `memberOf`, that lists groups of groups too. True of 389 Directory Server and FreeIPA; not of OpenLDAP's overlay. */
  readonly hasTransitiveMemberOf: boolean;
  readonly namingContexts: readonly string[];
}

/** Tells what kind of server a directory is. Rejects with a `DirectoryError`. */
export interface ServerKinds {
  of(question: SubjectQuestion): Promise<ServerKind>;
  /** It did not answer as its kind does: it is asked again next time. */
  forget(question: SubjectQuestion): void;
}

/** Milliseconds. A server may be replaced behind its name. */
const REMEMBERED = 600_000;

/** LDAP_CAP_ACTIVE_DIRECTORY_OID and its AD LDS counterpart ([MS-ADTS] section 3.1.1.3.4.3). */
const ACTIVE_DIRECTORY = ["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1851"];

/** Asks a directory once, and again after ten minutes. */
export function rememberServerKinds(): ServerKinds {
  const known = new WeakMap<AuthLdapUrl, { readonly kind: ServerKind; readonly at: number }>();
  return {
    async of(question) {
      const { url } = question;
      const remembered = known.get(url);
      if (remembered && performance.now() - remembered.at < REMEMBERED) return remembered.kind;
      const kind = await ask(question);
      // A server that says nothing about itself may only have said it to nobody.
      if (kind.namingContexts.length > 0) known.set(url, { kind, at: performance.now() });
      return kind;
    },
    forget: ({ url }) => known.delete(url),
  };
}

async function ask({ identities, deadline }: SubjectQuestion): Promise<ServerKind> {
  const attributes = ["namingContexts", "supportedCapabilities", "vendorName"];
  const query = { base: "", scope: "base", filter: ANY_ENTRY, attributes, limit: 1 } as const;
  const [entry] = await identities.groups.search(query, deadline);
  const values = (name: string) => (entry ? textValues(entry, name) : []);
  const capabilities = values("supportedCapabilities");
  return {
    isActiveDirectory: ACTIVE_DIRECTORY.some((oid) => capabilities.includes(oid)),
    hasTransitiveMemberOf: values("vendorName").some((name) => /^389 Project\b/i.test(name)),
    namingContexts: values("namingContexts"),
  };
}

/** The naming context that an entry is in; undefined if the server does not say. */
export function contextOf(dn: string, { namingContexts }: ServerKind): string | undefined {
  const all = namingContexts.filter((context) => context !== "" && isWithin(dn, context));
  return all.sort((a, b) => b.length - a.length)[0];
}
