import { createServer, type Server, type Socket } from "node:net";
import { ConfigError } from "../errors.ts";
import { normalizeDn } from "../ldap/dn.ts";
import type { Entry } from "../ldap/entry.ts";
import { defaultAccess, type MayAccess } from "./access.ts";
import { applyLdif } from "./apply-ldif.ts";
import { checkFault, checkOptions } from "./check-options.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import { openChangeLog } from "./content-sync.ts";
import type { DirectoryState } from "./directory-state.ts";
import { toEntry } from "./entry-copy.ts";
import { EntryTree } from "./entry-tree.ts";
import { createEntryView } from "./entry-view.ts";
import { type Fault, Faults } from "./faults.ts";
import type { OperationRecord } from "./operation-record.ts";
import { createSchema } from "./schema.ts";
import { createTlsSettings, type OwnCertificate } from "./tls-settings.ts";

/** What the directory holds and how it behaves. */
export interface TestDirectoryOptions {
  /** The entries, as LDIF text (RFC 2849). Object classes are not enforced, and a tree's top needs no parent. */
  readonly ldif: string;
  /** More attribute types and object classes, as OpenLDAP's .schema files define them. Default: none; unknown attributes are caseIgnore. */
  readonly schema?: string;
  /** On 127.0.0.1. Default: 0, any free one. */
  readonly port?: number;
  /** StartTLS on `port`, and a second port for ldaps. `true` makes a certificate for localhost on the spot. Default: false. */
  readonly tls?: boolean | OwnCertificate;
  /**
   * What those may do who did not bind. `read`: as `access` says. `bind`: bind, but search nothing (insufficientAccessRights). `refuse`: neither
   * bind anonymously nor anything but bind and StartTLS, as slapd's `disallow bind_anon` and `require authc`. Default: `read`.
   */
  readonly anonymous?: "read" | "bind" | "refuse";
  /** Who may do what. Default: everybody reads everything but `userPassword`, nobody writes, each may change the own password. */
  readonly access?: MayAccess;
  /** Who may do everything, though no entry needs to be there. Default: nobody. */
  readonly administrator?: { readonly dn: string; readonly password: string };
  /** Plays the server that answers success to a DN with an empty password (RFC 4513 section 5.1.2). Default: false. */
  readonly allowUnauthenticatedBind?: boolean;
  /** The most entries that a search gets; more is sizeLimitExceeded. Default: 0, no limit. */
  readonly sizeLimit?: number;
  /**
   * Tells changes to who asks for them (RFC 4533, refreshAndPersist), so that `watch` has something to follow. Default: false, which leaves `watch`
   * without it, and the operations that a test counts to those of logins and guards.
   */
  readonly contentSync?: boolean;
  /** Milliseconds before each answer. Default: 0. */
  readonly latency?: number;
  /** What goes wrong from the start. Default: nothing. */
  readonly faults?: readonly Fault[];
}

/** An LDAP directory that runs in this process, on loopback. */
export interface TestDirectory {
  readonly port: number;
  /** `ldap://127.0.0.1:PORT` */
  readonly url: string;
  readonly ldapsPort: number | undefined;
  /** `ldaps://127.0.0.1:PORT` */
  readonly ldapsUrl: string | undefined;
  /** The certificate of the authority to trust, PEM. */
  readonly ca: string | undefined;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections that were ever accepted. */
  readonly totalConnections: number;
  /** Everything that arrived, in order, since the start or `clearOperations()`. */
  readonly operations: readonly OperationRecord[];
  clearOperations(): void;
  /** Returns what takes the fault away again. Throws `ConfigError` if there is no such fault. */
  addFault(fault: Fault): () => void;
  /** Milliseconds before each answer from now on. */
  setLatency(milliseconds: number): void;
  /** Does what the LDIF text says, content or change records, as the directory's owner. Throws `ConfigError`. */
  apply(ldif: string): void;
  /** An entry with all that is stored of it, userPassword and operational attributes too. */
  entry(dn: string): Entry | undefined;
  /** As `kill -9`: all connections end and the ports are closed; the entries stay. */
  stop(): Promise<void>;
  /** Opens the same ports again, after `stop()`. */
  start(): Promise<void>;
  /** `stop()`, for good. */
  close(): Promise<void>;
}

/** Starts a directory. Rejects with `ConfigError` if an option, the LDIF, the schema or the certificate is wrong, and with the system's error if the port is taken. */
export async function startDirectory(options: TestDirectoryOptions): Promise<TestDirectory> {
  checkOptions(options);
  const state = createState(options);
  applyLdif(state, options.ldif);
  const faults = new Faults();
  for (const fault of options.faults ?? []) faults.add(fault);
  const tls = options.tls ? createTlsSettings(options.tls) : undefined;
  const connections = new Set<Connection>();
  const operations: OperationRecord[] = [];
  let latency = options.latency ?? 0;
  let total = 0;
  let isClosed = false;
  let servers: readonly Server[] = [];
  let ports: readonly number[] = tls ? [options.port ?? 0, 0] : [options.port ?? 0];

  const context: ConnectionContext = {
    state,
    faults,
    tls,
    latency: () => latency,
    log: (record) => operations.push(record),
  };

  function accept(socket: Socket, implicitTls: boolean): void {
    total += 1;
    const connection = new Connection(socket, total, implicitTls, context);
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  }

  async function start(): Promise<void> {
    if (isClosed) throw new ConfigError("the directory is closed; start a new one");
    if (servers.length > 0) return;
    const opened: Server[] = [];
    try {
      for (const [index, port] of ports.entries()) {
        opened.push(await listen(port, (socket) => accept(socket, index === 1)));
      }
    } catch (error) {
      await Promise.all(opened.map(closeServer));
      throw error;
    }
    servers = opened;
    ports = opened.map(portOf);
  }

  async function stop(): Promise<void> {
    const closing = servers.map(closeServer);
    servers = [];
    for (const connection of connections) connection.destroy();
    await Promise.all(closing);
  }

  await start();
  const [port = 0, ldapsPort] = ports;
  return {
    port,
    url: `ldap://127.0.0.1:${port}`,
    ldapsPort,
    ldapsUrl: ldapsPort === undefined ? undefined : `ldaps://127.0.0.1:${ldapsPort}`,
    ca: tls?.ca,
    get connections() {
      return connections.size;
    },
    get totalConnections() {
      return total;
    },
    get operations() {
      return [...operations];
    },
    clearOperations: () => operations.splice(0),
    addFault(fault) {
      checkFault(fault);
      return faults.add(fault);
    },
    setLatency(milliseconds) {
      latency = milliseconds;
    },
    apply: (ldif) => applyLdif(state, ldif),
    entry(dn) {
      const key = normalizeDn(dn);
      const entry = key === undefined ? undefined : state.tree.get(key);
      return entry && toEntry(state, entry);
    },
    start,
    stop,
    async close() {
      isClosed = true;
      await stop();
    },
  };
}

function createState(options: TestDirectoryOptions): DirectoryState {
  const schema = createSchema(options.schema ?? "");
  const tree = new EntryTree();
  const { administrator } = options;
  const administratorDn = administrator && normalizeDn(administrator.dn);
  if (administrator !== undefined && !administratorDn) {
    throw new ConfigError("administrator.dn is no DN", { option: "administrator.dn" });
  }
  const access = options.access ?? defaultAccess;
  return {
    schema,
    tree,
    view: createEntryView(tree, schema),
    access: (request) => (request.who !== "" && request.who === administratorDn) || access(request),
    anonymous: options.anonymous ?? "read",
    administrator:
      administrator && administratorDn
        ? { dn: administratorDn, password: administrator.password }
        : undefined,
    allowUnauthenticatedBind: options.allowUnauthenticatedBind ?? false,
    sizeLimit: options.sizeLimit ?? 0,
    offersStartTls: Boolean(options.tls),
    changeLog: options.contentSync === true ? openChangeLog(tree) : undefined,
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      // A failing accept (too many open files) ends no directory.
      server.on("error", () => {});
      resolve(server);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
