import { ConfigError } from "../errors.ts";

/** Refuses what is not an object of the known options; a near miss is named. */
export function checkKeys(options: unknown, known: readonly string[], where = ""): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(`${where || "The options"} must be an object.`, { option: where });
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const option = where ? `${where}.${key}` : key;
    const hint = hintFor(key, known);
    throw new ConfigError(`There is no option ${JSON.stringify(option)}: ${hint}`, { option });
  }
}

/** The option if it is one of the known words; a near miss is named. */
export function oneOf<Word extends string>(
  value: unknown,
  known: readonly Word[],
  option: string,
): Word {
  const word = known.find((each) => each === value);
  if (word !== undefined) return word;
  const hint = hintFor(typeof value === "string" ? value : "", known);
  throw new ConfigError(`${option} has an unknown word: ${hint}`, { option });
}

/** Which of the known words may have been meant, for a message. */
export function hintFor(word: string, known: readonly string[]): string {
  const near = known.find((name) => isNear(name.toLowerCase(), word.toLowerCase()));
  return near ? `did you mean ${JSON.stringify(near)}?` : `known are ${known.join(", ")}.`;
}

/** Equal but for one letter added, left out or changed, or two swapped; `bindDN`, `starttls`, `logoutpath`. */
function isNear(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** The option if it is a whole number in the range, else its default. */
export function wholeNumber(
  value: unknown,
  fallback: number,
  option: string,
  [least, most]: readonly [number, number],
): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new ConfigError(`${option} must be a whole number from ${least} to ${most}.`, { option });
}

/** The option if it is text that is not empty. */
export function text(value: unknown, option: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && value !== "") return value;
  throw new ConfigError(`${option} must be a string that is not empty.`, { option });
}

export function flag(value: unknown, fallback: boolean, option: string): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw new ConfigError(`${option} must be true or false.`, { option });
}
