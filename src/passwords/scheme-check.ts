import type { PasswordCheck } from "./password-check.ts";
import { isSame } from "./same-bytes.ts";

/** What a check must know besides the password. */
export interface CheckSettings {
  /** Whose password it is. */
  readonly username: string;
  /** Milliseconds that it may take. */
  readonly timeout: number;
}

/** Is this the password that these data, decoded, were made of? */
export type SchemeCheck = (
  password: string,
  data: Buffer,
  settings: CheckSettings,
) => PasswordCheck | Promise<PasswordCheck>;

/** Yes, or `mismatch`. */
export function verdict(isRight: boolean): PasswordCheck {
  return isRight ? { ok: true } : MISMATCH;
}

const MISMATCH: PasswordCheck = { ok: false, reason: "mismatch" };

/** The data can't be read. */
export const MALFORMED: PasswordCheck = { ok: false, reason: "malformed" };

/** Checks a scheme without salt: its data are made again, and compared. */
export function madeAgain(
  make: (password: string, settings: CheckSettings) => Buffer | Promise<Buffer>,
): SchemeCheck {
  return async (password, data, settings) => verdict(isSame(await make(password, settings), data));
}
