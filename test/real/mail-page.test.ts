import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { createApp } from "../../example-app/app.ts";
import {
  type BuiltInDirectory,
  startBuiltInDirectory,
} from "../../example-app/built-in-directory.ts";
import { createMail, type Mail } from "../../example-app/mail/mail.ts";
import type { AuthnzLdap, Mechanism } from "../../src/index.ts";
import { browserProgram, startBrowser } from "../support/browser.ts";

const QUIET = { log: () => {} } as const;

describe("the example's mail pages in a browser", { skip: browserProgram.skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  for (const mechanism of ["cram-md5", "scram-sha-256"] satisfies readonly Mechanism[]) {
    describe(mechanism, () => {
      let builtIn: BuiltInDirectory;
      let mail: Mail;
      let ldap: AuthnzLdap;
      let server: Server;
      let baseURL: string;
      before(async () => {
        builtIn = await startBuiltInDirectory(mechanism);
        mail = createMail({
          ...{ server: builtIn.directory.url, mechanism, sessionSecret: "test" },
          ldapOptions: QUIET,
        });
        const created = createApp({
          ldapOptions: { url: builtIn.url, ...QUIET },
          sessionSecret: "test",
          mail: mail.router,
        });
        ldap = created.ldap;
        server = created.app.listen(0, "127.0.0.1");
        await once(server, "listening");
        baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      });
      after(async () => {
        server?.closeAllConnections();
        server?.close();
        await ldap?.close();
        await mail?.close();
        await builtIn?.directory.close();
      });

      async function open(username: string, width: number) {
        const context = await browser.newContext({ baseURL, viewport: { width, height: 700 } });
        context.setDefaultTimeout(15_000);
        const page = await context.newPage();
        const sent: string[] = [];
        page.on("request", (request) => sent.push(`${request.url()} ${request.postData()}`));
        await page.goto("/mail");
        await page.getByLabel("User name").fill(username);
        await page.getByLabel("Password").fill(`${username}-pw`);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { level: 1, name: "Mail" }).waitFor();
        await page.getByLabel("To").fill("alice@example.org");
        await page.getByLabel("Subject").fill(`From ${username}, in ${width} pixels`);
        await page.getByRole("button", { name: "Send" }).click();
        return { context, page, sent };
      }

      it("send, at any width, and the password stays in the browser", async () => {
        for (const width of [320, 1200]) {
          const { context, page, sent } = await open("testuser1", width);
          await page.getByRole("heading", { name: `From testuser1, in ${width} pixels` }).waitFor();
          const [whole, seen] = (await page.evaluate(
            "[document.documentElement.scrollWidth, innerWidth]",
          )) as [number, number];
          assert(whole <= seen, `${whole} in ${seen} pixels`);
          assert(sent.some((each) => each.includes("/mail/login")));
          assert(!sent.join("\n").includes("testuser1-pw"));
          await context.close();
        }
      });

      it("show who is suspended the blog's words, and what others sent", async () => {
        const { context, page } = await open("testuser2", 800);
        await page.getByText("plz talk to abuse@example.org").waitFor();
        await page.goto("/mail");
        await page.getByRole("heading", { name: "From testuser1, in 320 pixels" }).waitFor();
        assert.doesNotMatch(await page.content(), /From testuser2/);
        await context.close();
      });
    });
  }
});
