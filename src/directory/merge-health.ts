import type { DirectoryHealth } from "./directory.ts";

/** The state of several directories as one: as bad as the worst where all are, `degraded` where only some are. */
export function mergeHealth(all: readonly DirectoryHealth[]): DirectoryHealth {
  const states = new Set(all.map(({ state }) => state));
  const [state = "down"] = states;
  const sum = (of: (one: DirectoryHealth) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const watch = all.flatMap((one) => one.watch ?? []);
  return {
    state: states.size > 1 ? "degraded" : state,
    servers: all.flatMap(({ servers }) => servers),
    connections: {
      search: sum(({ connections }) => connections.search),
      bind: sum(({ connections }) => connections.bind),
    },
    ...(watch.length > 0 && { watch }),
  };
}
