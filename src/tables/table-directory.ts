import type {
  DirectorySettings,
  ReferralServer,
  ServiceAccount,
} from "../directory/directory-settings.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { TableSettings } from "./table-settings.ts";
import { tableTls } from "./table-tls.ts";

const IDLE_TIME = 60_000;
const MOST_WAITING = 1_000;
const MOST_HOPS = 5;

/**
 * How to reach the directory of a table: one connection, with many searches at a time on it. Throws a `ConfigError` for certificates that can't be used, and
 * for `bind = sasl` without what proves who asks.
 *
 * chase_referrals goes to the servers of server_host only, with the table's own bind. A reference to any other makes the look-up fail: what a server names could
 * be anybody's, and without it the answer would lack something.
 */
export function tableDirectory(settings: TableSettings, log: Log): DirectorySettings {
  const { servers, timeout, chaseReferrals } = settings;
  const usesTls = servers.some(({ security }) => security !== "none");
  return {
    servers: servers.map(({ address, security }) => ({ ...address, security })),
    security: "none",
    tls: usesTls ? tableTls(settings) : { minVersion: "TLSv1.2" },
    serviceAccount: serviceAccountOf(settings),
    dereferenceAliases: settings.dereference,
    ...(chaseReferrals && {
      referrals: { allow: servers.map(referralServer), hops: MOST_HOPS, others: "error" },
    }),
    connections: { search: 1, bind: 1, queue: MOST_WAITING },
    dialTimeout: timeout,
    operationTimeout: timeout,
    idleTimeout: IDLE_TIME,
    log,
  };
}

function referralServer({ address, security }: TableSettings["servers"][number]): ReferralServer {
  return { address, security };
}

function serviceAccountOf({ name, bind, servers, tls }: TableSettings): ServiceAccount {
  switch (bind.kind) {
    case "none":
      return { kind: "anonymous" };
    case "simple":
      // A name without a password, or the other way round, is refused before it is sent: at each look-up, as in Postfix.
      if (bind.dn === "" && bind.password === "") return { kind: "anonymous", binds: true };
      return { kind: "simple", dn: bind.dn, password: bind.password };
    case "sasl": {
      const mechanisms = bind.mechanisms.toUpperCase().split(" ").filter(Boolean);
      const isExternal = mechanisms.length === 0 || mechanisms.includes("EXTERNAL");
      const isProven = servers.every(
        ({ address, security }) =>
          address.kind === "unix" || (security !== "none" && tls.certFile !== undefined),
      );
      if (isExternal && isProven) return { kind: "external" };
      const problem =
        "of SASL there is EXTERNAL only, which needs tls_cert with start_tls or ldaps://, or ldapi://";
      throw new ConfigError(`${name}: bind: ${problem}`, { option: "bind" });
    }
  }
}
