import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import { type Reader, skip, touchesAccess } from "./section-content.ts";

/** The lines of the one server that counts: what stands outside any `<VirtualHost>`, and in the one that is about access. */
export interface Hosts {
  readonly outer: readonly Directive[];
  readonly inner: readonly Directive[];
}

/**
 * Takes the virtual hosts apart. An app has one set of rules: several hosts that say different things about access are refused
 * with a `ConfigError`.
 */
export function hostsOf(tree: readonly Directive[], reader: Reader): Hosts {
  const hosts = tree.filter(isHost);
  const outer = tree.filter((directive) => !isHost(directive));
  const [first, ...others] = hosts.filter(touchesAccess);
  const same = first && contentOf(first);
  for (const other of others) {
    if (contentOf(other) !== same) {
      throw configErrorAt(
        other,
        `it says something else than that of line ${first?.line}: give each virtual host's text to a middleware of its own`,
      );
    }
  }
  // Of several that say nothing about access none is the app's; a single one says where its files lie.
  const chosen = first ?? (hosts.length === 1 ? hosts[0] : undefined);
  for (const host of hosts) {
    if (host !== chosen)
      skip(host, "another virtual host of the same, or without access rules", reader);
  }
  return { outer, inner: chosen?.children ?? [] };
}

function isHost({ name, children }: Directive): boolean {
  return children !== undefined && name.toLowerCase() === "virtualhost";
}

/** Apart from where it stands, and what it is called. */
function contentOf({ children = [] }: Directive): string {
  const plain = ({ name, rest, children: inner }: Directive): unknown => [
    name.toLowerCase(),
    rest,
    inner?.map(plain),
  ];
  const named = /^server(?:name|alias|admin)$|^(?:errorlog|customlog|loglevel)$|^ssl/i;
  return JSON.stringify(children.filter(({ name }) => !named.test(name)).map(plain));
}
