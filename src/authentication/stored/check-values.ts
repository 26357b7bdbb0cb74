import type { PasswordCheck, PasswordRefusal } from "../../passwords/password-check.ts";

/** What a check of all the values that count says; `no-value` is that there are none. */
export type ValuesCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: PasswordRefusal | "no-value" };

/**
 * Checks one value after the other until one fits. A value that could not be checked in time leaves it open (`unavailable`) whatever the others say; one that
 * can't be checked at all counts only where none could.
 */
export async function checkValues(
  values: readonly string[],
  check: (stored: string) => Promise<PasswordCheck>,
): Promise<ValuesCheck> {
  const refusals = new Set<PasswordRefusal>();
  for (const stored of values) {
    const checked = await check(stored);
    if (checked.ok) return checked;
    refusals.add(checked.reason);
  }
  const telling = TELLING.find((reason) => refusals.has(reason));
  return { ok: false, reason: telling ?? [...refusals][0] ?? "no-value" };
}

const TELLING: readonly PasswordRefusal[] = ["unavailable", "mismatch"];
