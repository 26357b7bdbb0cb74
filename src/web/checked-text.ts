import { ConfigError } from "../errors.ts";

/** What a function of the application returned, if it is text. Throws a `ConfigError` that names its option. */
export function checkedText(value: unknown, option: string): string {
  if (typeof value === "string") return value;
  // It may be async, and about to fail: that must not end the process.
  Promise.resolve(value).catch(() => {});
  throw new ConfigError(`${option} must return a string, and not a promise of it.`, { option });
}
