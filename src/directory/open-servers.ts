import { DirectoryError } from "../errors.ts";
import { connectTo, type OpenConnection } from "./connect-to.ts";
import {
  type Answer,
  type Connection,
  type ConnectionEvents,
  openConnection,
} from "./connection.ts";
import type { Deadline } from "./deadline.ts";
import type { DirectoryHealth } from "./directory.ts";
import {
  type DirectorySettings,
  isProtected,
  securityOf,
  serverName,
} from "./directory-settings.ts";
import { openFailover, type Server } from "./failover.ts";
import { observed } from "./observed.ts";
import { closedError, openPool, type Pool, type PooledConnection } from "./pool.ts";
import { type Request, search } from "./requests.ts";
import { isServerTrouble, resultError } from "./result-codes.ts";
import { prepareServiceAccount } from "./service-account.ts";
import { prepareTlsContext } from "./tls-context.ts";

/**
 * What an operation runs on: `search` and `pages` connections are the service account's, `pages` and `bind` ones are
 * for one operation at a time, and `bind` ones are whoever's password was checked last.
 */
export type ConnectionKind = "search" | "pages" | "bind";

/** Something to do on one connection, with one request or several. */
export type Operation<T> = (
  ask: (request: Request) => Promise<Answer>,
  server: string,
) => Promise<T>;

/** The servers of a directory and the connections to them. */
export interface Servers {
  /** Runs an operation on the server to use at the moment. Rejects with a `DirectoryError`. */
  perform<T>(kind: ConnectionKind, deadline: Deadline, operation: Operation<T>): Promise<T>;
  /** Whether nobody on the way can read what is sent: TLS, or a Unix socket. */
  readonly isProtected: boolean;
  /** The server to use at the moment; undefined while all are down. */
  readonly preferred: Server | undefined;
  /**
   * Opens a connection to the server to use at the moment that belongs to no pool and is closed by whoever wanted it, as the service account. Its
   * failures say nothing about the servers. Rejects with a `DirectoryError`, and when the signal is aborted.
   */
  connectApart<C extends Connection>(
    open: OpenConnection<C>,
    signal: AbortSignal,
  ): Promise<C & { readonly server: Server }>;
  health(): DirectoryHealth;
  close(): Promise<void>;
}

const SEARCHES_PER_CONNECTION = 32;
const CLOSING_TIME = 5_000;
const SHORTEST_DIAL = 500;

/** Prepares the connections. None is opened before the first operation. Throws `ConfigError`. */
export function openServers(settings: DirectorySettings): Servers {
  const { security, connections, operationTimeout, idleTimeout, log, observe } = settings;
  const contexts = {
    service: prepareTlsContext(settings.tls, true),
    bind: prepareTlsContext(settings.tls, false),
  };
  const bindServiceAccount = prepareServiceAccount(settings.serviceAccount, log);
  const open = new Set<Connection>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const failover = openFailover(
    settings.servers.map((address) => ({
      address,
      name: serverName(address, securityOf(address, security)),
    })),
    probe,
    log,
    observe,
  );
  // So that a server that swallows everything leaves time for the others within one request.
  const { length } = settings.servers;
  const dialTimeout =
    length > 1
      ? Math.max(settings.dialTimeout / (length + 1), SHORTEST_DIAL)
      : settings.dialTimeout;

  function pool(kind: ConnectionKind, size: number, share: number): Pool {
    const preferred = () => failover.preferred;
    const { queue } = connections;
    return openPool({ size, share, queue, idleTimeout, open: () => connectToAny(kind), preferred });
  }
  const pools = {
    search: pool("search", connections.search, SEARCHES_PER_CONNECTION),
    pages: pool("pages", 1, 1),
    bind: pool("bind", connections.bind, 1),
  };

  async function connectToAny(kind: ConnectionKind): Promise<PooledConnection> {
    let first: DirectoryError | undefined;
    for (const server of failover.candidates()) {
      try {
        return await connect(server, kind);
      } catch (error) {
        if (closing.signal.aborted) throw closedError();
        if (!(error instanceof DirectoryError)) throw error;
        if (error.code === "service-account") {
          failover.refusedAccount(server);
          throw error;
        }
        failover.failed(server, error);
        first ??= error;
      }
    }
    throw first ?? new DirectoryError("There is no directory server.", { code: "unreachable" });
  }

  async function connect(server: Server, kind: ConnectionKind): Promise<PooledConnection> {
    let connection: PooledConnection | undefined;
    const events: ConnectionEvents = {
      closed(error) {
        if (!connection) return;
        open.delete(connection);
        observe?.({ type: "pool", pool: kind, server: server.name, change: "closed" });
        const isFresh = connection.answered <= setUp;
        if (error && !closing.signal.aborted && (isFresh || error.code === "protocol")) {
          failover.failed(server, error);
        }
      },
      silent(waited) {
        // A caller with little time left says nothing about the server.
        if (waited < Math.min(operationTimeout, 1_000)) return;
        const message = `${server.name} does not answer`;
        failover.failed(server, new DirectoryError(message, { code: "timeout" }));
      },
    };
    let setUp = 0;
    connection = await connectTo(
      server,
      {
        directory: settings,
        context: kind === "bind" ? contexts.bind : contexts.service,
        ...(kind !== "bind" && { bindServiceAccount }),
        timeout: dialTimeout,
        signal: closing.signal,
      },
      (socket, name) => openConnection(socket, name, events),
    );
    setUp = connection.answered;
    open.add(connection);
    observe?.({ type: "pool", pool: kind, server: server.name, change: "opened" });
    return connection;
  }

  /** Whether a server that was down serves again: it must let the service account in and answer a question. */
  async function probe(server: Server): Promise<void> {
    const connection = await connect(server, "search");
    try {
      await connection.request(
        search(ROOT, { seconds: 1 }),
        Math.min(operationTimeout, dialTimeout),
      );
    } finally {
      connection.retire();
    }
  }

  async function connectApart<C extends Connection>(
    opened: OpenConnection<C>,
    signal: AbortSignal,
  ): Promise<C & { readonly server: Server }> {
    let first: unknown;
    for (const server of failover.candidates()) {
      try {
        return await connectTo(
          server,
          {
            directory: settings,
            context: contexts.service,
            bindServiceAccount,
            timeout: dialTimeout,
            signal,
          },
          opened,
        );
      } catch (error) {
        first ??= error;
        if (signal.aborted) break;
      }
    }
    throw first ?? closedError();
  }

  async function perform<T>(
    kind: ConnectionKind,
    deadline: Deadline,
    operation: Operation<T>,
  ): Promise<T> {
    if (closing.signal.aborted) throw closedError();
    let troubled: Server | undefined;
    const run = () =>
      pools[kind].use(deadline, (connection) => {
        const { server } = connection;
        return operation(async (request) => {
          const timeout = Math.min(operationTimeout, deadline.remaining());
          const asked = () => connection.request(request, timeout);
          const answer = await (observe ? observed(request, server.name, observe, asked) : asked());
          if (!isServerTrouble(answer.result.code)) {
            failover.answered(server);
            return answer;
          }
          troubled = server;
          const error = resultError(server.name, answer.result);
          failover.failed(server, error);
          throw error;
        }, server.name);
      });
    try {
      return await run();
    } catch (error) {
      // A server that says it cannot work is left for the next one, once.
      if (!troubled || !failover.preferred || failover.preferred === troubled) throw error;
    }
    return await run();
  }

  async function closeAll(): Promise<void> {
    failover.close();
    closing.abort(closedError());
    await Promise.all(Object.values(pools).map((one) => one.close(CLOSING_TIME)));
    for (const connection of open) connection.destroy(closedError());
  }

  return {
    perform,
    isProtected: isProtected(settings),
    get preferred() {
      return failover.preferred;
    },
    connectApart,
    health() {
      const servers = failover.health();
      const ready = servers.findIndex(({ state }) => state === "ready");
      const isDown = closing.signal.aborted || servers.every(({ state }) => state === "down");
      return {
        state: isDown ? "down" : ready === 0 ? "ready" : "degraded",
        servers,
        connections: {
          search: pools.search.connections + pools.pages.connections,
          bind: pools.bind.connections,
        },
      };
    },
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

/** The root DSE (RFC 4512 section 5.1): every server answers this. */
const ROOT = {
  base: "",
  scope: "base",
  filter: { type: "present", attribute: "objectClass" },
  attributes: [],
} as const;
