import type {
  DirectorySettings,
  ReferralServer,
  Security,
} from "../directory/directory-settings.ts";
import { parseReferralUrl } from "../directory/referral-url.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, wholeNumber } from "./check.ts";
import { isLoopback } from "./is-loopback.ts";

/** How the directory's own connections are secured, and whether clear text was asked for. */
export interface OwnSecurity {
  readonly security: Security;
  readonly isCleartextWanted: boolean;
}

/** The servers that referrals may lead to. `undefined` where there are none. Throws a `ConfigError`. */
export function resolveReferrals(
  option: AuthnzLdapOptions["referrals"],
  own: OwnSecurity,
  log: Log,
): DirectorySettings["referrals"] {
  if (option === undefined) return undefined;
  checkKeys(option, ["allow", "hops"], "referrals");
  const { allow } = option;
  if (!Array.isArray(allow)) throw wrong();
  const servers = allow.map((text: unknown) => resolveServer(text, own));
  const hosts = servers.filter(isCleartext).map(({ address }) => address.host);
  if (hosts.length > 0) {
    const message = "Referrals take the service account's password elsewhere in clear text.";
    const details = { hosts: hosts.join(" ") };
    log({ level: "warn", event: "cleartext-directory", message, details });
  }
  return {
    allow: servers,
    hops: wholeNumber(option.hops, 5, "referrals.hops", [1, 32]),
  };
}

type NamedServer = ReferralServer & { readonly address: { readonly kind: "tcp" } };

function isCleartext({ security, address }: NamedServer): boolean {
  return security === "none" && !isLoopback(address.host);
}

function resolveServer(text: unknown, own: OwnSecurity): NamedServer {
  const url = typeof text === "string" ? parseReferralUrl(text) : undefined;
  if (url === undefined || Object.hasOwn(url, "dn")) throw wrong();
  if (Object.hasOwn(url, "scope") || Object.hasOwn(url, "filter")) throw wrong();
  const { scheme, host, port } = url;
  const security = scheme === "ldaps" ? "tls" : securityOf(host, own);
  return { address: { kind: "tcp", host, port }, security };
}

/** Never less than the directory's own: where that is clear text because it is this machine, another machine is not. */
function securityOf(host: string, { security, isCleartextWanted }: OwnSecurity): Security {
  if (security !== "none") return "starttls";
  return isCleartextWanted || isLoopback(host) ? "none" : "starttls";
}

function wrong(): ConfigError {
  return new ConfigError(
    'referrals.allow must be a list of servers such as "ldap://host:389" or "ldaps://host".',
    { option: "referrals.allow" },
  );
}
