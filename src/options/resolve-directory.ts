import { readFileSync } from "node:fs";
import type { DereferenceAliases, DirectorySettings } from "../directory/directory-settings.ts";
import { ConfigError } from "../errors.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import { normalizeDn } from "../ldap/dn.ts";
import type { Log } from "../log.ts";
import type { AuthnzLdapOptions, TlsOptions } from "./authnz-ldap-options.ts";
import { checkKeys, flag, text, wholeNumber } from "./check.ts";
import { isLoopback } from "./is-loopback.ts";
import { resolveReferrals } from "./resolve-referrals.ts";

const MINUTE = 60_000;

/** The options that concern the connection to the directory. Reads the files that they name. */
export function resolveDirectory(
  options: Partial<AuthnzLdapOptions>,
  url: AuthLdapUrl,
  timeout: number,
  log: Log,
): DirectorySettings {
  const { connections = {} } = options;
  checkKeys(connections, ["search", "bind", "idleTimeout"], "connections");
  const security = resolveSecurity(options.tls, url, log);
  const tls = resolveTls(options.tls, log);
  const isCleartextWanted = options.tls === "none" || url.connectionMode === "none";
  const referrals = resolveReferrals(options.referrals, { security, isCleartextWanted }, log);
  return {
    servers:
      url.socketPath === undefined
        ? url.hosts.map(({ host, port }) => ({ kind: "tcp", host, port }))
        : [{ kind: "unix", path: url.socketPath }],
    security,
    tls,
    serviceAccount: resolveServiceAccount(options, tls.cert !== undefined && security !== "none"),
    dereferenceAliases: resolveDereference(options.dereferenceAliases),
    ...(referrals && { referrals }),
    connections: {
      search: wholeNumber(connections.search, 2, "connections.search", [1, 32]),
      bind: wholeNumber(connections.bind, 32, "connections.bind", [1, 1_000]),
      queue: 1_000,
    },
    dialTimeout: timeout,
    operationTimeout: timeout,
    idleTimeout: wholeNumber(connections.idleTimeout, 5 * MINUTE, "connections.idleTimeout", [
      1_000,
      60 * MINUTE,
    ]),
    log,
  };
}

function resolveDereference(option: unknown = "never"): DereferenceAliases {
  if (option === "never" || option === "searching") return option;
  if (option === "finding" || option === "always") return option;
  throw new ConfigError('dereferenceAliases must be "never", "searching", "finding" or "always".', {
    option: "dereferenceAliases",
  });
}

/**
 * How the connection is secured. Nothing here ever means "TLS if the server has it": either it is TLS, or clear text was
 * asked for, or the server is this machine.
 */
function resolveSecurity(
  tls: AuthnzLdapOptions["tls"],
  url: AuthLdapUrl,
  log: Log,
): DirectorySettings["security"] {
  const { scheme, connectionMode } = url;
  const isTls = scheme === "ldaps" || connectionMode === "ssl" || connectionMode === "starttls";
  if (tls === "none" && isTls) {
    throw new ConfigError(
      'tls: "none" contradicts the URL, which asks for TLS: leave the option out, or write NONE.',
      {
        option: "tls",
      },
    );
  }
  const hasTlsSettings = tls !== undefined && tls !== "none";
  if (scheme === "ldapi") {
    if (!hasTlsSettings && !isTls) return "none";
    throw new ConfigError("There is no TLS on a Unix socket (ldapi): leave the TLS settings out.", {
      option: "tls",
    });
  }
  if (connectionMode === "none" && scheme === "ldap" && hasTlsSettings) {
    throw new ConfigError(
      "tls settings and the URL's NONE contradict each other: leave one of them out.",
      {
        option: "tls",
      },
    );
  }
  if (scheme === "ldaps" || connectionMode === "ssl") return "tls";
  if (connectionMode === "starttls") return "starttls";

  const isLocal = url.hosts.every(({ host }) => isLoopback(host));
  if (connectionMode !== "none" && tls !== "none") {
    return isLocal && tls === undefined ? "none" : "starttls";
  }
  if (!isLocal) {
    const hosts = url.hosts.map(({ host }) => host).join(" ");
    log({
      level: "warn",
      event: "cleartext-directory",
      message: "Passwords go to the directory in clear text, as configured.",
      details: { hosts },
    });
  }
  return "none";
}

function resolveTls(tls: AuthnzLdapOptions["tls"], log: Log): DirectorySettings["tls"] {
  if (tls === undefined || tls === "none") return { minVersion: "TLSv1.2" };
  if (typeof tls !== "object") {
    throw new ConfigError('tls must be an object of settings, or "none".', { option: "tls" });
  }
  checkKeys(
    tls,
    [
      ...["ca", "caFile", "cert", "certFile", "key", "keyFile", "passphrase"],
      ...["minVersion", "serverName", "dangerouslyAcceptAnyCertificate"],
    ],
    "tls",
  );
  const { minVersion = "TLSv1.2" } = tls;
  if (minVersion !== "TLSv1.2" && minVersion !== "TLSv1.3") {
    throw new ConfigError('tls.minVersion must be "TLSv1.2" or "TLSv1.3".', {
      option: "tls.minVersion",
    });
  }
  const ca = pem(tls, "ca");
  const cert = pem(tls, "cert");
  const key = pem(tls, "key");
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError("tls.cert and tls.key (or their files) go together.", { option: "tls" });
  }
  const passphrase = text(tls.passphrase, "tls.passphrase");
  const serverName = text(tls.serverName, "tls.serverName");
  const acceptAny = flag(
    tls.dangerouslyAcceptAnyCertificate,
    false,
    "tls.dangerouslyAcceptAnyCertificate",
  );
  if (acceptAny) {
    log({
      level: "warn",
      event: "certificates-not-verified",
      message:
        "Whoever answers in the directory's place gets the passwords: no certificate is verified.",
    });
  }
  return {
    minVersion,
    ...(ca && { ca }),
    ...(cert && key && { cert: cert.join("\n"), key: key.join("\n") }),
    ...(passphrase && { passphrase }),
    ...(serverName && { serverName }),
    ...(acceptAny && { dangerouslyAcceptAnyCertificate: true }),
  };
}

/** PEM texts, given as they are or as the name of a file. */
function pem(tls: TlsOptions, what: "ca" | "cert" | "key"): readonly string[] | undefined {
  const given = tls[what];
  const file = tls[`${what}File`];
  const option = `tls.${what}`;
  if (given !== undefined && file !== undefined) {
    throw new ConfigError(`Give ${option} or ${option}File, not both.`, { option });
  }
  const texts = file === undefined ? given : readPem(file, `${option}File`);
  if (texts === undefined) return undefined;
  const list = typeof texts === "string" ? [texts] : texts;
  const isPem = (one: unknown) => typeof one === "string" && one.includes("-----BEGIN ");
  if (!Array.isArray(list) || list.length === 0 || !list.every(isPem)) {
    throw new ConfigError(`${file === undefined ? option : `${option}File`} holds no PEM text.`, {
      option,
    });
  }
  return list;
}

function readPem(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`${option}: ${(cause as Error).message}`, { option, cause });
  }
}

function resolveServiceAccount(
  { bindDn, bindPassword, anonymousBind }: Partial<AuthnzLdapOptions>,
  hasCertificate: boolean,
): DirectorySettings["serviceAccount"] {
  if (bindDn === undefined && bindPassword === undefined) {
    const binds = flag(anonymousBind, false, "anonymousBind");
    return hasCertificate ? { kind: "external" } : { kind: "anonymous", binds };
  }
  if (bindDn === undefined || bindPassword === undefined) {
    throw new ConfigError("bindDn and bindPassword go together.", {
      option: bindDn === undefined ? "bindDn" : "bindPassword",
    });
  }
  // Active Directory also binds user@domain and DOMAIN\user.
  if (
    typeof bindDn !== "string" ||
    !(normalizeDn(bindDn) || /^[^=\s]+[@\\][^=\s]+$/.test(bindDn))
  ) {
    // Not shown: who mixes the two up has written the password here.
    throw new ConfigError(
      'bindDn is not a DN such as "cn=reader,dc=example,dc=org" (nor user@domain or DOMAIN\\user).',
      { option: "bindDn" },
    );
  }
  const isFile = typeof bindPassword === "object" && bindPassword !== null;
  if (isFile) checkKeys(bindPassword, ["file"], "bindPassword");
  const password = isFile
    ? { file: text(bindPassword.file, "bindPassword.file") ?? "" }
    : bindPassword;
  if (
    password === "" ||
    (typeof password !== "string" && typeof password !== "function" && !isFile)
  ) {
    throw new ConfigError(
      "bindPassword must be a string that is not empty, a function, or { file }.",
      {
        option: "bindPassword",
      },
    );
  }
  return { kind: "simple", dn: bindDn, password };
}
