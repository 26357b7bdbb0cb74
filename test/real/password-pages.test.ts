import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { createApp } from "../../example-app/app.ts";
import {
  type BuiltInDirectory,
  startBuiltInDirectory,
} from "../../example-app/built-in-directory.ts";
import { ldapOptionsOf } from "../../example-app/ldap-options.ts";
import type { AuthnzLdap } from "../../src/index.ts";
import { browserProgram, startBrowser } from "../support/browser.ts";

describe("changing a password in a browser", { skip: browserProgram.skip }, () => {
  let builtIn: BuiltInDirectory;
  let ldap: AuthnzLdap;
  let server: Server;
  let browser: Browser;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  before(async () => {
    builtIn = await startBuiltInDirectory();
    const environment = { bindDn: undefined, bindPasswordFile: undefined, caFile: undefined };
    const { ca } = builtIn;
    const options = ldapOptionsOf(builtIn.url, { ...environment, ca, passwordChange: true });
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
    await builtIn?.directory.close();
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });

  async function open(options: BrowserContextOptions): Promise<void> {
    context = await browser.newContext({ baseURL: url, ...options });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      const isStatus = /^Failed to load resource: the server responded with a status of 4\d\d/;
      if (["error", "warning"].includes(message.type()) && !isStatus.test(text)) {
        complaints.push(text);
      }
    });
  }

  async function signIn(username: string, password = `${username}-pw`): Promise<void> {
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  async function change(old: string, fresh: string, again = fresh): Promise<void> {
    await page.getByLabel("Old password").fill(old);
    await page.getByLabel("New password", { exact: true }).fill(fresh);
    await page.getByLabel("New password again").fill(again);
    await page.getByRole("button", { name: "Change password" }).click();
  }

  const path = (): string => new URL(page.url()).pathname;
  /** Waits for the page that says it: the one before may have had an alert, too. */
  const alerted = (hasText: RegExp): Promise<void> =>
    page.getByRole("alert").filter({ hasText }).waitFor();
  const headed = (name: string): Promise<void> =>
    page.getByRole("heading", { level: 1, name }).waitFor();

  it("is asked of who has to, without JavaScript, and then they come to where they were going", async () => {
    await open({ javaScriptEnabled: false });
    await page.goto("/canteen");
    await signIn("newcomer");
    await headed("Change your password");
    await alerted(/choose a new password before you go on/);
    assert.equal(await page.getByLabel("User name").inputValue(), "newcomer");
    await change("newcomer-pw", "a-longer-one", "a-longer-two");
    await alerted(/not typed the same way twice/);
    assert.equal(await page.locator(":focus").getAttribute("role"), "alert");
    for (const label of ["Old password", "New password again"]) {
      assert.equal(await page.getByLabel(label).inputValue(), "");
    }
    await change("newcomer-pw", "short");
    await alerted(/does not accept this password: Password fails quality checking/);
    await change("newcomer-pw", "a-longer-one");
    await headed("Password changed");
    await page.getByRole("link", { name: "Sign in" }).click();
    await signIn("newcomer", "a-longer-one");
    await headed("Canteen");
    assert.equal(path(), "/canteen");
  });

  it("is offered to who has a few days left, and ends the session", async () => {
    await open({});
    await page.goto("/canteen");
    await signIn("dutiful");
    await page.getByText("Your password expires in 3 days.").waitFor();
    await page.getByRole("link", { name: "Go on" }).click();
    await headed("Canteen");
    assert.equal(path(), "/canteen");
    await page.goto("/");
    assert.match(await page.getByRole("status").innerText(), /expires in 3 days/);
    await page.getByRole("link", { name: "Change your password" }).click();
    // Browsers move the focus only when they first paint, which may be after the page has loaded.
    await page.locator("#oldPassword:focus").waitFor();
    assert.equal(await page.getByLabel("User name").inputValue(), "dutiful");
    await page.keyboard.type("dutiful-pw");
    await page.keyboard.press("Tab");
    await page.keyboard.type("a-longer-one");
    await page.keyboard.press("Tab");
    await page.keyboard.type("a-longer-one");
    await page.keyboard.press("Enter");
    await headed("Password changed");
    await page.goto("/");
    assert.equal(path(), "/login");
    await signIn("dutiful", "a-longer-one");
    await headed("Welcome, dutiful");
    assert.equal(await page.getByRole("status").count(), 0);
  });

  it("fits a phone of 320 pixels without scrolling sideways", async () => {
    await open({ viewport: { width: 320, height: 640 } });
    const check = async (): Promise<void> => {
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.equal(width, 320, await page.title());
    };
    await page.goto("/password");
    await check();
    await page.getByLabel("User name").fill("x".repeat(200));
    await change("y", "z");
    await alerted(/Wrong user name or password/);
    await check();
    await page.goto("/login");
    await signIn("leaver");
    await alerted(/Your account is disabled/);
    await check();
    await signIn("forgetful");
    await headed("About your password");
    await check();
    await page.getByRole("link", { name: "Go on" }).click();
    await headed("Welcome, forgetful");
    await check();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`can be read when it is ${colorScheme}`, async () => {
      await open({ colorScheme });
      await page.goto("/password");
      await page.locator("#username:focus").waitFor();
      const contrast = await page.evaluate(CONTRAST);
      assert(typeof contrast === "number" && contrast >= 4.5, `${contrast}`);
    });
  }
});

/** The contrast of the page's smallest link with the card behind it (WCAG 2.2, 1.4.3). */
const CONTRAST = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/\\d+/g).map((n) => n / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [
    luminance(getComputedStyle(document.querySelector(".aside a")).color),
    luminance(getComputedStyle(document.querySelector(".card")).backgroundColor),
  ];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})()`;
