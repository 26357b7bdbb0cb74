import { ConfigError } from "../errors.ts";
import type { RedisClient, RedisSettings } from "../web/redis-client.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, text } from "./check.ts";

const DEFAULT_PREFIX = "authnz-ldap:";

/** Asks Redis nothing yet. Throws a `ConfigError` for what is no client. */
export function resolveRedis(option: AuthnzLdapOptions["redis"]): RedisSettings | undefined {
  if (option === undefined) return undefined;
  checkKeys(option, ["client", "prefix"], "redis");
  const { client } = option;
  if (!isClient(client)) {
    throw new ConfigError(
      "redis.client must be a client of node-redis (createClient) or of ioredis (new Redis): not a cluster, and not a URL.",
      { option: "redis.client" },
    );
  }
  return { client, prefix: text(option.prefix, "redis.prefix") ?? DEFAULT_PREFIX };
}

function isClient(client: unknown): client is RedisClient {
  if (typeof client !== "object" || client === null) return false;
  if ("call" in client) return typeof client.call === "function";
  // node-redis' cluster has a sendCommand that takes a key before the command.
  if ("masters" in client || "slots" in client) return false;
  return "sendCommand" in client && typeof client.sendCommand === "function";
}
