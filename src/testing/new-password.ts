import { slapdAccepts } from "../passwords/slapd-password.ts";
import type { DirectoryState } from "./directory-state.ts";
import type { StoredAttribute, StoredEntry } from "./entry-tree.ts";
import { numberOf, policyOf, textOf, timeOf } from "./password-policy.ts";
import { RESULT } from "./result.ts";
import { timestamp } from "./timestamp.ts";

/** Why the password policy does not want a new password; `error` is the one of the response control. */
export interface NewPasswordRefusal {
  readonly code: number;
  readonly message: string;
  readonly error: number;
}

/** `pwdHistory` is `time#syntax#length#data` (draft-behera-ldap-password-policy-10 section 5.3.7). */
const OCTET_STRING_SYNTAX = "1.3.6.1.4.1.1466.115.121.1.40";

/**
 * Judges a new password as slapd does, by the pwdPolicy's `pwdAllowUserChange`, `pwdMinAge`, `pwdMinLength` (where `pwdCheckQuality` is not 0) and
 * `pwdInHistory`.
 */
export async function checkNewPassword(
  state: DirectoryState,
  entry: StoredEntry,
  password: Buffer,
): Promise<NewPasswordRefusal | undefined> {
  const policy = policyOf(state, entry);
  if (policy === undefined) return undefined;
  if (textOf(policy, "pwdallowuserchange") === "FALSE") {
    const message = "User alteration of password is not allowed";
    return { code: RESULT.insufficientAccessRights, message, error: 3 };
  }
  const refuse = (error: number, message: string): NewPasswordRefusal => ({
    ...{ code: RESULT.constraintViolation, message, error },
  });
  const changed = timeOf(textOf(entry, "pwdchangedtime")) ?? 0;
  const isYoung = Date.now() < changed + numberOf(policy, "pwdminage") * 1000;
  if (isYoung && textOf(entry, "pwdreset") !== "TRUE") {
    return refuse(7, "Password is too young to change");
  }
  const isChecked = numberOf(policy, "pwdcheckquality") > 0;
  if (isChecked && password.length < numberOf(policy, "pwdminlength")) {
    return refuse(6, "Password fails quality checking policy");
  }
  if (numberOf(policy, "pwdinhistory") === 0) return undefined;
  if (await isOneOf(password, valuesOf(entry, "userpassword"))) {
    return refuse(8, "Password is not being changed from existing value");
  }
  if (await isOneOf(password, valuesOf(entry, "pwdhistory").map(passwordInHistory))) {
    return refuse(8, "Password is in history of old passwords");
  }
  return undefined;
}

/** Whether any of these stored values is of this password. */
export async function isOneOf(password: Buffer, stored: readonly Buffer[]): Promise<boolean> {
  const verdicts = await Promise.all(stored.map((value) => slapdAccepts(value, password)));
  return verdicts.includes(true);
}

/** The entry's `pwdHistory` once its present password is an old one; undefined where none is kept. */
export function historyAfter(
  state: DirectoryState,
  entry: StoredEntry,
): StoredAttribute | undefined {
  const policy = policyOf(state, entry);
  const most = policy === undefined ? 0 : numberOf(policy, "pwdinhistory");
  const description = state.schema.learn("pwdHistory");
  if (most === 0 || description === undefined) return undefined;
  const old = valuesOf(entry, "userpassword").map((value) =>
    Buffer.concat([Buffer.from(`${timestamp()}#${OCTET_STRING_SYNTAX}#${value.length}#`), value]),
  );
  return { description, values: [...valuesOf(entry, "pwdhistory"), ...old].slice(-most) };
}

function passwordInHistory(value: Buffer): Buffer {
  let start = 0;
  for (let mark = 0; mark < 3; mark += 1) start = value.indexOf("#", start) + 1;
  return value.subarray(start);
}

function valuesOf(entry: StoredEntry, key: string): readonly Buffer[] {
  return entry.attributes.get(key)?.values ?? [];
}
