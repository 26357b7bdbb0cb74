import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import type { RequireNode } from "./merged.ts";
import { isAll, isWithin, type MethodSet, union } from "./method-set.ts";
import { wordAt } from "./words.ts";

/** A part of the `Require` lines, and the methods that it is about. */
export interface LimitedNode {
  readonly node: RequireNode;
  readonly methods: MethodSet;
}

/** `<RequireAll>` and its like while it is read; without `directive` it is the section's own, an implied `<RequireAny>`. */
export interface Container {
  readonly kind: "all" | "any" | "none";
  readonly directive: Directive | undefined;
  readonly children: LimitedNode[];
}

/** A `Require` line; its word `not` is in any letter case. */
export function nodeOfLine(directive: Directive): RequireNode {
  const first = wordAt(directive.rest, 0);
  const negated = first?.word.toLowerCase() === "not";
  const rest = negated ? directive.rest.slice(first?.next ?? 0) : directive.rest;
  return { kind: "require", directive, negated, rest };
}

/** Adds what stands in a container. Throws a `ConfigError` for a negative that could have no effect there. */
export function addTo(container: Container, child: LimitedNode): void {
  const { node } = child;
  if (isNegative(node) && container.kind !== "all") {
    const what = node.kind === "none" ? "<RequireNone>" : "negative Require";
    throw configErrorAt(
      node.directive,
      `${what} directive has no effect in ${nameOf(container)} directive`,
    );
  }
  container.children.push(child);
}

/** Adds a container that has been read to the one around it. Throws a `ConfigError` if it is empty or has only negatives. */
export function addContainer(container: Container, inner: Container): void {
  const { directive } = inner;
  if (directive && inner.children.length === 0) {
    throw configErrorAt(
      directive,
      `${nameOf(inner)} directive contains no authorization directives`,
    );
  }
  // httpd makes one of two that say the same before it looks for negatives.
  const isAlike = inner.kind !== "none" && (inner.kind === "all") === (container.kind === "all");
  if (isAlike) for (const child of inner.children) addTo(container, child);
  else addTo(container, closeContainer(inner));
}

/** A container with something in it, as one node. Throws a `ConfigError` if there are only negatives in it. */
export function closeContainer({ kind, directive, children }: Container): LimitedNode {
  const [first, ...others] = children;
  if (first === undefined) throw new TypeError("an empty container has nothing to say");
  if (children.every(({ node }) => isNegative(node))) {
    throw configErrorAt(
      directive ?? first.node.directive,
      `${nameOf({ kind, directive })} directive contains only negative authorization directives`,
    );
  }
  if (directive === undefined && others.length === 0) return first;
  return joined(kind, directive ?? first.node.directive, children);
}

/** Nodes under one connective, which is about all the methods that they are about. */
export function joined(
  kind: Container["kind"],
  directive: Directive,
  children: readonly LimitedNode[],
): LimitedNode {
  const methods = children.map((child) => child.methods).reduce(union);
  const nodes = children.map((child) =>
    isWithin(methods, child.methods) ? child.node : limitedTo(child),
  );
  return { node: { kind, directive, children: nodes }, methods };
}

/** What decides about a request: for a method that nothing is said about nothing is required. */
export function rootOf(limited: LimitedNode): RequireNode {
  return isAll(limited.methods) ? limited.node : limitedTo(limited);
}

function limitedTo({ node, methods }: LimitedNode): RequireNode {
  const { directive } = node;
  return {
    kind: "limit",
    directive,
    methods: [...methods.methods].sort(),
    except: methods.except,
    child: node,
  };
}

function isNegative(node: RequireNode): boolean {
  return node.kind === "none" || (node.kind === "require" && node.negated);
}

function nameOf({ kind }: Pick<Container, "kind" | "directive">): string {
  return { all: "<RequireAll>", any: "<RequireAny>", none: "<RequireNone>" }[kind];
}
