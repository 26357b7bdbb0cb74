import { ConfigError } from "../errors.ts";

/**
 * What a function of the application says that a table is asked for. `[]` where that is nothing, or has nothing in it (an empty key is no null sender), and for several
 * addresses that `req.authenticated` has joined into one text: no table knows that, and what is not found passes. Throws a `ConfigError` that names its option, for what is no text.
 */
export function tableKeys(given: unknown, option: string): readonly string[] {
  if (given === undefined) return [];
  const keys: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (keys.every((each) => typeof each === "string")) {
    return keys.some((each) => each === "" || JOINED.test(each)) ? [] : keys;
  }
  // It may be async, and about to fail: that must not end the process.
  Promise.resolve(given).catch(() => {});
  const message = `${option} must return text, a list of texts or undefined, and no promise.`;
  throw new ConfigError(message, { option });
}

/** Two addresses with what stands between the values of an attribute. */
const JOINED = /@[^@]*; [^@]*@/;
