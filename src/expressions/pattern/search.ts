import { CannotTell } from "../cannot-tell.ts";
import { isWordByte } from "./byte-classes.ts";
import type { Instruction, Program } from "./compile-node.ts";
import type { Assertion } from "./node.ts";

/** Instructions times bytes; about a quarter of a second. */
const MOST_STEPS = 10_000_000;

/** The places where groups start and end: a pair of offsets for each, -1 where there is none. */
type Places = Int32Array;

/** For each look-around, 1 at the places where its body matches. */
type Sights = readonly Uint8Array[];

/**
 * Finds the leftmost match, and of those at one place the one that a backtracking matcher would find first: all ways are
 * followed at once, in order of preference, so that no text makes it slow (Thompson's construction, with Pike's saved places).
 */
export function search(program: Program, bytes: Buffer, saved: number): Places | undefined {
  if (program.size * (bytes.length + 1) > MOST_STEPS) {
    throw new CannotTell("a text is too long for a pattern");
  }
  const sights: Uint8Array[] = [];
  for (const { instructions, backwards } of program.looks) {
    sights.push(look(instructions, backwards, bytes, sights));
  }
  return run(program.instructions, bytes, saved, sights);
}

function run(
  code: readonly Instruction[],
  bytes: Buffer,
  saved: number,
  sights: Sights,
): Places | undefined {
  let now: Thread[] = [];
  let found: Places | undefined;
  const seen = new Int32Array(code.length).fill(-1);
  for (let at = 0; at <= bytes.length; at++) {
    // A match that starts later is found only if none starts earlier: this thread comes last.
    if (found === undefined) {
      const start = { at: 0, places: new Int32Array(2 * saved).fill(-1) };
      if (saved > 0) start.places[0] = at;
      follow(code, start, at, bytes, sights, seen, now);
    }
    if (now.length === 0 && found !== undefined) break;
    const next: Thread[] = [];
    const byte = bytes[at] ?? -1;
    for (const thread of now) {
      const step = code[thread.at];
      if (step?.op === "match") {
        found = thread.places;
        if (saved > 0) {
          found = found.slice();
          found[1] = at;
        }
        break;
      }
      if (step?.op === "byte" && step.set[byte] === 1) {
        const on = { at: thread.at + 1, places: thread.places };
        follow(code, on, at + 1, bytes, sights, seen, next);
      }
    }
    now = next;
  }
  return found;
}

interface Thread {
  readonly at: number;
  readonly places: Places;
}

/** Adds what is reached without consuming a byte, the preferred ways first, each instruction once. */
function follow(
  code: readonly Instruction[],
  start: Thread,
  place: number,
  bytes: Buffer,
  sights: Sights,
  seen: Int32Array,
  into: Thread[],
): void {
  const waiting: Thread[] = [start];
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    const { at, places } = thread;
    const step = code[at];
    if (step === undefined || seen[at] === place) continue;
    seen[at] = place;
    switch (step.op) {
      case "jump":
        waiting.push({ at: step.to, places });
        break;
      case "split":
        waiting.push({ at: step.second, places }, { at: step.first, places });
        break;
      case "save": {
        if (step.slot >= places.length) {
          waiting.push({ at: at + 1, places });
          break;
        }
        const changed = places.slice();
        changed[step.slot] = place;
        waiting.push({ at: at + 1, places: changed });
        break;
      }
      case "assert":
        if (holds(step.what, bytes, place)) waiting.push({ at: at + 1, places });
        break;
      case "look":
        if ((sights[step.look]?.[place] === 1) !== step.negative) {
          waiting.push({ at: at + 1, places });
        }
        break;
      default:
        into.push(thread);
    }
  }
}

/** Where the body of a look-around ends if it may start anywhere, in one pass over the text. */
function look(
  code: readonly Instruction[],
  backwards: boolean,
  bytes: Buffer,
  sights: Sights,
): Uint8Array {
  const { length } = bytes;
  const seen = new Int32Array(code.length).fill(-1);
  const places = new Int32Array(0);
  const sight = new Uint8Array(length + 1);
  let now: Thread[] = [];
  for (let round = 0; round <= length; round++) {
    const place = backwards ? length - round : round;
    follow(code, { at: 0, places }, place, bytes, sights, seen, now);
    const next: Thread[] = [];
    const byte = bytes[backwards ? place - 1 : place] ?? -1;
    const after = backwards ? place - 1 : place + 1;
    for (const { at } of now) {
      const step = code[at];
      if (step?.op === "match") sight[place] = 1;
      else if (step?.op === "byte" && step.set[byte] === 1) {
        follow(code, { at: at + 1, places }, after, bytes, sights, seen, next);
      }
    }
    now = next;
  }
  return sight;
}

const NEWLINE = 0x0a;

function holds(what: Assertion, bytes: Buffer, place: number): boolean {
  const isEnd = place === bytes.length;
  switch (what) {
    case "start":
      return place === 0;
    case "end":
      return isEnd;
    case "line-start":
      return place === 0 || (bytes[place - 1] === NEWLINE && !isEnd);
    case "line-end":
      return isEnd || bytes[place] === NEWLINE;
    case "end-or-last-newline":
      return isEnd || (bytes[place] === NEWLINE && place === bytes.length - 1);
    default: {
      const isBoundary = isWordByte(bytes[place - 1]) !== isWordByte(bytes[place]);
      return isBoundary === (what === "word-boundary");
    }
  }
}
