import type { RequestHandler } from "express";

/**
 * Lets a form pass only from a page of this site, as the login form does: a page elsewhere could send it in the name of who is signed in.
 * Who sends neither header is no browser.
 */
export const sameSiteOnly: RequestHandler = (req, res, next) => {
  const { origin, "sec-fetch-site": site } = req.headers;
  const own = `${req.protocol}://${req.host}`;
  const isOurs =
    site === undefined ? origin === undefined || origin === own : site === "same-origin";
  if (isOurs) next();
  else res.status(403).type("text").send("This form was sent from another site.\n");
};
