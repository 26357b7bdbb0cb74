import { ConfigError } from "../../errors.ts";
import type { ByteSet } from "./byte-set.ts";
import type { Assertion, Node } from "./node.ts";

/** One step of a program; it goes on with the next one unless it says otherwise. */
export type Instruction =
  | { readonly op: "byte"; readonly set: ByteSet }
  /** Both, the first is preferred. */
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "assert"; readonly what: Assertion }
  | { readonly op: "look"; readonly look: number; readonly negative: boolean }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** The look-arounds that its instructions name, inner ones first. */
  readonly looks: readonly Look[];
  /** How many instructions it has with those of its look-arounds. */
  readonly size: number;
}

/** `instructions` run from each place: backwards for a look-ahead, whose body is turned around. */
export interface Look {
  readonly instructions: readonly Instruction[];
  readonly backwards: boolean;
}

/** The most instructions of a pattern: repetitions with a count take their body as often as they say. */
const LARGEST_PROGRAM = 5_000;

/** Turns a tree into a program. Throws a `ConfigError` if it becomes too large. */
export function compileNode(node: Node, source: string): Program {
  const looks: Look[] = [];
  let size = 0;

  function compile(body: Node, backwards: boolean, saves: boolean): readonly Instruction[] {
    const code: Instruction[] = [];
    const add = (instruction: Instruction): number => {
      size++;
      if (size > LARGEST_PROGRAM)
        throw new ConfigError(`Pattern too large: ${source.slice(0, 100)}`);
      return code.push(instruction) - 1;
    };

    function emit(part: Node): void {
      switch (part.type) {
        case "byte":
          add({ op: "byte", set: part.set });
          return;
        case "assert":
          add({ op: "assert", what: part.what });
          return;
        case "sequence":
          for (const inner of backwards ? part.nodes.toReversed() : part.nodes) emit(inner);
          return;
        case "alternatives":
          emitAlternatives(part.nodes);
          return;
        case "group":
          if (saves) add({ op: "save", slot: 2 * part.index });
          emit(part.node);
          if (saves) add({ op: "save", slot: 2 * part.index + 1 });
          return;
        case "repeat":
          emitRepeat(part);
          return;
        case "look": {
          const instructions = compile(part.node, !part.behind, false);
          looks.push({ instructions, backwards: !part.behind });
          add({ op: "look", look: looks.length - 1, negative: part.negative });
        }
      }
    }

    /** `first` is where to go next if it is preferred; the other one comes when it is known. */
    function fork(at: number, inside: number, outside: number, lazy: boolean): void {
      const [first, second] = lazy ? [outside, inside] : [inside, outside];
      code[at] = { op: "split", first, second };
    }

    function emitAlternatives(nodes: readonly Node[]): void {
      const exits: number[] = [];
      nodes.forEach((inner, i) => {
        const isLast = i === nodes.length - 1;
        const split = isLast ? undefined : add({ op: "match" });
        emit(inner);
        if (split === undefined) return;
        exits.push(add({ op: "match" }));
        fork(split, split + 1, code.length, false);
      });
      for (const exit of exits) code[exit] = { op: "jump", to: code.length };
    }

    function emitRepeat({ node: inner, min, max, lazy }: Node & { type: "repeat" }): void {
      for (let i = 0; i < min; i++) emit(inner);
      if (max === Number.POSITIVE_INFINITY) {
        const split = add({ op: "match" });
        emit(inner);
        add({ op: "jump", to: split });
        fork(split, split + 1, code.length, lazy);
        return;
      }
      const splits: number[] = [];
      for (let i = min; i < max; i++) {
        splits.push(add({ op: "match" }));
        emit(inner);
      }
      for (const split of splits) fork(split, split + 1, code.length, lazy);
    }

    emit(body);
    add({ op: "match" });
    return code;
  }

  const instructions = compile(node, false, true);
  return { instructions, looks, size };
}
