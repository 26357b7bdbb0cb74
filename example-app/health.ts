import type { RequestHandler } from "express";
// In your own project, this is "express-authnz-ldap".
import type { AuthnzLdap } from "../src/index.ts";

/** For load balancers: whether this process can serve. Anybody may ask, so it says no more than that. */
export function healthCheck(ldap: AuthnzLdap, isStoreReady: () => boolean): RequestHandler {
  return (_, res) => {
    const canServe = ldap.health().state !== "down" && isStoreReady();
    res.status(canServe ? 200 : 503).set("Cache-Control", "no-store");
    res.type("text").send(canServe ? "ok\n" : "unavailable\n");
  };
}
