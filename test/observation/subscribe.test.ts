import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../src/errors.ts";
import type { LdapEvent, LoginEvent } from "../../src/events.ts";
import { CHANNELS } from "../../src/observation/channels.ts";
import { createObserver } from "../../src/observation/observer.ts";
import { subscribe } from "../../src/observation/subscribe.ts";

const LOGIN: LoginEvent = {
  type: "login",
  username: "web1",
  dn: "uid=web1,ou=web,dc=domain,dc=org",
  address: "192.0.2.1",
  by: "form",
  remembered: false,
  milliseconds: 3,
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a module in a process of its own, in which one login is told and "the request goes on" is printed after. */
function runWith(subscription: string): { status: number | null; stdout: string; stderr: string } {
  const script = `
    import { subscribe as subscribeRaw } from "node:diagnostics_channel";
    import { createObserver } from "./src/observation/observer.ts";
    import { subscribe } from "./src/observation/subscribe.ts";
    ${subscription}
    const { observe, metrics } = createObserver();
    const login = ${JSON.stringify(LOGIN)};
    observe(login);
    observe(login);
    process.stdout.write("the request goes on, " + metrics().logins.accepted);
  `;
  const done = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return done;
}

describe("subscribe", () => {
  it("hears of the events of one type until it is stopped", () => {
    const { observe } = createObserver();
    const heard: LdapEvent[] = [];
    const stop = subscribe("login", (event) => heard.push(event));
    observe(LOGIN);
    observe({ type: "cache", cache: "login", hit: true });
    stop();
    observe(LOGIN);
    assert.deepEqual(heard, [LOGIN]);
  });

  it("leaves no listener behind", () => {
    assert.equal(CHANNELS.login.hasSubscribers, false);
    const stop = subscribe("login", () => {});
    assert.equal(CHANNELS.login.hasSubscribers, true);
    stop();
    stop();
    assert.equal(CHANNELS.login.hasSubscribers, false);
  });

  it("has a channel of node:diagnostics_channel for each type, under its name", () => {
    for (const [type, { name }] of Object.entries(CHANNELS)) {
      assert.equal(name, `express-authnz-ldap:${type}`);
    }
  });

  it("refuses a type that does not exist, and names those that do", () => {
    // @ts-expect-error: what a typing mistake in JavaScript looks like
    assert.throws(() => subscribe("logins", () => {}), /There are: login, refusal, decision/);
    // @ts-expect-error
    assert.throws(() => subscribe("toString", () => {}), ConfigError);
    // @ts-expect-error
    assert.throws(() => subscribe("login", undefined), ConfigError);
  });

  it("keeps what a listener throws from the request and from the process, and says so once", () => {
    for (const failure of [
      `throw new RangeError("secret")`,
      `return Promise.reject(new RangeError("secret"))`,
      `return { get then() { throw new RangeError("secret"); } }`,
    ]) {
      const { status, stdout, stderr } = runWith(`subscribe("login", () => { ${failure} });`);
      assert.equal(status, 0, stderr);
      assert.equal(stdout, "the request goes on, 2");
      const records = stderr.trim().split("\n");
      assert.equal(records.length, 1, stderr);
      const { event, details } = JSON.parse(records[0] ?? "");
      assert.equal(event, "subscriber-failed");
      assert.deepEqual(details, { type: "login", reason: "RangeError" });
    }
  });

  it("goes to the other listeners when one fails", () => {
    const { stdout } = runWith(`
      subscribe("login", () => { throw new Error(); });
      subscribe("login", ({ username }) => process.stdout.write(username + " "));
    `);
    assert.equal(stdout, "web1 web1 the request goes on, 2");
  });
});

describe("a listener at node:diagnostics_channel itself", () => {
  it("that throws ends the process, but not the request: Node makes it an uncaught exception", () => {
    const failing = `subscribeRaw("express-authnz-ldap:login", () => { throw new Error("boom"); });`;
    const alone = runWith(failing);
    assert.equal(alone.stdout, "the request goes on, 2");
    assert.notEqual(alone.status, 0);
    const caught = runWith(`${failing} process.on("uncaughtException", () => {});`);
    assert.equal(caught.stdout, "the request goes on, 2");
    assert.equal(caught.status, 0);
  });
});
