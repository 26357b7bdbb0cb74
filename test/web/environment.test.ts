import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Express, Request, Response } from "express";
import supertest from "supertest";
import {
  type AuthnzLdapOptions,
  environment,
  otherDirectory,
  passwordFile,
  requireAttribute,
  requireFilter,
  requireNone,
  requireUser,
  requireValidUser,
} from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { protectedApp } from "../support/protected-app.ts";

let directory: TestDirectory;
let folder: string;
let file: string;
let people: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
  file = join(folder, "htpasswd");
  // Both: file-pw
  const hash = "$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0";
  await writeFile(file, `fileonly:${hash}\nweb1:${hash}\n`);
  people = `${directory.url}/ou=People,dc=domain,dc=org?uid,mail,web-role;x-one,missing`;
});
after(async () => {
  await directory.close();
  await rm(folder, { recursive: true });
});

const show = (req: Request, res: Response) => void res.json(environment(req));

function routes(app: Express): void {
  app.get("/env", show);
  app.get("/any", requireValidUser(), show);
  app.get("/attribute", requireAttribute("mail", "alice@domain.org"), show);
  app.get("/filter", requireFilter("(mail=*)"), show);
  app.get("/none", requireNone(requireFilter("(mail=nobody)")), show);
  app.get("/user", requireUser("fileonly", "web1"), show);
}

/** What `environment` says after a login with Basic, or the status of the refusal. */
async function environmentOf(
  options: Partial<AuthnzLdapOptions>,
  path: string,
  username = "alice",
  password = "alice-pw",
): Promise<unknown> {
  const site = await protectedApp({ url: people, ...options }, routes);
  try {
    const answer = await supertest(site.url).get(path).auth(username, password);
    return answer.status === 200 ? answer.body : answer.status;
  } finally {
    await site.close();
  }
}

const MAILS = "alice@domain.org; a.adams@domain.org";
const AUTHENTICATED = {
  AUTHENTICATE_UID: "alice",
  AUTHENTICATE_MAIL: MAILS,
  AUTHENTICATE_WEB_ROLE_X_ONE: "",
  AUTHENTICATE_MISSING: "",
  AUTH_TYPE: "Basic",
  REMOTE_USER: "alice",
};
const AUTHORIZED = {
  AUTHORIZE_UID: "alice",
  AUTHORIZE_MAIL: MAILS,
  AUTHORIZE_WEB_ROLE_X_ONE: "",
  AUTHORIZE_MISSING: "",
};

describe("environment", () => {
  it("tells who is signed in, as a CGI program would see it", async () => {
    assert.deepEqual(await environmentOf({}, "/env"), AUTHENTICATED);
    assert.deepEqual(await environmentOf({}, "/any"), AUTHENTICATED);
  });

  it("has the AUTHORIZE_ variables once a guard that asks the directory lets pass", async () => {
    assert.deepEqual(await environmentOf({}, "/filter"), { ...AUTHENTICATED, ...AUTHORIZED });
    const prefixed = await environmentOf({ authorizePrefix: "my_" }, "/filter");
    assert.equal((prefixed as Record<string, string>).my_MAIL, MAILS);
    assert(!Object.hasOwn(prefixed as object, "AUTHORIZE_MAIL"));
  });

  it("has no AUTHORIZE_ variables from a guard that lets pass because something does not hold", async () => {
    assert.deepEqual(await environmentOf({}, "/none"), AUTHENTICATED);
  });

  it("goes by the DN, or by an attribute of the URL in its spelling", async () => {
    const remoteUser = async (option: AuthnzLdapOptions["remoteUser"]) => {
      const found = await environmentOf({ remoteUser: option ?? "name" }, "/env");
      return (found as Record<string, string>).REMOTE_USER;
    };
    const dn = "uid=alice,ou=People,dc=domain,dc=org";
    assert.equal(await remoteUser("dn"), dn);
    assert.equal(await remoteUser({ attribute: "mail" }), MAILS);
    assert.equal(await remoteUser({ attribute: "mail", orDn: true }), MAILS);
    assert.equal(await remoteUser({ attribute: "Mail" }), "alice");
    assert.equal(await remoteUser({ attribute: "Mail", orDn: true }), dn);
  });

  it("is for nobody who lacks the attribute that the name is made of", async () => {
    const options = { remoteUser: { attribute: "missing" } };
    for (const path of ["/env", "/any"]) assert.equal(await environmentOf(options, path), 403);
    assert.equal(await environmentOf({ ...options, anonymous: "allow" }, "/env"), 403);
  });

  it("says Form where the login is a session's", async () => {
    const site = await protectedApp({ url: people }, routes);
    try {
      const agent = supertest.agent(site.url);
      const body = { username: "alice", password: "alice-pw" };
      await agent.post("/login").send(body).expect(200);
      const { body: shown } = await agent.get("/env").expect(200);
      assert.deepEqual(shown, { ...AUTHENTICATED, AUTH_TYPE: "Form" });
    } finally {
      await site.close();
    }
  });

  it("is empty, and has no prototype, where nobody is signed in", async () => {
    assert.deepEqual(await environmentOf({ anonymous: "allow" }, "/env", "", ""), 401);
    const site = await protectedApp({ url: people, anonymous: "allow" }, routes);
    try {
      const answer = await supertest(site.url).get("/env").set("REMOTE-USER", "admin").expect(200);
      assert.deepEqual(answer.body, {});
    } finally {
      await site.close();
    }
    const stranger = environment({ headers: { remote_user: "admin" } } as never);
    assert.equal(Object.getPrototypeOf(stranger), null);
    assert(Object.isFrozen(stranger));
  });
});

describe("somebody of a password file", () => {
  const options = () => ({ otherProviders: [passwordFile({ file })] });
  const REMOTE = { AUTH_TYPE: "Basic", REMOTE_USER: "fileonly" };

  it("has a name and no attributes, however others are named", async () => {
    for (const remoteUser of ["name", "dn", { attribute: "mail" }] as const) {
      const shown = await environmentOf(
        { ...options(), remoteUser },
        "/env",
        "fileonly",
        "file-pw",
      );
      assert.deepEqual(shown, REMOTE);
    }
  });

  it("is refused by guards that ask a directory", async () => {
    for (const path of ["/attribute", "/filter", "/none"]) {
      const status = await environmentOf(options(), path, "fileonly", "file-pw");
      assert.equal(status, 403, path);
    }
  });

  it("stays signed in by session while the file lists them, and no longer", async () => {
    const own = join(folder, "changing");
    await writeFile(own, `fileonly:{SHA}h+sYo5eVKnRd4dCrZ5zuqNXt86A=\n`);
    const site = await protectedApp(
      {
        url: people,
        otherProviders: [passwordFile({ file: own })],
        session: { revalidateAfter: 0 },
      },
      routes,
    );
    try {
      const agent = supertest.agent(site.url);
      const body = { username: "fileonly", password: "other-pw" };
      await agent.post("/login").send(body).expect(200);
      const get = () => agent.get("/env").set("Accept", "application/json");
      assert.equal((await get()).body.REMOTE_USER, "fileonly");
      await writeFile(own, "somebody:else\n");
      await get().expect(401);
    } finally {
      await site.close();
    }
  });
});

describe("somebody of another directory", () => {
  it("shows the attributes of the first directory's URL, and is asked about in their own", async () => {
    const web = `${directory.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess`;
    const options = { otherProviders: [otherDirectory({ url: web })] };
    const shown = await environmentOf(options, "/env", "web1", "web1-pw");
    assert.equal((shown as Record<string, string>).AUTHENTICATE_UID, "web1");
    assert.equal((shown as Record<string, string>).REMOTE_USER, "web1");
    assert(!Object.hasOwn(shown as object, "AUTHENTICATE_MYWEBACCESS"));
    assert.notEqual(await environmentOf(options, "/user", "web1", "web1-pw"), 403);
    assert.equal(await environmentOf(options, "/attribute", "web1", "web1-pw"), 403);
  });
});
