import { normalizeDn } from "../ldap/dn.ts";
import { element, integer } from "./ber-element.ts";
import type { DirectoryState } from "./directory-state.ts";
import type { StoredAttribute, StoredEntry } from "./entry-tree.ts";
import { timestamp } from "./timestamp.ts";

/**
 * What the password policy says of a bind (draft-behera-ldap-password-policy-10 section 6.2), as the response control tells it. Errors: 0
 * password expired, 1 account locked, 2 must change after reset, 3 … 8 on password changes.
 */
export interface PolicyVerdict {
  /** The bind fails although the password may be right. */
  readonly refused: boolean;
  readonly mustChange: boolean;
  readonly error?: number;
  /** Seconds until the password expires. */
  readonly timeBeforeExpiration?: number;
  /** How often an expired password is accepted still. */
  readonly graceAuthNsRemaining?: number;
}

/** The response control's value: PasswordPolicyResponseValue. */
export function encodeVerdict(
  verdict: Pick<PolicyVerdict, "error" | "timeBeforeExpiration" | "graceAuthNsRemaining">,
): Buffer {
  const parts: Buffer[] = [];
  if (verdict.timeBeforeExpiration !== undefined) {
    parts.push(element(0xa0, integer(verdict.timeBeforeExpiration, 0x80)));
  } else if (verdict.graceAuthNsRemaining !== undefined) {
    parts.push(element(0xa0, integer(verdict.graceAuthNsRemaining, 0x81)));
  }
  if (verdict.error !== undefined) parts.push(integer(verdict.error, 0x81));
  return element(0x30, ...parts);
}

/**
 * Judges a bind by the entry's `pwdReset`, `pwdAccountLockedTime`, `pwdChangedTime`, `pwdGraceUseTime`, and the pwdPolicy entry
 * that its `pwdPolicySubentry` names (`pwdMaxAge`, `pwdExpireWarning`, `pwdGraceAuthNLimit`, `pwdLockoutDuration`; seconds). Undefined
 * if none of that is there.
 */
export function checkPolicy(
  state: DirectoryState,
  entry: StoredEntry,
  isRight: boolean,
): PolicyVerdict | undefined {
  const policy = policyOf(state, entry);
  if (isLocked(entry, policy)) return { refused: true, mustChange: false, error: 1 };
  const mustChange = textOf(entry, "pwdreset") === "TRUE";
  if (!isRight) return policy === undefined ? undefined : { refused: false, mustChange: false };
  if (mustChange) return { refused: false, mustChange: true, error: 2 };
  return policy === undefined ? undefined : judgeAge(entry, policy);
}

function judgeAge(entry: StoredEntry, policy: StoredEntry): PolicyVerdict {
  const fine = { refused: false, mustChange: false };
  const maximum = numberOf(policy, "pwdmaxage");
  const changed = timeOf(textOf(entry, "pwdchangedtime"));
  if (maximum === 0 || changed === undefined) return fine;
  const left = Math.ceil((changed + maximum * 1000 - Date.now()) / 1000);
  if (left > 0) {
    const warn = left <= numberOf(policy, "pwdexpirewarning");
    return warn ? { ...fine, timeBeforeExpiration: left } : fine;
  }
  const used = entry.attributes.get("pwdgraceusetime")?.values.length ?? 0;
  const grace = numberOf(policy, "pwdgraceauthnlimit") - used;
  // Once this bind is counted, one less is left.
  if (grace > 0) return { ...fine, graceAuthNsRemaining: grace - 1 };
  return { refused: true, mustChange: false, error: 0 };
}

/** Keeps count of wrong passwords and grace logins, and locks the account after `pwdMaxFailure` wrong ones. */
export function recordAttempt(
  state: DirectoryState,
  entry: StoredEntry,
  isRight: boolean,
  verdict: PolicyVerdict | undefined,
): void {
  const policy = policyOf(state, entry);
  if (policy === undefined || verdict?.refused) return;
  const now = Buffer.from(timestamp());
  const attributes = new Map(entry.attributes);
  const append = (name: string): number => {
    const description = state.schema.learn(name);
    if (description === undefined) return 0;
    const values = [...(attributes.get(description.key)?.values ?? []), now];
    attributes.set(description.key, { description, values });
    return values.length;
  };
  if (isRight) {
    attributes.delete("pwdfailuretime");
    attributes.delete("pwdaccountlockedtime");
    if (verdict?.graceAuthNsRemaining !== undefined) append("pwdGraceUseTime");
  } else {
    const limit = numberOf(policy, "pwdmaxfailure");
    const failures = append("pwdFailureTime");
    if (limit > 0 && failures >= limit) append("pwdAccountLockedTime");
  }
  if (isRight && sameAttributes(attributes, entry.attributes)) return;
  state.tree.put({ ...entry, attributes });
}

function sameAttributes(
  a: ReadonlyMap<string, StoredAttribute>,
  b: ReadonlyMap<string, StoredAttribute>,
): boolean {
  return a.size === b.size && [...a].every(([key, attribute]) => b.get(key) === attribute);
}

/** The pwdPolicy entry that applies to an entry. */
export function policyOf({ tree }: DirectoryState, entry: StoredEntry): StoredEntry | undefined {
  const dn = textOf(entry, "pwdpolicysubentry");
  const key = dn === undefined ? undefined : normalizeDn(dn);
  return key === undefined ? undefined : tree.get(key);
}

function isLocked(entry: StoredEntry, policy: StoredEntry | undefined): boolean {
  const locked = textOf(entry, "pwdaccountlockedtime");
  if (locked === undefined) return false;
  const duration = policy === undefined ? 0 : numberOf(policy, "pwdlockoutduration");
  const since = timeOf(locked);
  // 000001010000Z is "for ever", and so is a lock without a duration.
  if (since === undefined || duration === 0 || locked.startsWith("0000")) return true;
  return Date.now() < since + duration * 1000;
}

/** An attribute's first value. */
export function textOf(entry: StoredEntry, key: string): string | undefined {
  return entry.attributes.get(key)?.values[0]?.toString();
}

/** An attribute's first value as a whole number; 0 if it is none. */
export function numberOf(entry: StoredEntry, key: string): number {
  const number = Number(textOf(entry, key) ?? 0);
  return Number.isSafeInteger(number) ? number : 0;
}

/** Milliseconds since 1970 of a GeneralizedTime in UTC. */
export function timeOf(text: string | undefined): number | undefined {
  const [, date, time] = /^([0-9]{8})([0-9]{4}(?:[0-9]{2})?)(?:\.[0-9]+)?Z$/.exec(text ?? "") ?? [];
  if (date === undefined || time === undefined) return undefined;
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  const clock = `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4) || "00"}`;
  const parsed = Date.parse(`${year}-${month}-${day}T${clock}Z`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
