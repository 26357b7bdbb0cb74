/** This package, with options as they are given. */
import express from "express";
import session from "express-session";
import { type AuthnzLdapOptions, authnzLdap } from "../../src/index.ts";
import { BASE, SERVICE } from "../people.ts";
import { settingsOf } from "../processes.ts";
import { serve } from "./answer.ts";
import { BODY } from "./body.ts";

interface Settings {
  readonly port: number;
  readonly hasSession: boolean;
  readonly options: Partial<AuthnzLdapOptions>;
}

const { port, hasSession, options } = settingsOf<Settings>();
const app = express();
if (hasSession) app.use(session({ secret: "bench", resave: false, saveUninitialized: false }));
app.use(
  authnzLdap({
    url: `ldap://127.0.0.1:${port}/${BASE}?uid,mail?sub`,
    bindDn: SERVICE.dn,
    bindPassword: SERVICE.password,
    // The load comes from one address and guesses all the time.
    throttle: false,
    log: () => {},
    ...options,
  }),
);
app.get("/", (_req, res) => {
  res.json(BODY);
});
await serve(app);
