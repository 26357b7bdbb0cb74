import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CANARIES, canariesIn } from "../support/canaries.ts";

const APP = fileURLToPath(new URL("../support/canary-app.ts", import.meta.url));

/** All that the app prints. */
function run(nodeOptions: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...nodeOptions, APP, "crash"],
    {
      encoding: "utf8",
      timeout: 60_000,
      maxBuffer: 512 * 1024 * 1024,
      // biome-ignore lint/style/noProcessEnv: the child needs its PATH
      env: { ...process.env, ...environment },
    },
  );
  const everything = stdout + stderr;
  assert.match(everything, /^the end$/m, `${signal}\n${everything.slice(-2_000)}`);
  assert.equal(status, 1, "it crashed, as it was told to");
  return everything;
}

describe("canaries", () => {
  it("are found in all forms", () => {
    const { password } = CANARIES;
    for (const text of [
      password,
      `<Buffer 00 ${Buffer.from(password).toString("hex").match(/../g)?.join(" ")}>`,
      Buffer.from(`alice:${password}`).toString("base64"),
      Buffer.from(`bob:${password}`).toString("base64"),
      Buffer.from(`carol:${password}`).toString("base64"),
      JSON.stringify(Buffer.from(password)),
    ]) {
      assert.notDeepEqual(canariesIn(text), [], text);
    }
    assert.deepEqual(canariesIn("alice signed in"), []);
  });
});

describe("no password, session id, cookie or secret", () => {
  it("is in anything that an app can print of us, whatever happens", () => {
    const everything = run([]);
    // It did say a lot, of all kinds.
    for (const kind of [
      /^record: /m,
      /^error: /m,
      /^event: /m,
      /^handle: /m,
      /^decision: /m,
      /^answer: /m,
    ]) {
      assert.match(everything, kind);
    }
    for (const happened of [
      /by: 'challenge'[^}]*remembered: false/,
      /event: 'password-changed'/,
      /event: 'unusable-password'/,
    ]) {
      assert.match(everything, happened);
    }
    assert.match(everything, /^statuses .*200.*303.*401.*403.*429.*500.*503/m);
    assert.deepEqual(canariesIn(everything), []);
  });

  it("is in what NODE_DEBUG=ldapts prints either, of what we send", () => {
    assert.deepEqual(canariesIn(run([], { NODE_DEBUG: "ldapts" })), []);
  });
});
