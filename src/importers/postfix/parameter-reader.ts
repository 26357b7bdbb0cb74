import { ConfigError } from "../../errors.ts";
import type { Assignments } from "./assignment.ts";
import type { ParameterName } from "./table-parameters.ts";

/** Takes values out of the assignments as what they should be, and throws a `ConfigError` that names place and parameter for one that is not. */
export interface ParameterReader {
  /** Undefined if it is not set. `least` is its length. */
  text(parameter: ParameterName, least?: number): string | undefined;
  flag(parameter: ParameterName): boolean;
  /** In C's range, from `least` to `most`. */
  integer(parameter: ParameterName, fallback: number, least?: number, most?: number): number;
  /** Separated by blanks and commas. */
  list(parameter: ParameterName): readonly string[] | undefined;
  /** The error for it. `problem` must not quote what could be a password. */
  wrong(parameter: ParameterName, problem: string, cause?: unknown): ConfigError;
}

const INTEGER_LIMIT = 2 ** 31;

/** What a value means does not depend on whether a file or an object has it. */
export function parameterReader({ name, values }: Assignments): ParameterReader {
  function wrong(parameter: ParameterName, problem: string, cause?: unknown): ConfigError {
    const line = values.get(parameter)?.line;
    const at = line === undefined ? name : `${name}, line ${line}`;
    return new ConfigError(`${at}: ${parameter}: ${problem}.`, {
      option: parameter,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  function text(parameter: ParameterName, least = 0): string | undefined {
    const value = values.get(parameter)?.value;
    if (value !== undefined && value.length < least) throw wrong(parameter, "it must not be empty");
    return value;
  }

  return {
    wrong,
    text,
    flag(parameter) {
      const value = text(parameter)?.toLowerCase() ?? "no";
      if (value !== "yes" && value !== "no") throw wrong(parameter, "it must be yes or no");
      return value === "yes";
    },
    integer(parameter, fallback, least = -INTEGER_LIMIT, most = INTEGER_LIMIT - 1) {
      const value = text(parameter);
      if (value === undefined) return fallback;
      const number = /^[+-]?[0-9]{1,20}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      const range = most === INTEGER_LIMIT - 1 ? `from ${least}` : `from ${least} to ${most}`;
      throw wrong(
        parameter,
        least === -INTEGER_LIMIT
          ? "it must be a whole number"
          : `it must be a whole number ${range}`,
      );
    },
    list: (parameter) => {
      const value = text(parameter);
      return value === undefined ? undefined : splitWords(value);
    },
  };
}

/** What Postfix takes for the words of a list. */
export function splitWords(list: string): readonly string[] {
  return list.split(/[, \t\r\n]+/).filter(Boolean);
}
