import type { DirectoryState } from "./directory-state.ts";
import type { StoredAttribute, StoredEntry } from "./entry-tree.ts";
import { PAGED_RESULTS } from "./paged-results.ts";

/** The extended operations that are understood. */
export const EXTENDED = {
  startTls: "1.3.6.1.4.1.1466.20037",
  passwordModify: "1.3.6.1.4.1.4203.1.11.1",
  whoAmI: "1.3.6.1.4.1.4203.1.11.3",
} as const;

/** Asks for the password policy's answer to a bind (draft-behera-ldap-password-policy). */
export const PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1";

/** Asks for the entries that stand for other servers themselves (RFC 3296 section 4). */
export const MANAGE_DSA_IT = "2.16.840.1.113730.3.4.2";

/** Asks for all changes from now on (RFC 4533). */
export const SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1";

/** The controls that are understood; another one that is critical is refused. */
export function supportedControls({ changeLog }: DirectoryState): readonly string[] {
  const always = [PAGED_RESULTS, PASSWORD_POLICY, MANAGE_DSA_IT];
  return changeLog ? [...always, SYNC_REQUEST] : always;
}

/** What the directory says about itself (RFC 4512 section 5.1). */
export function rootDse(state: DirectoryState): StoredEntry {
  const attributes = new Map<string, StoredAttribute>();
  const set = (name: string, values: readonly string[]): void => {
    const description = state.schema.describe(name);
    if (description === undefined || values.length === 0) return;
    attributes.set(description.key, {
      description,
      values: values.map((value) => Buffer.from(value)),
    });
  };
  const { startTls, ...others } = EXTENDED;
  set("objectClass", ["top", "OpenLDAProotDSE"]);
  set(
    "namingContexts",
    state.tree.namingContexts().map(({ dn }) => dn),
  );
  set("supportedControl", supportedControls(state));
  set("supportedExtension", [
    ...(state.offersStartTls ? [startTls] : []),
    ...Object.values(others),
  ]);
  // All operational attributes, (&) and (|), increment: RFC 3673, 4526, 4525.
  set("supportedFeatures", ["1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3", "1.3.6.1.1.14"]);
  set("supportedLDAPVersion", ["3"]);
  if (state.offersStartTls) set("supportedSASLMechanisms", ["EXTERNAL"]);
  return { dn: "", key: "", attributes };
}
