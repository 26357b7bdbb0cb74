import { randomBytes } from "node:crypto";
import { normalizeDn } from "../../ldap/dn.ts";
import { hashAsSlapd } from "../../passwords/slapd-password.ts";
import { AttributeEditor } from "../attribute-editor.ts";
import { element, readElements, readText } from "../ber-element.ts";
import type { DirectoryState, Session } from "../directory-state.ts";
import {
  checkNewPassword,
  historyAfter,
  isOneOf,
  type NewPasswordRefusal,
} from "../new-password.ts";
import { encodeVerdict } from "../password-policy.ts";
import type { ExtendedRequest } from "../request.ts";
import { RESULT, type Result } from "../result.ts";
import { PASSWORD_POLICY } from "../root-dse.ts";
import { timestamp } from "../timestamp.ts";

/** Who the connection is bound as (RFC 4532): `dn:…`, or nothing if nobody. */
export function whoAmI({ whoSpelled }: Session): Result {
  const value = whoSpelled === "" ? "" : `dn:${whoSpelled}`;
  return { code: RESULT.success, more: element(0x8b, value) };
}

const SALT_BYTES = 8;

interface PasswordChange {
  readonly user?: string;
  readonly oldPassword?: Buffer;
  readonly newPassword?: Buffer;
}

/**
 * Changes a password (RFC 3062): one's own unless a user is named. Makes one up if none is given. It is stored as {SSHA}. Whether the password policy wants it is
 * told in its control, too, where that is asked for.
 */
export async function modifyPassword(
  state: DirectoryState,
  session: Session,
  request: ExtendedRequest,
  isPolicyAsked = false,
): Promise<Result> {
  const change = decodePasswordChange(request.value);
  if (session.who === "") {
    return {
      code: RESULT.strongerAuthRequired,
      message: "only authenticated users may change passwords",
    };
  }
  const key = normalizeDn((change.user ?? session.whoSpelled).replace(/^dn:/, ""));
  if (key === undefined) return { code: RESULT.invalidDnSyntax, message: "Invalid DN" };
  const entry = state.tree.get(key);
  if (entry === undefined) return { code: RESULT.noSuchObject };
  const access = { who: session.who, operation: "password-modify", dn: key } as const;
  if (state.access(access) !== true) return { code: RESULT.insufficientAccessRights };
  const { oldPassword, newPassword } = change;
  const stored = entry.attributes.get("userpassword")?.values ?? [];
  if (oldPassword !== undefined && !(await isOneOf(oldPassword, stored))) {
    return {
      code: RESULT.unwillingToPerform,
      message: "unwilling to verify old password",
    };
  }
  if (newPassword?.length === 0) {
    return { code: RESULT.constraintViolation, message: "the new password is empty" };
  }
  const password = newPassword ?? Buffer.from(randomBytes(9).toString("base64url"));
  const isAdministrator = state.administrator?.dn === session.who;
  const refusal = isAdministrator ? undefined : await checkNewPassword(state, entry, password);
  if (refusal !== undefined) return refuse(refusal, isPolicyAsked);
  const present = state.tree.get(key);
  if (present === undefined) return { code: RESULT.noSuchObject };
  const history = historyAfter(state, present);
  const editor = new AttributeEditor(state.schema, present.attributes);
  editor.set("userPassword", "");
  const description = state.schema.learn("userPassword");
  if (description === undefined) return { code: RESULT.other };
  editor.attributes.set(description.key, {
    description,
    values: [hashAsSlapd(password, randomBytes(SALT_BYTES))],
  });
  if (history) editor.attributes.set(history.description.key, history);
  editor.set("pwdChangedTime", timestamp());
  for (const name of ["pwdreset", "pwdfailuretime", "pwdgraceusetime", "pwdaccountlockedtime"]) {
    editor.attributes.delete(name);
  }
  state.tree.put({ ...present, attributes: editor.attributes });
  if (session.who === key) session.mustChangePassword = false;
  if (newPassword !== undefined) return { code: RESULT.success };
  return { code: RESULT.success, more: element(0x8b, element(0x30, element(0x80, password))) };
}

function refuse({ code, message, error }: NewPasswordRefusal, isPolicyAsked: boolean): Result {
  if (!isPolicyAsked) return { code, message };
  const value = encodeVerdict({ error });
  return { code, message, controls: [{ oid: PASSWORD_POLICY, critical: false, value }] };
}

/** Reads PasswdModifyRequestValue. Throws `MalformedMessageError`. */
function decodePasswordChange(value: Buffer | undefined): PasswordChange {
  const [sequence] = value === undefined ? [] : readElements(value);
  const fields = new Map(
    (sequence === undefined ? [] : readElements(sequence.content)).map((part) => [
      part.tag,
      part.content,
    ]),
  );
  const user = fields.get(0x80);
  const oldPassword = fields.get(0x81);
  const newPassword = fields.get(0x82);
  return {
    ...(user && { user: readText(user) }),
    ...(oldPassword && { oldPassword: Buffer.from(oldPassword) }),
    ...(newPassword && { newPassword: Buffer.from(newPassword) }),
  };
}
