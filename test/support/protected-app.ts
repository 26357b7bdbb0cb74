import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import session from "express-session";
import helmet from "helmet";
import { type AuthnzLdap, type AuthnzLdapOptions, authnzLdap } from "../../src/index.ts";

/** An app as a user would build it, listening on loopback. */
export interface ProtectedApp {
  readonly app: Express;
  readonly ldap: AuthnzLdap;
  readonly url: string;
  close(): Promise<void>;
}

/**
 * helmet, express-session and `authnzLdap`, then the routes; `/` answers `req.authenticated`. Nothing is remembered and nothing watched, so that each
 * operation at the directory is one that a test asked for.
 */
export async function protectedApp(
  options: AuthnzLdapOptions,
  routes: (app: Express) => void = () => {},
): Promise<ProtectedApp> {
  const ldap = authnzLdap({
    log: () => {},
    throttle: false,
    cache: false,
    watch: false,
    ...options,
  });
  const app = express();
  app.use(helmet());
  app.use(session({ secret: "test", resave: false, saveUninitialized: false }));
  app.use(ldap);
  app.get("/", (req, res) => void res.json(req.authenticated));
  routes(app);
  app.use(ldap.errorHandler);

  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  const { port } = server.address() as AddressInfo;
  return {
    app,
    ldap,
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await ldap.close();
    },
  };
}
