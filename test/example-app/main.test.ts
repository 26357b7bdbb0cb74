import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../example-app/main.ts", import.meta.url));

function startMain(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Reads what it prints until it is ready. */
async function addressOf(child: ChildProcess): Promise<{ address: string; printed: string }> {
  let printed = "";
  for await (const part of child.stdout ?? []) {
    printed += part;
    const address = /http:\S+/.exec(printed)?.[0];
    if (address !== undefined && printed.includes("Ctrl-C")) return { address, printed };
  }
  throw new Error(`it ended: ${printed}`);
}

async function failure(env: Readonly<Record<string, string>>): Promise<string> {
  const child = startMain(env);
  assert(child.stderr);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  assert.equal(code, 1);
  return said;
}

describe("npm start", () => {
  it("prints its address, and names and passwords that work; ends by itself after SIGTERM", async () => {
    const child = startMain({ PORT: "0" });
    try {
      const { address, printed } = await addressOf(child);
      const tries = [...printed.matchAll(/^ {2}(web\w+) +(\S+) {2,}(.*)$/gm)];
      assert(tries.length >= 6, printed);
      for (const [, username, password, about = ""] of tries) {
        const authorization = `Basic ${btoa(`${username}:${password}`)}`;
        const headers = { accept: "application/json", authorization };
        const answer = await fetch(address, { headers });
        assert.equal(answer.status, about.includes("can't sign in") ? 401 : 200, username);
        await answer.text();
      }
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      assert.deepEqual(await exit, [0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("says so where the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    assert(address !== null && typeof address === "object");
    const said = await failure({ PORT: String(address.port) });
    assert.match(said, new RegExp(`Port ${address.port} is in use\\. .*PORT=`));
    assert.doesNotMatch(said, /\n {4}at /);
    other.close();
  });

  it("says so where MECHANISM is none", async () => {
    assert.match(
      await failure({ PORT: "0", MECHANISM: "digest-md5" }),
      /MECHANISM is one of plain/,
    );
  });

  it("takes no password of mail users where MECHANISM is a challenge, and says which", async () => {
    const child = startMain({ PORT: "0", MECHANISM: "scram-sha-256" });
    try {
      const { address, printed } = await addressOf(child);
      assert.match(printed, /sign in at \/mail \(scram-sha-256\)/);
      const headers = { accept: "application/json", "content-type": "application/json" };
      const person = { username: "testuser1", password: "testuser1-pw" };
      const answer = await fetch(new URL("/mail/login", address), {
        ...{ method: "POST", headers, body: JSON.stringify(person) },
      });
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), /Unsupported authentication mechanism\./);
      const given = await fetch(new URL("/mail/login/challenge", address), { headers });
      assert.deepEqual(await given.json(), { mechanisms: ["SCRAM-SHA-256"] });
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("says so where PORT is no port, or LDAP_URL no URL", async () => {
    assert.match(await failure({ PORT: "many" }), /PORT is a whole number/);
    assert.match(await failure({ PORT: "0", LDAP_URL: "http://x/" }), /url/i);
  });
});
