import { RedisStore } from "connect-redis";
import type { Store } from "express-session";
import { createClient } from "redis";
// In your own project, this is "express-authnz-ldap".
import type { AuthnzLdapOptions } from "../src/index.ts";

/** What several processes share. */
export interface SharedMemory {
  /** Sessions, for express-session. */
  readonly store: Store;
  /** Counts of wrong passwords, and who was signed out, for authnzLdap. */
  readonly redis: NonNullable<AuthnzLdapOptions["redis"]>;
  isReady(): boolean;
  close(): Promise<void>;
}

/** How long Redis may be silent, and how long to wait for a connection, in milliseconds. */
const PATIENCE = 2_000;
const LONGEST_PAUSE = 2_000;

/** Connects in the background: the intranet starts, and goes on, while Redis is away, and answers 503 to who is signed in. */
export function openRedis(url: string): SharedMemory {
  const client = createClient({
    url,
    // Who asks now wants to know now.
    disableOfflineQueue: true,
    // An idle connection hears a ping a second, so that one that hears nothing is dead.
    pingInterval: PATIENCE / 2,
    socket: {
      connectTimeout: PATIENCE,
      socketTimeout: PATIENCE,
      // node-redis' own strategy gives up after a timeout.
      reconnectStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_PAUSE),
    },
  });
  let isAway = false;
  // Without a listener an error ends the process. It comes with each try; once is enough for people.
  client.on("error", (error: unknown) => {
    if (!isAway) write(`Redis is away: ${reasonOf(error)}`);
    isAway = true;
  });
  client.on("ready", () => {
    if (isAway) write("Redis is back.");
    isAway = false;
  });
  client.connect().catch(() => {
    // It has been told as "error".
  });
  return {
    store: new RedisStore({ client, prefix: "intranet:session:" }),
    redis: { client, prefix: "intranet:ldap:" },
    isReady: () => client.isReady,
    async close() {
      if (client.isReady) await client.close();
      else client.destroy();
    },
  };
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Not the message of a refused password, which may repeat what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
