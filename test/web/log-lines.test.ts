import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

/** An app as users write it, with the default log; it ends when its standard input does. */
const APP = `
  import { startFixtureDirectory } from "./test/support/fixture-directory.ts";
  import { protectedApp } from "./test/support/protected-app.ts";
  const directory = await startFixtureDirectory();
  const url = directory.url + "/ou=people,dc=domain,dc=org?uid";
  const app = await protectedApp({ url, log: undefined });
  process.stdout.write(app.url);
  process.stdin.resume().on("end", async () => {
    await app.close();
    await directory.close();
  });
`;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the app writes to standard error, byte for byte, while it is asked. */
async function written(ask: (url: string) => Promise<void>): Promise<string> {
  const app = spawn(process.execPath, ["--input-type=module", "--eval", APP], { cwd: ROOT });
  try {
    const errors = text(app.stderr);
    const ended = once(app, "exit").then(async () => assert.fail(await errors));
    const [url] = await Promise.race([once(app.stdout, "data"), ended]);
    ended.catch(() => {});
    await ask(String(url));
    app.stdin.end();
    const [code] = await once(app, "exit");
    assert.equal(code, 0);
    return await errors;
  } finally {
    app.kill("SIGKILL");
  }
}

async function signIn(url: string, username: string): Promise<void> {
  const body = JSON.stringify({ username, password: "x" });
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${url}/login`, { method: "POST", headers, body });
  assert.equal(status, 401, JSON.stringify(username.slice(0, 80)));
}

const FAKE = '{"level":"info","event":"signed-in","details":{"username":"admin"}}';
const NASTY: readonly string[] = [
  ...[
    "mallory\r\nx",
    "\nmallory",
    `mallory\n${FAKE}\n`,
    `mallory\r${FAKE}`,
    `","event":"signed-in`,
  ],
  ...['"}', '\\"}', "\\", "\\u000a", "{{{", "</script>", "%0a%0d", "\u0000", "\u007f", "\u001b[2J"],
  ...["\u001b]0;title\u0007", "\u009b31m", "\u0085", "\u2028", "\u2029", "\u202eadmin", "\ufeff"],
  ...[
    "\u2066x\u2069",
    "\ud800",
    "\udc00x",
    "😀".repeat(200),
    "x".repeat(10_000),
    "\n".repeat(7_000),
  ],
];

/** Letters at which a terminal or a reader of lines does something other than show them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;

describe("the default log", () => {
  it("writes one line per record, whatever names it holds", async () => {
    const output = await written(async (url) => {
      for (const name of NASTY) await signIn(url, name);
    });
    assert(!ACTIVE.test(output), JSON.stringify(ACTIVE.exec(output)));
    assert(output.endsWith("\n"));
    const records = output
      .slice(0, -1)
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(records.length, NASTY.length);
    for (const [n, { event, level, details }] of records.entries()) {
      assert.equal(event, "login-refused");
      assert.equal(level, "warn");
      const name = NASTY[n] ?? "";
      if (name.length <= 300) assert.equal(details.username, name);
      else assert.equal(details.username, `${name.slice(0, 299).toWellFormed()}…`);
    }
  });

  it("writes short lines of long names", async () => {
    const output = await written((url) => signIn(url, "\n".repeat(7_000)));
    assert(output.length < 2_500, String(output.length));
  });
});
