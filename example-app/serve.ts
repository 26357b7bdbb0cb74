import cluster from "node:cluster";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { startBuiltInDirectory } from "./built-in-directory.ts";
import type { Environment } from "./environment.ts";
import { ldapOptionsOf } from "./ldap-options.ts";
import { createMail } from "./mail/mail.ts";
import { openRedis } from "./redis.ts";
import { closeOnSignal } from "./shutdown.ts";

/** Where the intranet is, and which directory it asks. */
export interface Serving {
  readonly address: Pick<AddressInfo, "address" | "port">;
  readonly url: string;
}

/** Starts the intranet in this process. */
export async function serve(environment: Environment): Promise<Serving> {
  const { host, port, ldapUrl, mechanism, redisUrl, sessionSecret } = environment;
  const builtIn = ldapUrl ? undefined : await startBuiltInDirectory(mechanism);
  const url = ldapUrl ?? builtIn?.url ?? "";
  const reached = builtIn ? { ...environment, ca: builtIn.ca, passwordChange: true } : environment;
  const shared = redisUrl ? openRedis(redisUrl) : undefined;
  const mailServer = builtIn?.directory.url ?? environment.mailServer;
  const mail = mailServer
    ? createMail({
        ...{ server: mailServer, mechanism, sessionSecret },
        ...(shared && { store: shared.store, ldapOptions: { redis: shared.redis } }),
      })
    : undefined;
  const { app, ldap } = createApp({
    ldapOptions: {
      ...ldapOptionsOf(url, reached),
      ...(shared && { redis: shared.redis }),
    },
    sessionSecret,
    ...(shared && { store: shared.store, isStoreReady: shared.isReady }),
    ...(mail && { mail: mail.router }),
  });
  const { worker } = cluster;
  const server = createServer((req, res) => {
    if (worker) res.setHeader("X-Served-By", `worker ${worker.id}`);
    app(req, res);
  });
  server.listen(port, host);
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  closeOnSignal(server, async () => {
    await ldap.close();
    await mail?.close();
    await shared?.close();
    await builtIn?.directory.close();
  });
  return { address: server.address() as AddressInfo, url };
}
