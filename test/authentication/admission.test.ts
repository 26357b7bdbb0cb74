import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { prepareChain } from "../../src/authentication/chain.ts";
import { openPasswordFile } from "../../src/authentication/files/password-file.ts";
import {
  type Admission,
  type Provider,
  type ProviderResult,
  TooManyTries,
} from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";

const soon = () => startDeadline(2_000);

/** Notes what happens in which order; refuses from a certain one on. */
function noting(refuseFrom = Number.POSITIVE_INFINITY) {
  const steps: string[] = [];
  let asked = 0;
  const admission: Admission = {
    async admit(identity) {
      steps.push(`admit ${identity ?? "somebody"}`);
      if (++asked >= refuseFrom) throw new TooManyTries(60);
    },
  };
  const provider = (name: string, result: ProviderResult): Provider => ({
    name,
    async authenticate() {
      steps.push(`ask ${name}`);
      return result;
    },
    async decoy() {
      steps.push(`decoy ${name}`);
    },
    reread: async () => ({ ok: false, reason: "gone" }),
  });
  return { steps, admission, provider };
}

const NOBODY: ProviderResult = { outcome: "unknown", reason: "unknown-user" };

async function openFile(test: TestContext): Promise<Provider> {
  const folder = await mkdtemp(join(tmpdir(), "authnz-ldap-"));
  test.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "htpasswd");
  await writeFile(file, "alice:$apr1$abcdefgh$Rxoh493z7a9JdxrF6hSlH0\n");
  return openPasswordFile(file, { name: "file", log: () => {} });
}

describe("an admission", () => {
  it("is asked for before the first provider is, and so before anything takes time", async () => {
    const { steps, admission, provider } = noting();
    const authenticate = prepareChain([provider("one", NOBODY), provider("two", NOBODY)]);
    await authenticate({ username: "x", password: "y" }, soon(), admission);
    assert.deepEqual(steps, ["admit somebody", "ask one", "ask two", "decoy one", "decoy two"]);
  });

  it("that is refused ends the login, with no provider asked and no time wasted", async () => {
    const { steps, admission, provider } = noting(1);
    const authenticate = prepareChain([provider("one", NOBODY)]);
    await assert.rejects(
      authenticate({ username: "x", password: "y" }, soon(), admission),
      (error) => error instanceof TooManyTries && error.retryAfter === 60,
    );
    assert.deepEqual(steps, ["admit somebody"]);
  });

  it("is not asked for what can be nobody's password", async () => {
    const { steps, admission, provider } = noting();
    const authenticate = prepareChain([provider("one", NOBODY)]);
    await authenticate({ username: "x", password: "" }, soon(), admission);
    assert.deepEqual(steps, []);
  });

  it("is asked for by name of somebody of a password file, before their hash is", async (test) => {
    const file = await openFile(test);
    const { steps, admission } = noting();
    const right = { username: "alice", password: "file-pw" };
    assert.equal((await file.authenticate(right, soon(), admission)).outcome, "granted");
    assert.deepEqual(steps, ["admit file alice"]);
    const refusing = noting(1);
    await assert.rejects(file.authenticate(right, soon(), refusing.admission), TooManyTries);
  });

  it("is not asked for by a password file that does not know the name", async (test) => {
    const file = await openFile(test);
    const { steps, admission } = noting();
    const other = { username: "other", password: "file-pw" };
    assert.equal((await file.authenticate(other, soon(), admission)).outcome, "unknown");
    assert.deepEqual(steps, []);
  });
});
