import type { Observe } from "../events.ts";
import type { Log } from "../log.ts";

/** Where one directory server listens. */
export type ServerAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** `starttls` turns TLS on before anything else is sent (RFC 4511 section 4.14), `tls` speaks it from the first byte. */
export type Security = "none" | "starttls" | "tls";

/** One server of a directory. */
export type DirectoryServer = ServerAddress & {
  /** How it is spoken to, where that is not as with the others. Default: the directory's. */
  readonly security?: Security;
};

/** How the servers' certificates are checked, and which one is shown to them. */
export interface TlsSettings {
  /** The authorities to trust, PEM. Default: those that Node trusts. */
  readonly ca?: readonly (string | Buffer)[];
  /** The service account's client certificate, PEM. Never shown on a connection that checks a visitor's password. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** The cipher suites to offer, in OpenSSL's words. Default: Node's. */
  readonly ciphers?: string;
  /** The name that the certificate must be for. Default: the server's host. */
  readonly serverName?: string;
  /** Talks to whoever answers: everybody on the way can read and keep every password. Default: false. */
  readonly dangerouslyAcceptAnyCertificate?: boolean;
}

/** Where the service account's password comes from; a function and a file are read again for each new connection. */
export type PasswordSource = string | (() => string | Promise<string>) | { readonly file: string };

/** As whom the directory is searched. `external` is the client certificate's owner (SASL EXTERNAL, RFC 4422). */
export type ServiceAccount =
  /** `binds` says so to the server first, which may refuse it (RFC 4513 section 5.1.1). Default: false. */
  | { readonly kind: "anonymous"; readonly binds?: boolean }
  | { readonly kind: "simple"; readonly dn: string; readonly password: PasswordSource }
  | { readonly kind: "external" };

/** RFC 4511 section 4.5.1.3: `searching` below the base, `finding` the base itself. */
export type DereferenceAliases = "never" | "searching" | "finding" | "always";

/** A server that referrals may lead to, named with its host, and how the connection to it is secured. */
export interface ReferralServer {
  readonly address: ServerAddress;
  readonly security: Security;
}

/** Everything that `openDirectory` needs to know. All times are milliseconds. */
export interface DirectorySettings {
  /** Tried in this order. */
  readonly servers: readonly DirectoryServer[];
  readonly security: Security;
  readonly tls: TlsSettings;
  readonly serviceAccount: ServiceAccount;
  /** Which aliases a search follows (RFC 4511 section 4.5.1.3). Default: none. */
  readonly dereferenceAliases?: DereferenceAliases;
  /**
   * The servers that referrals and search references are followed to, as the same service account or person, and how many in a row. All others are never
   * connected to. Default: none. `others`: what a reference from a search to another server is: nothing, so that the answer is what the directory itself has, or
   * the error `refused`. Default: `ignore`.
   */
  readonly referrals?: {
    readonly allow: readonly ReferralServer[];
    readonly hops: number;
    readonly others?: "ignore" | "error";
  };
  readonly connections: {
    /** The most connections that search, each with up to 32 operations at a time. */
    readonly search: number;
    /** The most connections that check passwords, one at a time each. */
    readonly bind: number;
    /** The most operations that wait for a connection, for each of the two kinds. */
    readonly queue: number;
  };
  /** For connecting, TLS and the service account's bind together. */
  readonly dialTimeout: number;
  readonly operationTimeout: number;
  /** A connection that was not used for so long is closed, before a firewall forgets it. */
  readonly idleTimeout: number;
  /** Hears of operations, connections and servers. Default: nobody does. */
  readonly observe?: Observe;
  readonly log: Log;
}

/** How a server is called in messages, logs and `health()`. */
export function serverName(address: ServerAddress, security: Security): string {
  if (address.kind === "unix") return `ldapi://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${security === "tls" ? "ldaps" : "ldap"}://${host}:${address.port}`;
}

/** Whether nobody on the way to the servers can read what is sent: TLS, or a Unix socket. Passwords are changed only then. */
export function isProtected({
  servers,
  security,
}: Pick<DirectorySettings, "servers" | "security">): boolean {
  return servers.every(
    (server) => server.kind === "unix" || securityOf(server, security) !== "none",
  );
}

/** How one of the servers is spoken to. `security` is the directory's. */
export function securityOf(server: DirectoryServer, security: Security): Security {
  return server.security ?? security;
}
