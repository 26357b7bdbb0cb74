import { DirectoryError } from "../errors.ts";

/** What was going on when a connection could not be made. */
export type DialStep = "connect" | "starttls" | "tls";

/** What to tell an administrator, by the codes of Node and OpenSSL. */
const TLS_CAUSES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not yet valid",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is self-signed and not among the trusted ones (tls.caFile)",
  SELF_SIGNED_CERT_IN_CHAIN: "the authority of its certificate is not trusted (tls.caFile)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the authority of its certificate is not trusted (tls.caFile)",
  UNABLE_TO_GET_ISSUER_CERT: "the authority of its certificate is not trusted (tls.caFile)",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the authority of its certificate is not trusted (tls.caFile)",
  CERT_SIGNATURE_FAILURE: "the signature of its certificate is wrong",
  CERT_REVOKED: "its certificate is revoked",
  INVALID_PURPOSE: "its certificate is not meant for servers",
  INVALID_CA: "the authority of its certificate is not meant to be one",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "it speaks no TLS version that is allowed (tls.minVersion)",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "it speaks no TLS version that is allowed (tls.minVersion)",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS on this port",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS on this port",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "it demands a client certificate",
  ECONNRESET: "it closed the connection instead of starting TLS",
  EPIPE: "it closed the connection instead of starting TLS",
};

/** The `DirectoryError` for whatever went wrong while dialling. */
export function dialError(server: string, step: DialStep, cause: unknown): DirectoryError {
  if (cause instanceof DirectoryError) return cause;
  const code = errorCode(cause);
  const reason = reasonOf(cause);
  if (step === "connect") {
    return new DirectoryError(`${server}: ${reason}`, { code: "unreachable", cause });
  }
  const known = code === undefined ? undefined : TLS_CAUSES[code];
  const text = known === undefined ? `TLS failed: ${reason}` : `${known} (${code}: ${reason})`;
  return new DirectoryError(`${server}: ${text}`, { code: "tls", cause });
}

/** A name with several addresses fails with an AggregateError that says nothing itself. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(", ");
  return cause instanceof Error ? cause.message : String(cause);
}

function errorCode(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}
