import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { DirectoryError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { type DirectorySettings, securityOf } from "./directory-settings.ts";
import type { Server } from "./failover.ts";
import type { BindServiceAccount } from "./service-account.ts";

/** How one kind of connection is made. */
export interface ConnectSettings {
  readonly directory: DirectorySettings;
  readonly context: SecureContext;
  /** Absent for connections that are nobody's until a visitor's password is checked. */
  readonly bindServiceAccount?: BindServiceAccount;
  /** For everything together, in milliseconds. */
  readonly timeout: number;
  /** Ends the attempt when the directory is closed. */
  readonly signal: AbortSignal;
}

/** Makes a connection of the socket that was dialled. `server` is its name. */
export type OpenConnection<C extends Connection> = (socket: Socket, server: string) => C;

/** Opens a connection to one server and makes it ready for work. Rejects with a `DirectoryError`. */
export async function connectTo<C extends Connection>(
  server: Server,
  { directory, context, bindServiceAccount, timeout, signal }: ConnectSettings,
  open: OpenConnection<C>,
): Promise<C & { readonly server: Server }> {
  const attempt = new AbortController();
  const end = performance.now() + timeout;
  const timer = setTimeout(() => {
    const message = `${server.name}: no connection within ${Math.round(timeout)} ms`;
    attempt.abort(new DirectoryError(message, { code: "timeout" }));
  }, timeout);
  const onClosing = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", onClosing);
  if (signal.aborted) onClosing();
  try {
    const { tls } = directory;
    const security = securityOf(server.address, directory.security);
    const socket = await dial(server.address, { security, tls, context }, attempt.signal);
    const connection = Object.assign(open(socket, server.name), { server });
    try {
      const left = Math.min(end - performance.now(), directory.operationTimeout);
      await bindServiceAccount?.(connection, server.name, left, attempt.signal);
      if (connection.usable) return connection;
      const message = `${server.name}: the connection was closed`;
      throw new DirectoryError(message, { code: "unreachable" });
    } catch (error) {
      connection.destroy();
      throw error;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onClosing);
  }
}
