/** Express alone, or with express-session. */
import express from "express";
import session from "express-session";
import { settingsOf } from "../processes.ts";
import { serve } from "./answer.ts";
import { BODY } from "./body.ts";

const { hasSession } = settingsOf<{ readonly hasSession: boolean }>();
const app = express();
if (hasSession) {
  app.use(session({ secret: "bench", resave: false, saveUninitialized: false }));
  app.post("/login", (req, res) => {
    Object.assign(req.session, { username: "user0" });
    res.redirect(303, "/");
  });
}
app.get("/", (_req, res) => {
  res.json(BODY);
});
await serve(app);
