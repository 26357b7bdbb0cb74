import type { ByteSet } from "./byte-set.ts";

/** A regular expression as a tree. */
export type Node =
  | { readonly type: "byte"; readonly set: ByteSet }
  | { readonly type: "sequence" | "alternatives"; readonly nodes: readonly Node[] }
  | {
      readonly type: "repeat";
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly type: "group"; readonly index: number; readonly node: Node }
  | { readonly type: "assert"; readonly what: Assertion }
  | {
      readonly type: "look";
      readonly behind: boolean;
      readonly negative: boolean;
      readonly node: Node;
    };

export type Assertion =
  | "start"
  | "end"
  | "line-start"
  | "line-end"
  | "end-or-last-newline"
  | "word-boundary"
  | "no-word-boundary";

/** Whether it can match without consuming anything. */
export function canBeEmpty(node: Node): boolean {
  switch (node.type) {
    case "byte":
      return false;
    case "sequence":
      return node.nodes.every(canBeEmpty);
    case "alternatives":
      return node.nodes.some(canBeEmpty);
    case "repeat":
      return node.min === 0 || canBeEmpty(node.node);
    case "group":
      return canBeEmpty(node.node);
    default:
      return true;
  }
}

export function hasGroup(node: Node): boolean {
  switch (node.type) {
    case "group":
      return true;
    case "sequence":
    case "alternatives":
      return node.nodes.some(hasGroup);
    case "repeat":
    case "look":
      return hasGroup(node.node);
    default:
      return false;
  }
}
