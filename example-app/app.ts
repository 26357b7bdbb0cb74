import { fileURLToPath } from "node:url";
import express, { type Express, type Router } from "express";
import session, { type Store } from "express-session";
import helmet from "helmet";
// In your own project, this is "express-authnz-ldap".
import {
  type AuthnzLdap,
  type AuthnzLdapOptions,
  authnzLdap,
  passwordWarning,
  requireLevel,
} from "../src/index.ts";
import { AREAS } from "./areas.ts";
import { endSessions } from "./end-sessions.ts";
import { healthCheck } from "./health.ts";
import { mayPass } from "./may-pass.ts";
import { accessPage } from "./pages/access.ts";
import { explainPage } from "./pages/explain.ts";
import { notFoundPage } from "./pages/not-found.ts";
import { page } from "./pages/page.ts";
import { startPage } from "./pages/start.ts";

/** Explanations tell what the directory holds of others. */
const MAY_EXPLAIN = requireLevel(3);

/** What the app needs to know from outside. */
export interface AppSettings {
  readonly ldapOptions: AuthnzLdapOptions;
  /** Signs the session cookie. */
  readonly sessionSecret: string;
  /** Where sessions are kept. Default: in memory. */
  readonly store?: Store;
  /** Whether the store can be used at the moment. Default: always. */
  readonly isStoreReady?: () => boolean;
  /** What is at `/mail`. Default: nothing. */
  readonly mail?: Router;
}

/** The intranet; and the handle of its login, for whoever shuts it down. */
export function createApp(settings: AppSettings): {
  readonly app: Express;
  readonly ldap: AuthnzLdap;
} {
  const { ldapOptions, sessionSecret, store, isStoreReady = () => true, mail } = settings;
  const ldap = authnzLdap(ldapOptions);
  const passwordPath = ldapOptions.passwordChange ? "/password" : undefined;
  const app = express();
  app.use(helmet());
  app.use(express.static(fileURLToPath(new URL("./public", import.meta.url))));
  app.get("/healthz", healthCheck(ldap, isStoreReady));
  // Before the intranet's login, as its users are other people.
  if (mail) app.use("/mail", mail);
  app.use(
    session({
      ...(store && { store }),
      secret: sessionSecret,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: "lax", secure: "auto" },
    }),
  );
  app.use(ldap);

  app.get("/", async (req, res) => {
    if (req.accepts(["html", "json"]) === "json") return void res.json(req.authenticated);
    const verdicts = await Promise.all(AREAS.map(({ guard }) => mayPass(guard, req)));
    const password = { warning: passwordWarning(req), path: passwordPath };
    res.send(startPage(ldap.authenticated(req), AREAS, verdicts, password, mail !== undefined));
  });
  app.get("/access", async (req, res) => {
    const verdicts = await Promise.all(AREAS.map(({ guard }) => mayPass(guard, req)));
    const mayExplain = (await mayPass(MAY_EXPLAIN, req)) === "granted";
    res.send(accessPage(ldap.authenticated(req), AREAS, verdicts, mayExplain));
  });
  app.get("/explain", MAY_EXPLAIN, async (req, res) => {
    const { username: asked, path } = req.query;
    const username = typeof asked === "string" ? asked : "";
    const chosen = AREAS.filter((area) => area.path === path);
    const areas = username === "" ? [] : chosen.length > 0 ? chosen : AREAS;
    const explanations = await Promise.all(
      areas.map(
        async (area) => [area, await ldap.explain({ username, rule: area.guard })] as const,
      ),
    );
    res.send(explainPage(ldap.authenticated(req).username, username, AREAS, explanations));
  });
  app.use("/sessions", endSessions(ldap));
  for (const { path, title, guard, content } of AREAS) {
    app.get(path, guard, (req, res) => {
      res.send(page({ title, username: ldap.authenticated(req).username, content }));
    });
  }
  app.use((req, res) => {
    res.status(404).send(notFoundPage(ldap.authenticated(req).username));
  });
  app.use(ldap.errorHandler);
  return { app, ldap };
}
