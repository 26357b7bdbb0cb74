/** ldap-authentication as its README sets it up, behind HTTP Basic. */
import basicAuth from "basic-auth";
import express from "express";
import { authenticate } from "ldap-authentication";
import { BASE, SERVICE } from "../people.ts";
import { settingsOf } from "../processes.ts";
import { serve } from "./answer.ts";
import { BODY } from "./body.ts";

const { port } = settingsOf();
const app = express();
app.get("/", async (req, res) => {
  const { name, pass } = basicAuth(req) ?? {};
  try {
    await authenticate({
      ldapOpts: { url: `ldap://127.0.0.1:${port}` },
      adminDn: SERVICE.dn,
      adminPassword: SERVICE.password,
      userSearchBase: BASE,
      usernameAttribute: "uid",
      username: name,
      userPassword: pass,
      attributes: ["uid", "mail"],
    });
    res.json(BODY);
  } catch {
    res.status(401).json({});
  }
});
await serve(app);
