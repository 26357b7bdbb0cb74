import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { inspect } from "node:util";
import type { ChainResult } from "../../src/authentication/chain.ts";
import type { Changes } from "../../src/authentication/changes.ts";
import type { Person } from "../../src/authentication/person.ts";
import { type LoginMemory, rememberLogins } from "../../src/authentication/remembered-logins.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import type { LdapEvent } from "../../src/events.ts";
import { createShare } from "../../src/web/share.ts";

const ALICE: Person = { dn: "uid=alice,dc=x", username: "alice", id: "1", attributes: {} };
const OF_A_FILE: Person = { dn: "", username: "carol", provider: "file", attributes: {} };
const soon = () => startDeadline(2_000);

let asked: string[];
let answer: (username: string, password: string) => ChainResult | Promise<ChainResult>;
let changedAt: number;
let events: LdapEvent[];

beforeEach(() => {
  asked = [];
  changedAt = 0;
  events = [];
  answer = (username, password) => {
    if (username.toLowerCase() === "alice" || username === "a.adams") {
      if (password === "alice-pw") return { ok: true, person: ALICE };
      return { ok: false, reason: "wrong-password", whose: ALICE };
    }
    if (username === "carol") return { ok: true, person: OF_A_FILE };
    return { ok: false, reason: "unknown-user" };
  };
});

function memoryOf(settings = { ttl: 60_000, wrongPasswordTtl: 60_000, size: 100 }): LoginMemory {
  const changes: Changes = { lastOf: () => changedAt, note: () => {}, noteName: () => {} };
  return rememberLogins(
    {
      authenticate: async ({ username, password }) => {
        asked.push(`${username} ${password}`);
        return answer(username, password);
      },
      changes,
      observe: (event) => events.push(event),
      share: createShare<ChainResult>(soon),
    },
    settings,
  );
}

/** As a request with HTTP Basic does. */
async function login(memory: LoginMemory, username: string, password: string) {
  const credentials = { username, password };
  return memory.recall(credentials) ?? (await memory.authenticate(credentials, soon()));
}

describe("a right password", () => {
  it("is asked about once, and remembered as such", async () => {
    const memory = memoryOf();
    const first = await login(memory, "alice", "alice-pw");
    assert(first.ok && first.person === ALICE && first.remembered === undefined);
    for (let n = 0; n < 3; n++) {
      assert.deepEqual(await login(memory, "alice", "alice-pw"), {
        ok: true,
        person: ALICE,
        remembered: true,
      });
    }
    assert.deepEqual(asked, ["alice alice-pw"]);
    assert.deepEqual(
      events.map((event) => event.type === "cache" && event.hit),
      [false, true, true, true],
    );
  });

  it("is not another one's, however alike", async () => {
    const memory = memoryOf();
    await login(memory, "alice", "alice-pw");
    const others = [
      ["alice", "alice-pw "],
      ["alice", "Alice-pw"],
      ["alice", "alice-p"],
      ["alicea", "lice-pw"],
      ["Alice", "alice-pw"],
      ["alice ", "alice-pw"],
    ] as const;
    for (const [username, password] of others) {
      assert.equal(memory.recall({ username, password }), undefined, `${username} ${password}`);
    }
  });

  it("with letters that have no UTF-8 is never taken for one with their replacement", async () => {
    const memory = memoryOf();
    answer = () => ({ ok: true, person: ALICE });
    await memory.authenticate({ username: "alice", password: "\ufffd" }, soon());
    assert.equal(memory.recall({ username: "alice", password: "\ud800" }), undefined);
    assert.equal(memory.recall({ username: "alice", password: 5 } as never), undefined);
    assert.equal(memory.recall({ username: "alice", password: "" }), undefined);
    assert.notEqual(memory.recall({ username: "alice", password: "\ufffd" }), undefined);
  });

  it("is forgotten after its time", async () => {
    const memory = memoryOf({ ttl: 0, wrongPasswordTtl: 60_000, size: 100 });
    await login(memory, "alice", "alice-pw");
    await login(memory, "alice", "alice-pw");
    assert.equal(asked.length, 2);
  });

  it("is forgotten when the directory has changed since it was asked about", async () => {
    const memory = memoryOf();
    await login(memory, "alice", "alice-pw");
    changedAt = performance.now();
    await login(memory, "alice", "alice-pw");
    await login(memory, "alice", "alice-pw");
    assert.equal(asked.length, 2);
  });

  it("that was being checked when the directory changed is not remembered", async () => {
    const memory = memoryOf();
    answer = async () => {
      changedAt = performance.now();
      return { ok: true, person: ALICE };
    };
    await login(memory, "alice", "alice-pw");
    assert.equal(memory.recall({ username: "alice", password: "alice-pw" }), undefined);
  });

  it("is forgotten after a wrong one, whatever name it came with", async () => {
    for (const name of ["alice", "ALICE", "a.adams"]) {
      asked = [];
      const memory = memoryOf();
      await login(memory, "alice", "alice-pw");
      assert.equal((await login(memory, name, "wrong")).ok, false);
      assert.equal(memory.recall({ username: "alice", password: "alice-pw" }), undefined, name);
    }
  });

  it("of a password file is not remembered", async () => {
    const memory = memoryOf();
    await login(memory, "carol", "carol-pw");
    await login(memory, "carol", "carol-pw");
    assert.equal(asked.length, 2);
  });

  it("is nowhere to be seen", async () => {
    const memory = memoryOf();
    await login(memory, "alice", "alice-pw");
    const shown = inspect([memory, events], { depth: null, showHidden: true });
    assert(!shown.includes("alice-pw"));
  });
});

describe("a wrong password", () => {
  it("is asked about once as long as it is the same", async () => {
    const memory = memoryOf();
    for (let n = 0; n < 5; n++) {
      const result = await login(memory, "alice", "wrong");
      assert.equal(result.ok, false);
      assert.equal(result.remembered, n === 0 ? undefined : true);
    }
    await login(memory, "alice", "wrong too");
    assert.deepEqual(asked, ["alice wrong", "alice wrong too"]);
  });

  it("stays remembered while its owner signs in with the right one", async () => {
    const memory = memoryOf();
    for (let n = 0; n < 3; n++) {
      assert.equal((await login(memory, "alice", "wrong")).ok, false);
      assert.equal((await login(memory, "alice", "alice-pw")).ok, true);
    }
    assert.deepEqual(asked, ["alice wrong", "alice alice-pw"]);
  });

  it("of a name that nobody has is remembered too, so that the time tells nothing", async () => {
    const memory = memoryOf();
    await login(memory, "nobody", "wrong");
    await login(memory, "nobody", "wrong");
    assert.deepEqual(asked, ["nobody wrong"]);
  });

  it("stays remembered when the directory writes it down, which is a change of the entry", async () => {
    const memory = memoryOf();
    for (let n = 0; n < 5; n++) {
      assert.equal((await login(memory, "alice", "wrong")).ok, false);
      changedAt = performance.now();
    }
    assert.deepEqual(asked, ["alice wrong"]);
  });

  it("is asked about again after its time, and when the name is forgotten: it may be right now", async () => {
    for (const wrongPasswordTtl of [0, 60_000]) {
      const memory = memoryOf({ ttl: 60_000, wrongPasswordTtl, size: 100 });
      await login(memory, "alice", "alice-pw 2");
      if (wrongPasswordTtl > 0) memory.forget("alice");
      await login(memory, "alice", "alice-pw 2");
      assert.equal(asked.length, 2);
      asked = [];
    }
  });
});

describe("equal logins under way", () => {
  it("are one, and all but the first are no guesses of their own", async () => {
    const memory = memoryOf();
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        memory.authenticate({ username: "alice", password: "wrong" }, soon()),
      ),
    );
    assert.equal(asked.length, 1);
    assert.equal(results.filter(({ remembered }) => !remembered).length, 1);
  });

  it("have their own answers where they differ", async () => {
    const memory = memoryOf();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        memory.authenticate(
          { username: "alice", password: n % 2 ? `wrong ${n}` : "alice-pw" },
          soon(),
        ),
      ),
    );
    assert(results.every(({ ok }, n) => ok === (n % 2 === 0)));
  });
});

it("an answer that could not be had is not remembered, nor is what an account's state refused", async () => {
  const memory = memoryOf();
  answer = () => {
    throw new DirectoryError("away", { code: "unreachable" });
  };
  await assert.rejects(login(memory, "alice", "alice-pw"), { code: "unreachable" });
  answer = () => ({
    ok: false,
    reason: "account-disabled",
    state: "account-disabled",
    whose: ALICE,
  });
  await login(memory, "alice", "alice-pw");
  await login(memory, "alice", "alice-pw");
  assert.equal(asked.length, 3);
});

it("remembers no more names than it may", async () => {
  const memory = memoryOf({ ttl: 60_000, wrongPasswordTtl: 60_000, size: 10 });
  for (let n = 0; n < 100; n++) await login(memory, `name${n}`, "x");
  const remembered = Array.from({ length: 100 }, (_, n) =>
    memory.recall({ username: `name${n}`, password: "x" }),
  );
  assert.equal(remembered.filter(Boolean).length, 10);
});
