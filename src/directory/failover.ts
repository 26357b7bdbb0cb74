import { DirectoryError, type DirectoryErrorCode } from "../errors.ts";
import type { Observe } from "../events.ts";
import type { Log } from "../log.ts";
import type { ServerHealth } from "./directory.ts";
import type { DirectoryServer } from "./directory-settings.ts";

/** One server, and what is known about it. */
export interface Server {
  readonly address: DirectoryServer;
  readonly name: string;
  /** Its place in the settings. */
  readonly index: number;
}

/** Which server to talk to. The first one that is not known to be down is preferred. */
export interface Failover {
  readonly servers: readonly Server[];
  /** Undefined while all are down. */
  readonly preferred: Server | undefined;
  /** All, in the order in which a new connection should try them: also those that are down, in the end. */
  candidates(): readonly Server[];
  /** It refused a connection, broke one, or does not answer. */
  failed(server: Server, error: DirectoryError): void;
  /** It is there, but does not let the service account in. */
  refusedAccount(server: Server): void;
  /** It answered an operation of somebody's: its earlier failures are forgotten. */
  answered(server: Server): void;
  health(): readonly ServerHealth[];
  close(): void;
}

interface ServerState extends Server {
  state: ServerHealth["state"];
  error: DirectoryErrorCode | undefined;
  failures: number;
  /** When a server that is down is tried again. */
  retryAt: number;
  probe: NodeJS.Timeout | undefined;
}

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * Keeps the servers' states. While a server is down and another one serves, `probe` is called now and then to see
 * whether it is back, so that no visitor waits for that.
 */
export function openFailover(
  named: readonly Omit<Server, "index">[],
  probe: (server: Server) => Promise<void>,
  log: Log,
  observe?: Observe,
): Failover {
  const servers: readonly ServerState[] = named.map((server, index) => ({
    ...server,
    index,
    state: "unknown",
    error: undefined,
    failures: 0,
    retryAt: 0,
    probe: undefined,
  }));
  let closed = false;

  function stateOf({ index }: Server): ServerState {
    const state = servers[index];
    if (!state) throw new RangeError("not one of these servers");
    return state;
  }

  function preferred(): Server | undefined {
    return servers.find(({ state }) => state !== "down");
  }

  function failed(server: Server, { code, message }: DirectoryError): void {
    if (closed) return;
    const state = stateOf(server);
    if (state.state !== "down") {
      const details = { server: state.name, error: code, reason: message };
      const event = "directory-unreachable";
      log({ level: "warn", event, message: "A directory server does not serve.", details });
      observe?.({ type: "failover", server: state.name, state: "down", error: code });
    }
    state.state = "down";
    state.error = code;
    const pause =
      Math.min(FIRST_PAUSE * 2 ** state.failures, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
    state.failures = Math.min(state.failures + 1, 16);
    state.retryAt = performance.now() + pause;
    clearTimeout(state.probe);
    state.probe = setTimeout(() => tryAgain(state), pause).unref();
  }

  function tryAgain(state: ServerState): void {
    probe(state).then(
      () => serves(state),
      (error: unknown) => {
        if (error instanceof DirectoryError) failed(state, error);
      },
    );
  }

  function serves(state: ServerState): void {
    clearTimeout(state.probe);
    if (state.state === "down") {
      const details = { server: state.name };
      const event = "directory-reachable";
      log({ level: "info", event, message: "A directory server serves again.", details });
      observe?.({ type: "failover", server: state.name, state: "ready" });
    }
    state.state = "ready";
    state.error = undefined;
  }

  return {
    servers,
    get preferred() {
      return preferred();
    },
    candidates() {
      const up = servers.filter(({ state }) => state !== "down");
      const down = servers.filter(({ state }) => state === "down");
      return [...up, ...down.sort((a, b) => a.retryAt - b.retryAt)];
    },
    failed,
    refusedAccount(server) {
      stateOf(server).error = "service-account";
    },
    answered(server) {
      const state = stateOf(server);
      if (state.state === "ready" && state.failures === 0 && state.error === undefined) return;
      state.failures = 0;
      // While another one serves, only the probe brings it back: it may answer some and fail others.
      if (state.state !== "down" || !preferred()) serves(state);
    },
    health: () =>
      servers.map(({ name, state, error }) => ({
        server: name,
        state: error ? "down" : state,
        ...(error && { error }),
      })),
    close() {
      closed = true;
      for (const state of servers) clearTimeout(state.probe);
    },
  };
}
