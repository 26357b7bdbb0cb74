import express, { type Router } from "express";
// In your own project, this is "express-authnz-ldap".
import { type AuthnzLdap, requireLevel } from "../src/index.ts";
import { sessionsPage } from "./pages/sessions.ts";
import { sameSiteOnly } from "./same-site.ts";

/** `/sessions`, for level 3: signs somebody out everywhere. */
export function endSessions(ldap: AuthnzLdap): Router {
  const router = express.Router();
  router.use(requireLevel(3));
  router.get("/", (req, res) => {
    res.send(sessionsPage(ldap.authenticated(req).username));
  });
  const readForm = express.urlencoded({ extended: false, limit: "4kb" });
  router.post("/", sameSiteOnly, readForm, async (req, res) => {
    const { username } = (req.body ?? {}) as { readonly username?: unknown };
    if (typeof username !== "string" || username === "") {
      res.status(400).type("text").send("A name is missing.\n");
      return;
    }
    const sessions = await ldap.revoke(username);
    res.send(sessionsPage(ldap.authenticated(req).username, { username, sessions }));
  });
  return router;
}
