import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import express from "express";
import session from "express-session";
import helmet from "helmet";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { Mechanism } from "../../src/authentication/credentials.ts";
import { type AuthnzLdap, authnzLdap } from "../../src/index.ts";
import { hashPassword } from "../../src/passwords/hash-password.ts";
import { startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import { browserProgram, startBrowser } from "../support/browser.ts";
import {
  type RecordingProxy,
  spellingsOf,
  startRecordingProxy,
} from "../support/recording-proxy.ts";

const SERVICE = { dn: "cn=service,dc=domain,dc=org", password: "service-pw" };
/** More than one block of MD5, and not only ASCII. */
const LONG = `Strüd ${"+/=&% ".repeat(12)}\u{1f511}`;

const PEOPLE = [
  { uid: "cram", password: "kestrel-Öl 47", scheme: "CRAM-MD5" },
  { uid: "scram", password: "merlin-\u{1f985} 48", scheme: "SCRAM-SHA-256" },
  { uid: "crämlong", password: LONG, scheme: "CRAM-MD5" },
  { uid: "s,cram=x", password: LONG, scheme: "SCRAM-SHA-256" },
] as const;

describe("signing in without sending the password, in a browser", {
  skip: browserProgram.skip,
}, () => {
  let directory: TestDirectory;
  let browser: Browser;
  let site: Site;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  /** What the browser says that it sent. */
  let bodies: string[];

  before(async () => {
    const entries = await Promise.all(
      PEOPLE.map(async ({ uid, password, scheme }) => {
        const stored = Buffer.from(await hashPassword(password, scheme)).toString("base64");
        const name = Buffer.from(uid).toString("base64");
        return `dn: cn=${uid.replace(/[,=]/g, "\\$&")},dc=domain,dc=org\nobjectClass: inetOrgPerson\ncn:: ${name}\nsn:: ${name}\nuid:: ${name}\nuserPassword:: ${stored}\n`;
      }),
    );
    directory = await startDirectory({
      ldif: `dn: dc=domain,dc=org\nobjectClass: domain\ndc: domain\n\n${entries.join("\n")}`,
      administrator: SERVICE,
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await directory?.close();
  });
  afterEach(async () => {
    await context?.close();
    await site?.close();
    assert.deepEqual(complaints, []);
  });

  async function open(
    mechanisms: readonly Mechanism[],
    { hasHelmet = true, ...options }: BrowserContextOptions & { hasHelmet?: boolean } = {},
  ): Promise<void> {
    site = await startSite(directory.url, mechanisms, hasHelmet);
    context = await browser.newContext({ baseURL: site.url, ...options });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    complaints = [];
    bodies = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => bodies.push(request.url(), request.postData() ?? ""));
    page.on("console", (message) => {
      const text = message.text();
      const isStatus =
        /^Failed to load resource: (the server responded with a status of|net::ERR_)/;
      if (["error", "warning"].includes(message.type()) && !isStatus.test(text)) {
        complaints.push(text);
      }
    });
  }

  async function signIn(username: string, password: string): Promise<void> {
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  const alerted = (hasText: RegExp): Promise<void> =>
    page.getByRole("alert").filter({ hasText }).waitFor();

  function isFound(secret: string): boolean {
    const all = Buffer.concat([site.proxy.recorded(), Buffer.from(bodies.join("\n"))]);
    return spellingsOf(secret).some((spelling) => all.includes(spelling));
  }

  for (const { uid, password, scheme } of PEOPLE) {
    it(`signs ${uid} in by ${scheme} to the page first asked for, and shows nobody the password`, async () => {
      await open(
        ["cram-md5", "scram-sha-256"].filter(
          (each) => each === scheme.toLowerCase(),
        ) as Mechanism[],
      );
      await page.goto("/reports?quarter=3");
      assert.equal(await page.locator("#needs-script").count(), 0);
      await signIn(uid, password);
      await page.waitForURL("**/reports?quarter=3");
      assert.equal(await page.locator("body").innerText(), `Hello ${uid}`);
      const recorded = site.proxy.recorded().toString();
      assert.match(recorded, /POST \/login HTTP\/1\.1/);
      assert(recorded.includes(`"mechanism":"${scheme}"`));
      assert(!isFound(password), "the password was sent");
    });
  }

  it("would be seen to send it where it does", async () => {
    await open(["plain"]);
    for (const { uid, password } of PEOPLE) {
      site.proxy.clear();
      bodies.length = 0;
      await page.goto("/login");
      await signIn(uid, password);
      await page.getByText("Hello").waitFor();
      assert(isFound(password), uid);
      await context.clearCookies();
    }
  });

  it("prefers SCRAM, and sends no password where that may be sent too", async () => {
    await open(["plain", "cram-md5", "scram-sha-256"]);
    await page.goto("/");
    await signIn("scram", PEOPLE[1].password);
    await page.getByText("Hello scram").waitFor();
    assert(!isFound(PEOPLE[1].password));
    assert.match(site.proxy.recorded().toString(), /"mechanism":"SCRAM-SHA-256"/);
    assert.doesNotMatch(site.proxy.recorded().toString(), /"mechanism":"CRAM-MD5"/);
  });

  it("works under the page's own Content-Security-Policy, too", async () => {
    await open(["scram-sha-256"], { hasHelmet: false });
    const answer = await page.goto("/login");
    const policy = answer?.headers()["content-security-policy"] ?? "";
    assert.match(
      policy,
      /default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha/,
    );
    await signIn("scram", PEOPLE[1].password);
    await page.getByText("Hello scram").waitFor();
  });

  for (const mechanism of ["cram-md5", "scram-sha-256"] as const) {
    it(`shows what is wrong, with focus, and can be tried again, by ${mechanism}`, async () => {
      await open([mechanism]);
      const uid = mechanism === "cram-md5" ? "cram" : "scram";
      const right = PEOPLE.find((each) => each.uid === uid)?.password ?? "";
      await page.goto("/reports");
      const wrong = "canary-wrong-password";
      for (const name of [uid, "nobody"]) {
        await signIn(name, wrong);
        await alerted(/^Wrong user name or password\. Please try again\.$/);
        assert.equal(await page.locator(":focus").getAttribute("role"), "alert");
        assert.equal(await page.getByLabel("User name").inputValue(), name);
        assert.equal(await page.getByLabel("Password").inputValue(), "");
        assert.equal(await page.getByLabel("Password").getAttribute("aria-describedby"), "error");
        assert.match(await page.title(), /^Error · Sign in/);
        assert.equal(await page.getByRole("alert").count(), 1);
        assert.equal(await page.evaluate("document.cookie"), "");
      }
      assert(!isFound(wrong));
      await signIn(uid, right);
      await page.getByText(`Hello ${uid}`).waitFor();
      assert.equal(new URL(page.url()).pathname, "/reports");
    });
  }

  it("can be used with the keyboard alone", async () => {
    await open(["scram-sha-256"]);
    await page.goto("/login");
    await page.locator("#username:focus").waitFor();
    await page.keyboard.type("scram");
    await page.keyboard.press("Tab");
    await page.keyboard.type(PEOPLE[1].password);
    await page.keyboard.press("Enter");
    await page.getByText("Hello scram").waitFor();
  });

  for (const how of ["without JavaScript", "where the script does not load"]) {
    it(`sends no password ${how}`, async () => {
      await open(["cram-md5", "scram-sha-256"], {
        javaScriptEnabled: how !== "without JavaScript",
      });
      await page.route("**/script.js*", (route) => route.abort());
      await page.goto("/login");
      await page.getByText("Signing in here needs JavaScript").waitFor();
      const button = page.getByRole("button", { name: "Sign in" });
      assert(await button.isDisabled());
      await page.getByLabel("User name").fill("cram");
      await page.getByLabel("Password").fill("canary-password");
      await page.keyboard.press("Enter");
      await button.click({ force: true });
      // A page that comes after all that: had the form been sent, it would have been before.
      await page.goto("/login");
      assert(!isFound("canary-password"));
      assert.doesNotMatch(site.proxy.recorded().toString(), /POST /);
    });
  }

  it("signs in by the form without JavaScript where passwords may be sent", async () => {
    await open(["plain", "scram-sha-256"], { javaScriptEnabled: false });
    await page.goto("/login");
    await signIn("scram", PEOPLE[1].password);
    await page.getByText("Hello scram").waitFor();
  });

  it("does not go on to a site that can't show that it knows the password", async () => {
    await open(["scram-sha-256"]);
    for (const forged of ["", 'data="dj1hYWFh"']) {
      await page.route("**/login", async (route) => {
        if (route.request().method() !== "POST") return route.continue();
        const response = await route.fetch();
        await route.fulfill({
          response,
          headers: { ...response.headers(), "authentication-info": forged },
        });
      });
      await page.goto("/login");
      await signIn("scram", PEOPLE[1].password);
      await alerted(/could not show that it knows your password/);
      assert.equal(new URL(page.url()).pathname, "/login");
      await context.clearCookies();
      await page.unroute("**/login");
    }
  });

  it("says so where the site can't be reached or answers nonsense, and lets one try again", async () => {
    await open(["cram-md5"]);
    await page.goto("/login");
    await page.route("**/login/challenge", (route) => route.abort());
    await signIn("cram", PEOPLE[0].password);
    await alerted(/can't be reached at the moment/);
    await page.unroute("**/login/challenge");
    for (const body of ["<p>proxy error", "{}", "null", "[]"]) {
      await page.route("**/login/challenge", (route) => route.fulfill({ status: 200, body }));
      await signIn("cram", PEOPLE[0].password);
      await alerted(/^(That did not work|Wrong user name)/);
      await page.unroute("**/login/challenge");
    }
    await signIn("cram", PEOPLE[0].password);
    await page.getByText("Hello cram").waitFor();
    assert(!isFound(PEOPLE[0].password));
  });

  it("stays on this site, whatever the page was asked for", async () => {
    await open(["cram-md5"]);
    for (const returnTo of [
      "https://evil.example/",
      "//evil.example/x",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      await page.goto(`/login?returnTo=${encodeURIComponent(returnTo)}`);
      await signIn("cram", PEOPLE[0].password);
      await page.getByText("Hello cram").waitFor();
      assert.equal(page.url(), `${site.url}/`);
      await context.clearCookies();
    }
  });

  it("fits a phone of 320 pixels without scrolling sideways, with and without JavaScript", async () => {
    for (const javaScriptEnabled of [true, false]) {
      await open(["scram-sha-256"], { viewport: { width: 320, height: 640 }, javaScriptEnabled });
      await page.goto("/login");
      const width = await page.locator("html").evaluate((html) => html.scrollWidth);
      assert.equal(width, 320);
      if (javaScriptEnabled) {
        await signIn("scram", "wrong");
        await alerted(/Wrong user name/);
        assert.equal(await page.locator("html").evaluate((html) => html.scrollWidth), 320);
        await context.close();
        await site.close();
      }
    }
  });
});

interface Site {
  /** Through the proxy. */
  readonly url: string;
  readonly proxy: RecordingProxy;
  close(): Promise<void>;
}

async function startSite(
  directory: string,
  mechanisms: readonly Mechanism[],
  hasHelmet: boolean,
): Promise<Site> {
  const ldap: AuthnzLdap = authnzLdap({
    url: `${directory}/dc=domain,dc=org?uid?sub`,
    bindDn: SERVICE.dn,
    bindPassword: SERVICE.password,
    passwords: "stored",
    mechanisms,
    throttle: false,
    log: () => {},
  });
  const app = express();
  if (hasHelmet) app.use(helmet());
  app.use(session({ secret: "test", resave: false, saveUninitialized: false }));
  app.use(ldap);
  app.use((req, res) => void res.type("text").send(`Hello ${req.authenticated?.UID}`));
  const server: Server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startRecordingProxy((server.address() as AddressInfo).port);
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    proxy,
    async close() {
      await proxy.close();
      server.closeAllConnections();
      server.close();
      await ldap.close();
    },
  };
}
