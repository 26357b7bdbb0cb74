/** passport-ldapauth as its README sets it up for HTTP Basic. */
import basicAuth from "basic-auth";
import express from "express";
import passport from "passport";
import LdapStrategy from "passport-ldapauth";
import { BASE, SERVICE } from "../people.ts";
import { settingsOf } from "../processes.ts";
import { serve } from "./answer.ts";
import { BODY } from "./body.ts";

const { port } = settingsOf();
passport.use(
  new LdapStrategy({
    server: {
      url: `ldap://127.0.0.1:${port}`,
      bindDN: SERVICE.dn,
      bindCredentials: SERVICE.password,
      searchBase: BASE,
      searchFilter: "(uid={{username}})",
      searchAttributes: ["uid", "mail"],
    },
    credentialsLookup: basicAuth,
  }),
);
const app = express();
app.get("/", passport.authenticate("ldapauth", { session: false }), (_req, res) => {
  res.json(BODY);
});
await serve(app);
