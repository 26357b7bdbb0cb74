import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { getHead, rawStatus } from "../support/raw-http.ts";
import { unhandled } from "../support/watched-process.ts";

const RIGHT = `Basic ${Buffer.from("alice:alice-pw").toString("base64")}`;

/** Bytes as they come over the wire, also such as no client should send. */
const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
});

/** A text with a few of its letters replaced, left out or doubled. */
function changed(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(text.length),
    fc.constantFrom("replace", "remove", "insert"),
    fc.oneof(fc.constantFrom(..." =:,;\t\r\n\0%+/\"'AZaz09."), bytes),
  );
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((result, [at, how, what]) => {
      const kept = how === "insert" ? at : at + 1;
      return result.slice(0, at) + (how === "remove" ? "" : what) + result.slice(kept);
    }, text),
  );
}

/** Written again from RFC 7617, and not by the code that is tested: who a header names, and with which password. */
function credentialsOf(header: string): readonly [string, string] | undefined {
  // A line end begins another header.
  const [line = ""] = header.split(/[\r\n]/);
  const match = /^[\t ]*basic +([A-Za-z0-9+/]+={0,2})[\t ]*$/i.exec(line);
  const [name, ...password] = Buffer.from(match?.[1] ?? "", "base64")
    .toString()
    .split(":");
  return name === undefined || password.length === 0 ? undefined : [name, password.join(":")];
}

describe("an app that is sent anything", () => {
  let directory: TestDirectory;
  let site: ProtectedApp;
  let cookie = "";
  before(async () => {
    directory = await startFixtureDirectory();
    site = await protectedApp({ url: `${directory.url}/dc=domain,dc=org?uid?sub` });
    const answer = await fetch(`${site.url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "alice", password: "alice-pw" }),
    });
    cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    assert.equal(await rawStatus(site.url, getHead("/", `Authorization: ${RIGHT}`)), 200);
    assert.equal(await rawStatus(site.url, getHead("/", `Cookie: ${cookie}`)), 200);
  });
  after(async () => {
    await site.close();
    await directory.close();
    assert.deepEqual(unhandled, []);
  });

  it("lets in by an Authorization header nobody but whom it names, with their password", async () => {
    const header = fc.oneof(
      changed(RIGHT),
      changed("alice:alice-pw").map(
        (text) => `Basic ${Buffer.from(text, "latin1").toString("base64")}`,
      ),
      bytes.map((text) => `Basic ${text}`),
      bytes,
    );
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        const status = await rawStatus(site.url, getHead("/", `Authorization: ${value}`));
        if (status !== 200) return assert([400, 401, 431].includes(status), `${status}`);
        const [name, password] = credentialsOf(value) ?? [];
        // A directory compares names without regard to letter case and spaces around.
        assert.equal(name?.trim().toLowerCase(), "alice");
        assert.equal(password, "alice-pw");
      }),
      { numRuns: 600 },
    );
  });

  it("lets in by a cookie nobody but whose it is, letter by letter", async () => {
    const [name = "", value = ""] = cookie.split("=");
    const other = changed(decodeURIComponent(value))
      .filter((text) => text !== decodeURIComponent(value))
      .map((text) => `${name}=${encodeURIComponent(text.toWellFormed())}`);
    const header = fc.oneof(
      other,
      changed(cookie),
      bytes.map((text) => `${name}=${text}`),
      bytes,
    );
    await fc.assert(
      fc.asyncProperty(header, async (sent) => {
        const status = await rawStatus(site.url, getHead("/", `Cookie: ${sent}`));
        if (status !== 200) return assert([400, 401, 431].includes(status), `${status}`);
        // What was put around it does not matter, the value itself does.
        const signed = decodeURIComponent(value);
        const heard = sent.replaceAll(/%([0-9a-f]{2})/gi, (_, code) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        );
        assert(heard.includes(signed), sent);
      }),
      { numRuns: 600 },
    );
  });

  it("takes a body for a login only if it is one", async () => {
    const right = { username: "alice", password: "alice-pw" };
    const json = JSON.stringify(right);
    const form = new URLSearchParams(right).toString();
    const body = fc.oneof(
      changed(json).map((text) => ["application/json", text] as const),
      changed(form).map((text) => ["application/x-www-form-urlencoded", text] as const),
      fc.json().map((text) => ["application/json", text] as const),
      fc.tuple(fc.constantFrom("application/json", "text/plain", "multipart/form-data"), bytes),
    );
    await fc.assert(
      fc.asyncProperty(body, async ([type, text]) => {
        const answer = await fetch(`${site.url}/login`, {
          method: "POST",
          headers: { "content-type": type },
          body: Buffer.from(text, "latin1"),
          redirect: "manual",
        });
        await answer.arrayBuffer();
        if (answer.status !== 200 && answer.status !== 303) {
          assert([400, 401, 413, 415].includes(answer.status), `${answer.status}`);
          assert.deepEqual(answer.headers.getSetCookie(), []);
          return;
        }
        const heard = type.endsWith("json")
          ? JSON.parse(text)
          : Object.fromEntries(new URLSearchParams(text));
        assert.equal(heard.username.trim().toLowerCase(), "alice");
        assert.equal(heard.password, "alice-pw");
      }),
      { numRuns: 600 },
    );
  });

  it("answers a path or a method of any kind, and lets none past", async () => {
    const path = fc.oneof(bytes, fc.webPath(), changed("/login"), changed("/logout"));
    const method = fc.oneof(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "QUERY"),
      bytes,
    );
    await fc.assert(
      fc.asyncProperty(method, path, async (verb, where) => {
        const head = `${verb} /${where} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0`;
        const status = await rawStatus(site.url, Buffer.from(head, "latin1"));
        // 200 is the login page.
        assert(
          status < 500 && (status !== 200 || /^\/?login/i.test(where)),
          `${status} to ${verb} ${where}`,
        );
      }),
      { numRuns: 400 },
    );
  });
});
