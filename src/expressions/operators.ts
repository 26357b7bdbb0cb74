import { CannotTell } from "./cannot-tell.ts";
import { compareIntegers, compareTexts } from "./compare.ts";
import type { ExpressionReader } from "./expression-reader.ts";
import { compileGlob, type GlobOptions } from "./glob.ts";
import { isInNetwork, type Network, parseNetwork } from "./network.ts";
import type { Evaluation, Word } from "./word.ts";

/** A question that is a yes or a no. */
export type Test = (evaluation: Evaluation) => boolean;

type Sign = (order: number) => boolean;
const SIGNS: ReadonlyMap<string, Sign> = new Map([
  ["eq", (order) => order === 0],
  ["ne", (order) => order !== 0],
  ["lt", (order) => order < 0],
  ["le", (order) => order <= 0],
  ["gt", (order) => order > 0],
  ["ge", (order) => order >= 0],
]);

const TEXT_SIGNS: ReadonlyMap<string, string> = new Map([
  ["=", "eq"],
  ["==", "eq"],
  ["!=", "ne"],
  ["<", "lt"],
  ["<=", "le"],
  [">", "gt"],
  [">=", "ge"],
]);

/** `==` and the like compare texts, `-eq` and `eq` integers. Undefined for another operator. */
export function comparison(operator: string): ((left: Word, right: Word) => Test) | undefined {
  const forTexts = SIGNS.get(TEXT_SIGNS.get(operator) ?? "");
  const forIntegers = SIGNS.get(operator.replace(/^-/, ""));
  const sign = forTexts ?? forIntegers;
  if (sign === undefined) return undefined;
  const compare = forTexts ? compareTexts : compareIntegers;
  return (left, right) => (evaluation) =>
    sign(compare(left.evaluate(evaluation), right.evaluate(evaluation)));
}

/** `-n`, `-z`, `-T`, `-R`. Throws a `ConfigError` for one that does not exist or can't be honoured. */
export function unaryTest(
  reader: ExpressionReader,
  name: string,
  operand: Word,
  start: number,
): Test {
  switch (name) {
    case "n":
      return (evaluation) => operand.evaluate(evaluation) !== "";
    case "z":
      return (evaluation) => operand.evaluate(evaluation) === "";
    case "T":
      return (evaluation) => isTrue(operand.evaluate(evaluation));
    case "R": {
      const network = networkOf(reader, name, operand, start);
      return ({ variables }) => isIn(network, variables.variable("REMOTE_ADDR") ?? "");
    }
    default:
      if (/^[deFfhLsxUA]$/.test(name)) {
        const why = /[FUA]/.test(name) ? "there are no subrequests" : "files are not looked at";
        throw reader.wrong(`Unary operator '-${name}' can't be honoured: ${why}`, start);
      }
      throw reader.wrong(`Unary operator '-${name}' does not exist`, start);
  }
}

const GLOBS: ReadonlyMap<string, GlobOptions> = new Map([
  ["strmatch", { ignoreCase: false, isPath: false }],
  ["strcmatch", { ignoreCase: true, isPath: false }],
  ["fnmatch", { ignoreCase: false, isPath: true }],
]);

/** `-ipmatch`, `-strmatch`, `-strcmatch`, `-fnmatch`. Throws a `ConfigError` for one that does not exist. */
export function binaryTest(
  reader: ExpressionReader,
  name: string,
  left: Word,
  right: Word,
  start: number,
): Test {
  const key = name.toLowerCase();
  if (key === "ipmatch") {
    const network = networkOf(reader, name, right, start);
    return (evaluation) => isIn(network, left.evaluate(evaluation));
  }
  const options = GLOBS.get(key);
  if (options === undefined) throw reader.wrong(`Binary operator '-${name}' does not exist`, start);
  const ready = right.constant === undefined ? undefined : compileGlob(right.constant, options);
  return (evaluation) => {
    const pattern = ready ?? compileGlob(right.evaluate(evaluation), options);
    return pattern.test(left.evaluate(evaluation));
  };
}

function networkOf(reader: ExpressionReader, name: string, word: Word, start: number): Network {
  if (word.constant === undefined) {
    throw reader.wrong(`-${name} requires subnet/netmask as constant argument`, start);
  }
  const network = parseNetwork(word.constant);
  if (network === undefined) throw reader.wrong("parsing of subnet/netmask failed", start);
  return network;
}

function isIn(network: Network, address: string): boolean {
  if (address === "") return false;
  const isInside = isInNetwork(network, address);
  // httpd would ask the DNS for it.
  if (isInside === undefined) throw new CannotTell("what is compared with a network is no address");
  return isInside;
}

/** Anything but nothing, `0`, `off`, `no` and `false`. */
function isTrue(text: string): boolean {
  return text !== "" && !/^(?:0|off|no|false)$/i.test(text);
}
