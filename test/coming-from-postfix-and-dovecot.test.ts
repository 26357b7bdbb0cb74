import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Express } from "express";
import { mailUsersLdif, mayAccess } from "../example-app/mail/people.ts";
import { SETTINGS } from "../src/importers/dovecot/setting-table.ts";
import { TABLE_PARAMETERS } from "../src/importers/postfix/table-parameters.ts";
import { SCHEME_DATA } from "../src/passwords/scheme-data.ts";
import { startDirectory, type TestDirectory } from "../src/testing/index.ts";
import { type Documented, documented } from "./support/documented.ts";

const PAGE = "coming-from-postfix-and-dovecot.md";

/** Of access(5) and of smtpd. */
const ACTIONS = [
  ...["OK", "PERMIT", "DUNNO", "REJECT", "DEFER", "DEFER_IF_PERMIT", "DEFER_IF_REJECT", "WARN"],
  ...["INFO", "HOLD", "PREPEND", "REDIRECT", "BCC", "FILTER", "DISCARD", "5NN", "4NN"],
];

describe(`docs/${PAGE}`, () => {
  const page = readFileSync(new URL(`../docs/${PAGE}`, import.meta.url), "utf8");
  /** The cells of all tables, as text. */
  const cells = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .join("\n");

  const missing = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !cells.includes(`\`${name}\``) && !cells.includes(`\`${name} `));

  it("names every parameter of ldap_table(5)", () => {
    assert.deepEqual(missing(Object.keys(TABLE_PARAMETERS)), []);
  });

  it("names every result of access(5)", () => {
    assert.deepEqual(missing(ACTIONS), []);
  });

  it("names every scheme that is checked", () => {
    assert.deepEqual(missing(Object.keys(SCHEME_DATA)), []);
  });

  it("names every setting of a dovecot-ldap.conf.ext", () => {
    assert.deepEqual(missing(Object.keys(SETTINGS)), []);
  });

  describe("its code", () => {
    let directory: TestDirectory;
    let code: Documented;
    let url: string;
    let close: () => Promise<void>;

    before(async () => {
      directory = await startDirectory({ ldif: await mailUsersLdif("plain"), access: mayAccess });
      code = documented(PAGE, "ldapTable({ file", (text, folder) => {
        for (const name of ["dovecot-ldap.conf.ext", "ldap_smtpd_sender_restrictions.cf"]) {
          const file = new URL(`../example-app/mail/${name}`, import.meta.url);
          const config = readFileSync(file, "utf8").replace("ldap://localhost", directory.url);
          writeFileSync(join(folder, name), config, { mode: 0o600 });
        }
        return text.replace("/etc/dovecot", folder).replace("/etc/postfix", folder);
      });
      const module: { app: Express; close(): Promise<void> } = await import(code.file);
      const server = module.app.listen(0, "127.0.0.1");
      await once(server, "listening");
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`;
      close = async () => {
        server.closeAllConnections();
        server.close();
        await module.close();
      };
    });
    after(async () => {
      await close?.();
      await directory?.close();
      code?.remove();
    });

    it("has no mistakes for the compiler", () => code.check());

    it("lets who is suspended read, and not send", async () => {
      const ask = (username: string, method: string) => {
        const authorization = `Basic ${btoa(`${username}:${username}-pw`)}`;
        return fetch(url, { method, headers: { authorization, accept: "application/json" } });
      };
      for (const username of ["testuser1", "testuser2"]) {
        assert.equal((await ask(username, "GET")).status, 200, username);
      }
      assert.equal(await (await ask("testuser1", "POST")).text(), "Sent.");
      const refused = await ask("testuser2", "POST");
      assert.equal(refused.status, 403);
      const { detail, smtpCode, enhancedStatus } = (await refused.json()) as Record<
        string,
        unknown
      >;
      assert.equal(
        detail,
        "This account is not allowed to send emails, plz talk to abuse@example.org",
      );
      assert.deepEqual([smtpCode, enhancedStatus], [554, "5.7.1"]);
    });
  });
});
