import { strict as assert } from "node:assert";
import type { AddressInfo } from "node:net";
import express from "express";
import { authnzLdap, requireLevel } from "express-authnz-ldap";
import { startDirectory } from "express-authnz-ldap/testing";
import session from "express-session";

// bcrypt of "web1-pw": it is computed in a thread, whose file must be in the package.
const ldif = `dn: uid=web1,ou=web,dc=domain,dc=org
objectClass: person
uid: web1
WebAccess: MyWebApp_Level_1
MyWebAccess: MyWebApp_Level_1
userPassword: {CRYPT}$2y$10$a7wpG0aFSF9FRB0J8l3jTOVyAy8W03Fqs5laJ9s3zKYWXIJJkxOQ6
`;
const directory = await startDirectory({
  ldif: `dn: ou=web,dc=domain,dc=org\nobjectClass: top\nou: web\n\n${ldif}`,
});

// A literal URL, so that its attributes are known to the compiler.
const typed = authnzLdap({
  url: "ldap://localhost/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)",
});
export function levelOf(req: express.Request): string {
  // @ts-expect-error: a typo does not compile
  typed.authenticated(req).MYWEBACESS;
  const dn: string | undefined = req.authenticated?.dn;
  return typed.authenticated(req).MYWEBACCESS + dn;
}
await typed.close();

const ldap = authnzLdap({
  url: `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`,
});
const app = express();
app.use(session({ secret: "change me", resave: false, saveUninitialized: false }));
app.use(ldap);
app.get("/", (req, res) => void res.json(req.authenticated));
app.get("/reports", requireLevel(2), (_req, res) => void res.send("reports"));
const server = app.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const headers = { authorization: `Basic ${Buffer.from("web1:web1-pw").toString("base64")}` };

const start = await fetch(`${base}/`, { headers });
assert.equal(await start.text(), '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}');
assert.equal((await fetch(`${base}/reports`, { headers })).status, 403);
assert.equal((await fetch(`${base}/`)).status, 401);

server.closeAllConnections();
server.close();
await ldap.close();
await directory.close();
