import type { AccountState, PasswordVerdict } from "../directory/account-answer.ts";
import type { AttributeValue, Entry } from "../ldap/entry.ts";

/** What tells of an account's state, in Active Directory, 389 Directory Server and FreeIPA, RFC 2307 and the password policy of OpenLDAP. */
export const ACCOUNT_ATTRIBUTES: readonly string[] = [
  "userAccountControl",
  "accountExpires",
  "pwdLastSet",
  "nsAccountLock",
  "shadowExpire",
  "pwdAccountLockedTime",
];

/**
 * What an entry says of its account at a time (milliseconds since 1970), as far as its attributes can be read: absent ones say nothing. One that can't be
 * understood counts as a refusal. A lockout after wrong passwords is none: whoever guesses could sign others out, and at a login the server itself
 * knows.
 */
export function accountStateOf(entry: Entry, now: number): AccountState | undefined {
  const values = (name: string) => valuesOf(entry, name);
  const controls = values("userAccountControl").map(readInteger);
  if (
    controls.some((bits) => bits === undefined || hasBit(bits, DISABLED)) ||
    values("nsAccountLock").some((value) => String(value).toLowerCase() === "true") ||
    values("pwdAccountLockedTime").some((value) => String(value).startsWith(LOCKED_FOR_GOOD))
  ) {
    return "account-disabled";
  }
  if (
    values("accountExpires").some((value) => isFiletimeOver(readInteger(value), now)) ||
    values("shadowExpire").some((value) => isDayOver(readInteger(value), now))
  ) {
    return "account-expired";
  }
  const mayStay = controls.some((bits) => bits !== undefined && hasBit(bits, PASSWORD_STAYS));
  const isReset = values("pwdLastSet").some((value) => (readInteger(value) ?? 0n) === 0n);
  if (isReset && !mayStay) return "must-change-password";
  const isExpired = controls.some((bits) => bits !== undefined && hasBit(bits, PASSWORD_EXPIRED));
  return isExpired ? "password-expired" : undefined;
}

/** The directory's verdict on a password, and what the entry says of the account: only where the password is right. */
export function judgeAccount(
  entry: Entry,
  verdict: PasswordVerdict,
  now: number = Date.now(),
): PasswordVerdict {
  if (!verdict.accepted || verdict.state !== undefined) return verdict;
  const state = accountStateOf(entry, now);
  if (state === undefined) return verdict;
  return { accepted: state === "must-change-password", state };
}

/** Bits of userAccountControl ([MS-ADTS] section 2.2.16). */
const DISABLED = 0x2n;
const PASSWORD_EXPIRED = 0x800000n;
/** Whose password never expires: also with a smart card, and accounts of computers and of domains. */
const PASSWORD_STAYS = 0x10000n | 0x40000n | 0x800n | 0x1000n | 0x2000n;

/** How 000001010000Z begins, the password policy's word for "until an administrator says otherwise"; a lockout has the time when it began. */
const LOCKED_FOR_GOOD = "00000101";

function hasBit(bits: bigint, wanted: bigint): boolean {
  return (bits & wanted) !== 0n;
}

/** 100 nanoseconds since 1601; 0 and the largest number mean never. */
function isFiletimeOver(time: bigint | undefined, now: number): boolean {
  if (time === undefined) return true;
  if (time === 0n || time >= 0x7fffffffffffffffn) return false;
  return time <= BigInt(Math.trunc(now)) * 10_000n + SINCE_1601;
}

const SINCE_1601 = 116_444_736_000_000_000n;

/** Days since 1970, the first one on which it is over, as pam_unix and nslcd take it; below 0 means never. */
function isDayOver(day: bigint | undefined, now: number): boolean {
  if (day === undefined) return true;
  return day >= 0n && day <= BigInt(Math.floor(now / MILLISECONDS_PER_DAY));
}

const MILLISECONDS_PER_DAY = 86_400_000;

/** Undefined if it is no number of a sane size. */
function readInteger(value: AttributeValue): bigint | undefined {
  return typeof value === "string" && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** An empty value says nothing. */
function valuesOf({ attributes }: Entry, name: string): readonly AttributeValue[] {
  return (attributes.get(name.toLowerCase()) ?? []).filter((value) => value.length > 0);
}
