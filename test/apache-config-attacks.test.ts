import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import express, { type Express } from "express";
import request from "supertest";
import {
  authnzLdap,
  environment,
  fromApacheConfig,
  passwordFile,
  requireAny,
  requireExpr,
  requireGroup,
  requireLevel,
  requireNone,
  requireValidUser,
} from "../src/index.ts";
import type { TestDirectory } from "../src/testing/index.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";

/** The password of all is file-pw. */
const HASH = "$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0";
const ADMINS = "cn=admins,ou=Groups,dc=domain,dc=org";

let directory: TestDirectory;
let folder: string;
let htpasswd: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = mkdtempSync(join(tmpdir(), "authnz-ldap-"));
  htpasswd = join(folder, "htpasswd");
  writeFileSync(htpasswd, `alice:${HASH}\nfileonly:${HASH}\n`);
});
after(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

function protectionOf(text: string) {
  const protection = fromApacheConfig(text, { log: () => {} });
  closing.push(() => protection.close());
  return protection;
}

function login(base = "ou=People,dc=domain,dc=org"): string {
  return `AuthType Basic\nAuthName x\nAuthBasicProvider ldap\nAuthLDAPURL "${directory.url}/${base}?uid"`;
}

/** Sends a path as it stands, which other clients tidy up. */
async function statusOf(app: Express, path: string): Promise<number> {
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      get({ port, host: "127.0.0.1", path, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on("error", reject);
    });
  } finally {
    server.close();
  }
}

describe("a path", () => {
  it("gets past no expression about REQUEST_URI by an encoded slash", async () => {
    const site = join(folder, "site");
    mkdirSync(join(site, "public"), { recursive: true });
    writeFileSync(join(site, "secret.txt"), "secret");
    const ldap = authnzLdap({
      url: `${directory.url}/ou=People,dc=domain,dc=org?uid`,
      anonymous: "allow",
      log: () => {},
    });
    closing.push(() => ldap.close());
    const app = express();
    const open = requireExpr("%{REQUEST_URI} =~ m#^/public/#");
    app.use(ldap, requireAny(open, requireValidUser()), express.static(site));
    for (const path of ["/secret.txt", "/public/..%2fsecret.txt", "/public/%2e%2e%2fsecret.txt"]) {
      assert.notEqual(await statusOf(app, path), 200, path);
    }
  });

  it("that is spelled like an open one is no other route's way out", async () => {
    const app = express();
    app.use(
      protectionOf(`<Location "/">\n${login()}\nRequire valid-user\n</Location>
<Location "/assets">\nRequire all granted\n</Location>`),
    );
    app.use("/assets", (_req, res) => void res.send("an asset"));
    app.use((_req, res) => void res.send("protected"));
    assert.equal(await statusOf(app, "/assets/x"), 200);
    assert.equal(await statusOf(app, "/x"), 401);
    for (const path of ["//assets/x", "/%61ssets/x", "/assets%2f..%2fx"]) {
      assert.equal(await statusOf(app, path), 404, path);
    }
  });

  it("that something before has rewritten is guarded as what it is now, too", async () => {
    const app = express();
    app.use((req, _res, next) => {
      req.url = req.url.replace(/^\/v1(?=\/)/, "");
      next();
    });
    app.use(protectionOf(`<Location "/in">\n${login()}\nRequire valid-user\n</Location>`));
    app.use((_req, res) => void res.send("in"));
    assert.equal(await statusOf(app, "/in"), 401);
    assert.equal(await statusOf(app, "/v1/in"), 401);
    assert.equal(await statusOf(app, "/out"), 200);
  });
});

describe("a person", () => {
  it("is let in by no negation where the base is gone", async () => {
    const rules = ["ldap-user alice", `ldap-group ${ADMINS}`, "ldap-attribute uid=alice"];
    for (const rule of [...rules, "ldap-filter uid=alice"]) {
      const app = express();
      const text = `<Location "/">
${login("ou=Gone,dc=domain,dc=org").replace("Provider ldap", "Provider file")}
AuthUserFile "${htpasswd}"
<RequireAll>
Require valid-user
Require not ${rule}
</RequireAll>
</Location>`;
      app.use(protectionOf(text), (_req, res) => void res.send("in"));
      const { status } = await request(app).get("/").auth("alice", "file-pw");
      assert.equal(status, 401, rule);
    }
  });

  it("of another directory is nobody's namesake", async () => {
    const other = await startFixtureDirectory();
    try {
      const app = express();
      const text = `<AuthnProviderAlias ldap partner>
AuthLDAPURL "${other.url}/ou=People,dc=domain,dc=org?uid"
</AuthnProviderAlias>
<Location "/">
${login().replace("Provider ldap", "Provider partner")}
AuthLDAPCompareAsUser on
AuthLDAPSearchAsUser on
Require valid-user
</Location>`;
      app.use(protectionOf(text));
      app.get("/admins", requireGroup(ADMINS), (req, res) => void res.json(environment(req)));
      directory.clearOperations();
      const { status, body } = await request(app).get("/admins").auth("ALICE", "alice-pw");
      // Their own directory says that they are in its group of that name.
      assert.equal(status, 200);
      assert.equal(body.REMOTE_USER, "ALICE");
      assert.deepEqual(directory.operations, []);
    } finally {
      await other.close();
    }
  });

  it("of a password file has neither a level nor none", async () => {
    const ldap = authnzLdap({
      url: `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`,
      otherProviders: [passwordFile({ file: htpasswd })],
      log: () => {},
    });
    closing.push(() => ldap.close());
    const app = express();
    app.use(ldap);
    app.get("/level", requireLevel(1), (_req, res) => void res.send("in"));
    app.get("/none", requireNone(requireLevel(1)), (_req, res) => void res.send("in"));
    for (const path of ["/level", "/none"]) {
      assert.equal((await request(app).get(path).auth("fileonly", "file-pw")).status, 403, path);
    }
  });

  it("can't be called by bytes whose base64 is somebody's name", async () => {
    const charsets = join(folder, "charsets");
    writeFileSync(charsets, "en iso-8859-1\n");
    // In Latin-1 these are a name like others.
    const bytes = Buffer.from("dave", "base64");
    const own = await startFixtureDirectory();
    try {
      own.apply(`dn: uid=${bytes.toString("latin1")},ou=People,dc=domain,dc=org
changetype: add
objectClass: inetOrgPerson
uid: ${bytes.toString("latin1")}
cn: x
sn: x
userPassword: own-pw
`);
      const app = express();
      const text = `AuthLDAPCharsetConfig "${charsets}"
<Location "/">
AuthType Basic
AuthName x
AuthBasicProvider ldap
AuthLDAPURL "${own.url}/ou=People,dc=domain,dc=org?uid"
Require user dave
</Location>`;
      app.use(protectionOf(text), (_req, res) => void res.send("in"));
      const pair = Buffer.concat([bytes, Buffer.from(":own-pw")]).toString("base64");
      const { status } = await request(app)
        .get("/")
        .set("Authorization", `Basic ${pair}`)
        .set("Accept-Language", "en");
      assert.equal(status, 401);
    } finally {
      await own.close();
    }
  });
});

it("a header that is too long for a pattern is refused, not an error of the app", async () => {
  const app = express();
  app.use(
    protectionOf(`BrowserMatch "(?:a{1,300}){1,3}b" slow
<Location "/">\nRequire all granted\n</Location>`),
  );
  app.use((_req, res) => void res.send("in"));
  const { status } = await request(app).get("/").set("User-Agent", "a".repeat(7_000));
  assert([200, 403].includes(status), String(status));
});
