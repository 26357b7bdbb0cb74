import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { createApp } from "../../example-app/app.ts";
import { startBuiltInDirectory } from "../../example-app/built-in-directory.ts";
import { ldapOptionsOf } from "../../example-app/ldap-options.ts";
import type { AuthnzLdap } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { browserProgram, startBrowser } from "../support/browser.ts";

// biome-ignore lint/style/noProcessEnv: how the picture in the README is made anew
const { UPDATE_SCREENSHOTS } = process.env;

describe("the example app in a browser", { skip: browserProgram.skip }, () => {
  let directory: TestDirectory;
  let ldap: AuthnzLdap;
  let server: Server;
  let browser: Browser;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  /** What the browser's console says that is no consequence of a 4xx page. */
  let complaints: string[];

  before(async () => {
    const builtIn = await startBuiltInDirectory();
    directory = builtIn.directory;
    const options = ldapOptionsOf(builtIn.url, {
      bindDn: undefined,
      bindPasswordFile: undefined,
      caFile: undefined,
    });
    const ldapOptions = { ...options, throttle: false, log: () => {} } as const;
    const created = createApp({ ldapOptions, sessionSecret: "test" });
    ldap = created.ldap;
    server = created.app.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await ldap?.close();
    await directory?.close();
  });

  async function open(options: BrowserContextOptions): Promise<void> {
    context = await browser.newContext({ baseURL: url, ...options });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      const isStatus = /^Failed to load resource: the server responded with a status of 40[13]/;
      if (["error", "warning"].includes(message.type()) && !isStatus.test(text)) {
        complaints.push(text);
      }
    });
  }

  async function signIn(username: string, password = `${username}-pw`): Promise<void> {
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  const path = (): string => new URL(page.url()).pathname;
  const heading = (): Promise<string> => page.getByRole("heading", { level: 1 }).innerText();

  /** The page does not show, and its address leads to the login page. */
  async function assertShut(address: string, secret: RegExp): Promise<void> {
    assert.equal(path(), "/login");
    assert.doesNotMatch(await page.content(), secret);
    await page.goto(address);
    assert.equal(path(), "/login");
    assert.doesNotMatch(await page.content(), secret);
  }

  for (const javaScriptEnabled of [true, false]) {
    describe(`with JavaScript ${javaScriptEnabled ? "on" : "off"}`, () => {
      beforeEach(() => open({ javaScriptEnabled }));
      afterEach(async () => {
        await context.close();
        assert.deepEqual(complaints, []);
      });

      it("signs in, and comes to the page first asked for", async () => {
        await page.goto("/reports?quarter=3");
        assert.equal(path(), "/login");
        assert.equal(await heading(), "Domain Intranet");
        await signIn("web2");
        assert.equal(page.url(), `${url}/reports?quarter=3`);
        assert.equal(await heading(), "Project reports");
        assert.equal(await page.locator(".who").innerText(), "web2");
      });

      it("shows what is wrong, with focus, and keeps the name but not the password", async () => {
        await page.goto("/reports");
        await signIn("web2", "canary-password");
        assert.equal(path(), "/login");
        const alert = page.getByRole("alert");
        assert.match(await alert.innerText(), /Wrong user name or password/);
        assert.equal(await page.locator(":focus").getAttribute("role"), "alert");
        assert.equal(await page.getByLabel("User name").inputValue(), "web2");
        assert.equal(await page.getByLabel("Password").inputValue(), "");
        assert.doesNotMatch(await page.content(), /canary/);
        await signIn("web2");
        assert.equal(path(), "/reports");
      });

      it("is refused a page above the level, on a page that says so", async () => {
        await page.goto("/");
        await signIn("web1");
        const answer = await page.goto("/board");
        assert.equal(answer?.status(), 403);
        assert.equal(await heading(), "Not allowed here");
        const text = await page.locator("main").innerText();
        assert.match(text, /You are signed in as web1, but you are not allowed here/);
        assert.doesNotMatch(await page.content(), /Salaries|Minutes/);
        await page.getByRole("link", { name: "Back to start" }).click();
        assert.equal(await heading(), "Welcome, web1");
      });

      it("signs out by the button, and no way leads back in", async () => {
        await page.goto("/board");
        await signIn("web3");
        assert.match(await page.content(), /Salaries/);
        const cookies = await context.cookies();
        await page.getByRole("button", { name: "Sign out" }).click();
        assert.equal(path(), "/login");
        assert.match(await page.getByRole("status").innerText(), /You have signed out/);
        await page.goBack();
        await assertShut("/board", /Salaries/);
        await context.clearCookies();
        await context.addCookies(cookies);
        await page.goto("/board");
        await assertShut("/board", /Salaries/);
      });

      it("signs out on the page that refuses, too", async () => {
        await page.goto("/board");
        await signIn("web1");
        assert.equal(await heading(), "Not allowed here");
        await page.getByRole("button", { name: "Sign out" }).click();
        assert.equal(path(), "/login");
        await page.goto("/canteen");
        await assertShut("/canteen", /gnocchi/);
      });

      it("is asked again as somebody else, who sees only what is theirs", async () => {
        await page.goto("/board");
        await signIn("web3");
        await page.getByRole("button", { name: "Sign out" }).click();
        await signIn("web1");
        assert.equal(path(), "/");
        assert.match(await page.content(), /AUTHENTICATE_UID<\/th><td>web1</);
        assert.equal((await page.goto("/board"))?.status(), 403);
        assert.doesNotMatch(await page.content(), /Salaries/);
      });
    });
  }

  describe("the pages", () => {
    afterEach(async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    });

    it("tell password managers what the fields are", async () => {
      await open({});
      await page.goto("/login");
      const name = page.getByLabel("User name");
      assert.equal(await name.getAttribute("autocomplete"), "username");
      assert.equal(await page.locator(":focus").getAttribute("id"), "username");
      const password = page.getByLabel("Password");
      assert.equal(await password.getAttribute("autocomplete"), "current-password");
      assert.equal(await password.getAttribute("type"), "password");
    });

    it("can be used with the keyboard alone", async () => {
      await open({});
      await page.goto("/canteen");
      // Browsers move the focus only when they first paint, which may be after the page has loaded.
      await page.locator("#username:focus").waitFor();
      await page.keyboard.type("web1");
      await page.keyboard.press("Tab");
      await page.keyboard.type("web1-pw");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/canteen");
      assert.equal(await heading(), "Canteen");
    });

    it("fit a phone of 320 pixels without scrolling sideways", async () => {
      await open({ viewport: { width: 320, height: 640 } });
      const check = async (): Promise<void> => {
        const width = await page.evaluate("document.documentElement.scrollWidth");
        assert.equal(width, 320, await page.title());
      };
      await page.goto("/login");
      await check();
      await signIn("webmulti", "wrong");
      await check();
      await signIn("webmulti");
      assert.equal(path(), "/");
      for (const address of [
        ...["/", "/access", "/canteen", "/reports", "/board", "/newsroom"],
        ...["/explain", "/explain?username=webmulti"],
      ]) {
        await page.goto(address);
        await check();
      }
      await page.getByRole("button", { name: "Sign out" }).click();
      await signIn("web1");
      assert.equal((await page.goto("/board"))?.status(), 403);
      await check();
    });

    // Not a skipped test: nothing is missing where nobody asks for new pictures.
    if (UPDATE_SCREENSHOTS === "1") {
      it("are made a picture of", async () => {
        await open({ viewport: { width: 1100, height: 700 }, colorScheme: "light" });
        await page.goto("/login");
        const file = fileURLToPath(new URL("../../docs/images/login.png", import.meta.url));
        await page.screenshot({ path: file });
      });
    }
  });
});
