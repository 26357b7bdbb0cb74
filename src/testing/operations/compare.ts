import { normalizeDn } from "../../ldap/dn.ts";
import type { DirectoryState, Session } from "../directory-state.ts";
import { valueKeys } from "../entry-tree.ts";
import { matchingKey } from "../matching-rule.ts";
import { noSuchObject, refuseEntry } from "../no-such-object.ts";
import { referElsewhere } from "../referral.ts";
import type { CompareRequest } from "../request.ts";
import { RESULT, type Result } from "../result.ts";

/** RFC 4511 section 4.10, in slapd's order: entry, attribute, access, values. */
export function compare(
  state: DirectoryState,
  session: Session,
  request: CompareRequest,
  managed: boolean,
): Result {
  const key = normalizeDn(request.dn);
  if (key === undefined) return { code: RESULT.invalidDnSyntax, message: "invalid DN" };
  const asked = state.schema.describe(request.attribute);
  if (asked === undefined) {
    return {
      code: RESULT.undefinedAttributeType,
      message: `${request.attribute}: attribute type undefined`,
    };
  }
  if (asked.type.rule === "none") {
    return { code: RESULT.inappropriateMatching, message: "no equality matching rule" };
  }
  const asserted = matchingKey(asked.type.rule, request.value);
  if (asserted === undefined) {
    return { code: RESULT.invalidAttributeSyntax, message: "the value is invalid" };
  }
  const referral = referElsewhere(state, request.dn, { managed });
  if (referral !== undefined) return referral;
  const who = session.who;
  const entry = state.tree.get(key);
  if (entry === undefined) return noSuchObject(state, who, key);
  const access = state.access({ who, operation: "compare", dn: key });
  if (access !== true) return refuseEntry(access);
  const attribute = asked.type.name.toLowerCase();
  if (state.access({ who, operation: "compare", dn: key, attribute }) !== true) {
    return { code: RESULT.insufficientAccessRights };
  }
  const attributes = state.view.find(entry, asked);
  if (attributes.length === 0) return { code: RESULT.noSuchAttribute };
  const isEqual = (valueKey: string | undefined): boolean =>
    valueKey !== undefined &&
    (asked.type.name === "objectClass"
      ? state.schema.isSubclass(valueKey, asserted)
      : valueKey === asserted);
  const equal = attributes.some((stored) => valueKeys(stored).some(isEqual));
  return { code: equal ? RESULT.compareTrue : RESULT.compareFalse };
}
