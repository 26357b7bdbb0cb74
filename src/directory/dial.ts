import { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { type DialStep, dialError } from "./dial-error.ts";
import {
  type Security,
  type ServerAddress,
  serverName,
  type TlsSettings,
} from "./directory-settings.ts";
import { requestStartTls } from "./start-tls.ts";

/** How to reach a server. */
export interface DialSettings {
  readonly security: Security;
  readonly tls: TlsSettings;
  readonly context: SecureContext;
}

const KEEP_ALIVE_DELAY = 30_000;
const ADDRESS_TIMEOUT = 1_000;

/**
 * Connects to a server and secures the connection; nothing but a StartTLS request is sent before that. Rejects with a
 * `DirectoryError` (`unreachable`, `tls`), or with the signal's reason once it is aborted, and leaves no socket behind.
 */
export async function dial(
  address: ServerAddress,
  { security, tls, context }: DialSettings,
  signal: AbortSignal,
): Promise<Socket> {
  const server = serverName(address, security);
  signal.throwIfAborted();
  const socket = connectTcp({
    ...(address.kind === "unix"
      ? { path: address.path }
      : { host: address.host, port: address.port }),
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    noDelay: true,
    // Of a name with several addresses each gets this long; Node's own 250 ms are too few for a far server.
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT,
  });
  // For the socket's whole life: an error event that nobody listens to ends the process.
  socket.on("error", ignore);
  let secured: TLSSocket | undefined;
  let step: DialStep = "connect";
  try {
    await happens(socket, "connect", signal);
    if (security === "none") return socket;

    if (security === "starttls") {
      step = "starttls";
      await requestStartTls(socket, server, signal);
    }
    step = "tls";
    const host = tls.serverName ?? (address.kind === "tcp" ? address.host : "localhost");
    secured = connectTls({
      socket,
      secureContext: context,
      // `host` is the identity to check. `servername` (SNI) must not be an address (RFC 6066 section 3).
      host,
      ...(isIP(host) ? {} : { servername: host }),
      // Said, so that NODE_TLS_REJECT_UNAUTHORIZED=0 cannot turn it off.
      rejectUnauthorized: tls.dangerouslyAcceptAnyCertificate !== true,
      checkServerIdentity: checkIdentity,
    });
    secured.on("error", ignore);
    await happens(secured, "secureConnect", signal);
    return secured;
  } catch (cause) {
    secured?.destroy();
    socket.destroy();
    if (signal.aborted && cause === signal.reason) throw cause;
    throw dialError(server, step, cause);
  }
}

function ignore(): void {}

/** RFC 9525 section 2: a common name is no identity. Node still falls back to it where there is no DNS name. */
function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  // Node 22.23's own check finds no IPv6 address in any certificate.
  if (isIP(host) !== 0) return checkAddress(host, certificate);
  const { CN: _, ...subject } = certificate.subject;
  return checkServerIdentity(host, { ...certificate, subject } as PeerCertificate);
}

function checkAddress(address: string, certificate: PeerCertificate): Error | undefined {
  if (new X509Certificate(certificate.raw).checkIP(address) !== undefined) return undefined;
  const names = certificate.subjectaltname ?? "no subjectAltName";
  const message = `The certificate is not for the address ${address}, but for: ${names}`;
  return Object.assign(new Error(message), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

/** Resolves with the event; rejects with the socket's error, its close, or the signal's reason. */
function happens(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    function onEvent(): void {
      settle();
      resolve();
    }
    function onError(cause: Error): void {
      settle();
      reject(cause);
    }
    function onClose(): void {
      onError(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
    }
    function onAbort(): void {
      settle();
      reject(signal.reason);
    }
    function settle(): void {
      socket.off(event, onEvent).off("error", onError).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    }
    if (signal.aborted) {
      onAbort();
      return;
    }
    socket.on(event, onEvent).on("error", onError).on("close", onClose);
    signal.addEventListener("abort", onAbort);
  });
}
