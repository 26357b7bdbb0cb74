import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { type Express, Router } from "express";
import request from "supertest";
import {
  type ApacheProtection,
  ConfigError,
  environment,
  fromApacheConfig,
  type LogRecord,
  requireAttribute,
  requireUser,
} from "../src/index.ts";
import type { TestDirectory } from "../src/testing/index.ts";
import { startFixtureDirectory } from "./support/fixture-directory.ts";
import { type CreateExpress, onEachExpress } from "./support/web-app.ts";

let directory: TestDirectory;
let folder: string;
before(async () => {
  directory = await startFixtureDirectory();
  folder = mkdtempSync(join(tmpdir(), "authnz-ldap-"));
});
after(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

function people(): string {
  return `AuthType Basic
  AuthName "Intranet"
  AuthBasicProvider ldap
  AuthLDAPURL "${directory.url}/ou=People,dc=domain,dc=org?uid,mail"`;
}

interface Protected {
  readonly app: Express;
  readonly protection: ApacheProtection;
  readonly records: LogRecord[];
}

/** Every path answers with who it is and the variables. */
function protectedApp(createExpress: CreateExpress, text: string, mount = "/"): Protected {
  const records: LogRecord[] = [];
  const protection = fromApacheConfig(text, { log: (record) => void records.push(record) });
  const app = createExpress();
  app.use(mount, protection);
  app.get("/guarded", requireAttribute("employeeType", "active"), (_req, res) => {
    res.send("guarded");
  });
  app.use((req, res) => {
    res.json({ authenticated: req.authenticated ?? null, environment: environment(req) });
  });
  return { app, protection, records };
}

async function using<T>(made: Protected, use: (made: Protected) => Promise<T>): Promise<T> {
  try {
    return await use(made);
  } finally {
    await made.protection.close();
  }
}

onEachExpress("fromApacheConfig", (createExpress) => {
  it("takes passwords over plain HTTP and from behind any proxy, as httpd does", async () => {
    const text = `<Location "/in">\n  ${people()}\n  Require ldap-user alice\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      const forwarded = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http" };
      await request(app).get("/in").set(forwarded).auth("alice", "alice-pw").expect(200);
      const { headers } = await request(app).get("/in").set(forwarded).expect(401);
      assert.match(String(headers["www-authenticate"]), /^Basic /);
    });
  });

  it("protects its paths and no others, and shows who it is", async () => {
    const text = `<Location "/in">\n  ${people()}\n  Require ldap-user alice\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      const open = await request(app).get("/inn");
      assert.equal(open.status, 200);
      assert.deepEqual(open.body, { authenticated: null, environment: {} });

      const nobody = await request(app).get("/in/side");
      assert.equal(nobody.status, 401);
      assert.equal(nobody.headers["www-authenticate"], 'Basic realm="Intranet"');
      assert.equal((await request(app).get("/in").auth("alice", "wrong")).status, 401);
      assert.equal((await request(app).get("/in").auth("bob", "bob-pw")).status, 401);
      assert.equal((await request(app).get("/IN").auth("bob", "bob-pw")).status, 401);

      const alice = await request(app).get("/in").auth("ALICE", "alice-pw");
      assert.equal(alice.status, 200);
      assert.deepEqual(alice.body, {
        authenticated: { UID: "alice", MAIL: "alice@domain.org; a.adams@domain.org" },
        environment: {
          AUTHENTICATE_UID: "alice",
          AUTHENTICATE_MAIL: "alice@domain.org; a.adams@domain.org",
          AUTHORIZE_UID: "alice",
          AUTHORIZE_MAIL: "alice@domain.org; a.adams@domain.org",
          REMOTE_USER: "ALICE",
          AUTH_TYPE: "Basic",
        },
      });
    });
  });

  it("lets native guards ask the section's directory", async () => {
    const text = `<Location "/">\n  ${people()}\n  Require valid-user\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      assert.equal((await request(app).get("/guarded").auth("alice", "alice-pw")).status, 200);
      assert.equal((await request(app).get("/guarded").auth("bob", "bob-pw")).status, 403);
    });
  });

  it("looks at the whole path also where it is mounted below one", async () => {
    const text = `<Location "/site/in">\n  ${people()}\n  Require valid-user\n</Location>`;
    await using(protectedApp(createExpress, text, "/site"), async ({ app }) => {
      assert.equal((await request(app).get("/site/in")).status, 401);
      assert.equal((await request(app).get("/site/out")).status, 200);
    });
  });

  it("takes no spelling of a protected path for another one", async () => {
    const text = `<Location "/in">\n  ${people()}\n  Require valid-user\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      const spellings = ["/in/", "//in", "/%69n", "/in?x=1", "/in/../in", "/x/../in", "/./in"];
      for (const path of [
        ...spellings,
        "/in%2fside",
        "/in%00",
        "/iN",
        "/in\\side",
        "/x%2f..%2fin",
      ]) {
        const { status } = await request(app).get(path);
        assert([401, 404, 400].includes(status), `${path}: ${status}`);
      }
    });
  });

  it("answers 503 while the directory is down, and says 401 to a wrong one never", async () => {
    const text = `<Location "/">
  AuthType Basic
  AuthName x
  AuthBasicProvider ldap
  AuthLDAPURL "ldap://127.0.0.1:1/dc=domain,dc=org?uid"
  Require valid-user
</Location>`;
    await using(protectedApp(createExpress, text), async ({ app, records }) => {
      const { status, headers } = await request(app).get("/").auth("alice", "alice-pw");
      assert.equal(status, 503);
      assert(headers["retry-after"]);
      assert(!JSON.stringify(records).includes("alice-pw"));
    });
  });

  it("refuses names and passwords with a NUL, and too long ones, and asks nobody", async () => {
    const text = `<Location "/">\n  ${people()}\n  Require valid-user\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      directory.clearOperations();
      for (const pair of [
        "alice\0:alice-pw",
        "alice:alice-pw\0",
        "alice:",
        `${"a".repeat(5_000)}:x`,
      ]) {
        const encoded = Buffer.from(pair).toString("base64");
        const { status } = await request(app).get("/").set("Authorization", `Basic ${encoded}`);
        assert.equal(status, 401, JSON.stringify(pair.slice(0, 20)));
      }
      const binds = directory.operations.filter(({ operation, dn }) => operation === "bind" && dn);
      assert.deepEqual(binds, []);
    });
  });

  it("reads names and passwords in the charset of the browser's language", async () => {
    const file = join(folder, "charsets");
    writeFileSync(file, "fr iso-8859-1\nel iso-8859-7\n");
    const text = `AuthLDAPCharsetConfig "${file}"\n<Location "/">\n  ${people()}\n  Require valid-user\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      const latin = Buffer.from("José:José-pw", "latin1").toString("base64");
      const utf8 = Buffer.from("José:José-pw").toString("base64");
      const ask = (encoded: string, language: string) =>
        request(app)
          .get("/")
          .set("Authorization", `Basic ${encoded}`)
          .set("Accept-Language", language);
      assert.equal((await ask(latin, "fr-CA,en;q=0.5")).status, 200);
      assert.equal((await ask(latin, "en")).status, 401);
      assert.equal((await ask(utf8, "en")).status, 200);
      assert.equal((await ask(utf8, "fr")).status, 401);
    });
  });

  it("asks a name below another provider's only for its ldap-* lines", async () => {
    const file = join(folder, "htpasswd");
    writeFileSync(
      file,
      "alice:$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0\nfileonly:$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0\n",
    );
    const text = `<Location "/">
  ${people().replace("Provider ldap", "Provider file")}
  AuthUserFile "${file}"
  Require ldap-attribute employeeType=active
</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      assert.equal((await request(app).get("/").auth("alice", "file-pw")).status, 200);
      assert.equal((await request(app).get("/").auth("alice", "alice-pw")).status, 401);
      assert.equal((await request(app).get("/").auth("fileonly", "file-pw")).status, 401);
    });
  });

  it("takes an empty password of a password file, and never of the directory", async () => {
    const file = join(folder, "empty");
    writeFileSync(
      file,
      "empty:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\nalice:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n",
    );
    const text = (providers: string) => `<Location "/">
  ${people().replace("Provider ldap", `Provider ${providers}`)}
  AuthUserFile "${file}"
  Require valid-user
</Location>`;
    const status = async (providers: string, name: string) => {
      const made = protectedApp(createExpress, text(providers));
      return using(made, async ({ app }) => (await request(app).get("/").auth(name, "")).status);
    };
    directory.clearOperations();
    assert.equal(await status("file", "empty"), 200);
    assert.equal(await status("file ldap", "empty"), 200);
    assert.equal(await status("file ldap", "bob"), 401);
    assert.equal(await status("ldap file", "empty"), 401);
    assert.equal(await status("ldap", "alice"), 401);
    const binds = directory.operations.filter(({ operation, dn }) => operation === "bind" && dn);
    assert.deepEqual(binds, []);
  });

  it("forgets nothing of a request in the next one", async () => {
    const text = `<Location "/">\n  ${people()}\n  Require ldap-user alice\n  Require ldap-user bob\n</Location>`;
    await using(protectedApp(createExpress, text), async ({ app }) => {
      const asked = Array.from({ length: 40 }, (_, index) => (index % 2 ? "alice" : "bob"));
      const answers = await Promise.all(
        asked.map((name) => request(app).get("/").auth(name, `${name}-pw`)),
      );
      assert.deepEqual(
        answers.map(({ body }) => body.environment.AUTHORIZE_UID),
        asked,
      );
    });
  });

  it("can stand in a router, and refuses after close", async () => {
    const text = `<Location "/in">\n  ${people()}\n  Require valid-user\n</Location>`;
    const { app, protection } = protectedApp(
      createExpress,
      "<Location /none>\nRequire all denied\n</Location>",
    );
    await protection.close();
    const own = fromApacheConfig(text, { log: () => {} });
    const router = Router();
    router.use(own);
    const inner = createExpress();
    inner.use(router, app);
    assert.equal((await request(inner).get("/in").auth("alice", "alice-pw")).status, 200);
    await own.close();
    assert.equal((await request(inner).get("/in").auth("alice", "alice-pw")).status, 503);
    assert.equal(own.health()[0]?.state, "down");
  });

  it("refuses a request where a guard needs a directory and there is none", async () => {
    const app = createExpress();
    const own = fromApacheConfig("<Location />\nRequire all granted\n</Location>", {
      log: () => {},
    });
    app.use(own, requireUser("alice"), (_req, res) => {
      res.send("in");
    });
    const { status } = await request(app).get("/").auth("alice", "alice-pw");
    assert.notEqual(status, 200);
    await own.close();
  });
});

it("fromApacheConfig says in which line something can't be honoured, and never what the password is", () => {
  const text = `<Location "/">
  AuthType Basic
  AuthName x
  AuthBasicProvider ldap
  AuthLDAPURL "ldap://localhost/dc=x?uid"
  AuthLDAPBindPassword the-secret
  Require valid-user
</Location>`;
  assert.throws(
    () => fromApacheConfig(text, { file: "site.conf" }),
    (error) => {
      assert(error instanceof ConfigError);
      assert.match(error.message, /^site\.conf:6: AuthLDAPBindPassword: /);
      assert(!error.message.includes("the-secret"));
      return true;
    },
  );
});
