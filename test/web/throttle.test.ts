import assert from "node:assert/strict";
import { describe, it } from "node:test";
import request from "supertest";
import { type Admission, TooManyTries } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import { type Attempt, createThrottle } from "../../src/web/throttle.ts";
import { addressKey, nameKey } from "../../src/web/throttle-keys.ts";
import { eventually } from "../support/eventually.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

const soon = () => startDeadline(2_000);

interface Who {
  readonly address?: string;
  /** Whose name it is found to be. Default: nobody's. */
  readonly identity?: string;
}

/** A throttle of three failures in a minute, and its clock. */
function throttleAt() {
  let now = 0;
  const throttle = createThrottle(
    { failures: 3, window: 60_000 },
    { log: () => {}, now: () => now },
  );
  const begin = (name: string, address = "192.0.2.1") => throttle.begin(name, address);

  /** As a login does it: before anything else, and again when it is known whose name it is. */
  async function enter(name: string, { address, identity }: Who = {}) {
    const begun = begin(name, address);
    if ("retryAfter" in begun) return begun;
    try {
      await begun.admit(undefined, soon());
      if (identity !== undefined) await begun.admit(identity, soon());
      return begun;
    } catch (error) {
      begun.abandoned();
      if (!(error instanceof TooManyTries)) throw error;
      return { retryAfter: error.retryAfter };
    }
  }

  async function attempt(name: string, who?: Who): Promise<Attempt> {
    const entered = await enter(name, who);
    assert("failed" in entered, "refused");
    return entered;
  }

  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    begin,
    enter,
    attempt,
    fail: async (name: string, who?: Who) => {
      (await attempt(name, who)).failed();
      await new Promise(setImmediate);
    },
    succeed: async (name: string, who?: Who) => (await attempt(name, who)).succeeded(),
    isRefused: async (name: string, who?: Who) => {
      const entered = await enter(name, who);
      if ("retryAfter" in entered) return true;
      entered.abandoned();
      return false;
    },
  };
}

/** Another address for each number below two million. */
function manyAddresses(i: number): string {
  return `10.${i >> 14}.${(i >> 7) & 127}.${i & 127}`;
}

const times = <T>(length: number, make: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));

describe("the throttle", () => {
  it("refuses a name after its failures, at once, says for how long, and forgets them then", async () => {
    const { begin, fail, pass } = throttleAt();
    for (let i = 0; i < 3; i++) await fail("alice");
    pass(10_500);
    assert.deepEqual(begin("alice"), { retryAfter: 50 });
    assert("failed" in begin("bob"));
    pass(49_500);
    assert("failed" in begin("alice"));
  });

  it("counts a person's failures whatever they are called, and those of nobody's names by name", async () => {
    const { fail, isRefused } = throttleAt();
    for (const name of ["alice", "alice@example.org", "EXAMPLE\\alice"]) {
      await fail(name, { identity: "1" });
    }
    assert(await isRefused("al", { identity: "1" }));
    assert(!(await isRefused("al", { identity: "2" })));
    for (const name of ["nobody", "NOBODY", "nöbody"]) await fail(name);
    assert(await isRefused("nobody"));
  });

  it("does not tell by a respelled name whether somebody has it", async () => {
    for (const identity of [{ identity: "1" }, {}]) {
      const { fail, isRefused } = throttleAt();
      for (let i = 0; i < 3; i++) await fail("alice", identity);
      assert(await isRefused("Älice"));
    }
  });

  it("forgets after a success only what was somebody's own", async () => {
    const { fail, succeed, isRefused } = throttleAt();
    const web1 = { identity: "1" };
    const other = { identity: "2" };
    for (let i = 0; i < 2; i++) await fail("web1", web1);
    await succeed("wéb1", other);
    await fail("web1", web1);
    assert(await isRefused("web1", web1));
    assert(await isRefused("mail of web1", web1));
    assert(!(await isRefused("mail of wéb1", other)));
  });

  it("forgets a person's failures after a success, and no other's", async () => {
    const { fail, succeed, isRefused } = throttleAt();
    for (const name of ["alice", "alice", "bob", "bob"]) await fail(name, { identity: name });
    await succeed("alice", { identity: "alice" });
    await fail("alice", { identity: "alice" });
    await fail("bob", { identity: "bob" });
    assert(!(await isRefused("alice", { identity: "alice" })));
    assert(await isRefused("bob", { identity: "bob" }));
  });

  it("forgets nothing of somebody whom an earlier provider knew by the name, and whose password it was not", async () => {
    const { attempt, fail, isRefused } = throttleAt();
    for (let i = 0; i < 2; i++) await fail("x", { identity: "directory's" });
    const both = await attempt("x", { identity: "directory's" });
    await both.admit("file's", soon());
    both.succeeded();
    await fail("y", { identity: "directory's" });
    assert(await isRefused("y", { identity: "directory's" }));
  });

  it("forgets nothing for a success of which nobody said whose it was", async () => {
    const { fail, succeed, isRefused } = throttleAt();
    for (let i = 0; i < 2; i++) await fail("alice");
    await succeed("alice");
    await fail("alice");
    assert(await isRefused("alice"));
  });

  it("refuses an address after ten times as many, whatever the names; a success does not help it", async () => {
    const { fail, succeed, isRefused } = throttleAt();
    for (let i = 0; i < 29; i++) await fail(`user${i}`);
    await succeed("mine", { identity: "me" });
    await fail("user29");
    assert(await isRefused("user30"));
    assert(!(await isRefused("user30", { address: "192.0.2.2" })));
  });

  it("counts nothing when nobody could say", async () => {
    const { attempt, isRefused } = throttleAt();
    for (let i = 0; i < 10; i++) (await attempt("alice")).abandoned();
    assert(!(await isRefused("alice")));
  });

  it("counts a failure also where nobody asked for its admission", async () => {
    const { begin, isRefused } = throttleAt();
    for (let i = 0; i < 3; i++) {
      const one = begin("alice");
      assert("failed" in one);
      one.failed();
      await new Promise(setImmediate);
    }
    assert(await isRefused("alice"));
  });

  it("counts a try once, however often it is admitted, and ends it once", async () => {
    const { attempt, fail, isRefused } = throttleAt();
    const one = await attempt("alice", { identity: "1" });
    for (let i = 0; i < 5; i++) await one.admit("1", soon());
    for (let i = 0; i < 5; i++) one.failed();
    one.succeeded();
    await fail("alice", { identity: "1" });
    assert(!(await isRefused("alice", { identity: "1" })));
    await fail("alice", { identity: "1" });
    assert(await isRefused("alice", { identity: "1" }));
  });

  it("admits nothing any more once a try has ended, nor where it was refused before", async () => {
    const { attempt, begin, fail } = throttleAt();
    const ended = await attempt("alice");
    ended.abandoned();
    await assert.rejects(ended.admit("1", soon()), { name: "DirectoryError", code: "timeout" });
    const early = begin("alice");
    for (let i = 0; i < 3; i++) await fail("alice");
    assert("admit" in early);
    const refused: Admission = early;
    for (let i = 0; i < 2; i++) await assert.rejects(refused.admit("1", soon()), TooManyTries);
  });

  it("counts N guesses at the same time as N: the rest waits, and is refused", async () => {
    const { attempt, enter } = throttleAt();
    const first = await Promise.all(times(3, () => attempt("alice")));
    const rest = times(20, () => enter("alice"));
    for (const { failed } of first) failed();
    for (const result of await Promise.all(rest)) assert("retryAfter" in result);
  });

  it("counts N guesses at the same time as N also by as many names as somebody has", async () => {
    const { enter } = throttleAt();
    let begun = 0;
    const all = times(20, async (i) => {
      const one = await enter(`alias${i}`, { identity: "1" });
      if (!("failed" in one)) return "refused";
      begun++;
      await new Promise(setImmediate);
      one.failed();
      return "failed";
    });
    const results = await Promise.all(all);
    assert.equal(begun, 3);
    assert.equal(results.filter((result) => result === "failed").length, 3);
  });

  it("lets those that wait go on when the ones before them were right", async () => {
    const { attempt } = throttleAt();
    let begun = 0;
    const all = times(30, async () => {
      const one = await attempt("alice", { identity: "1" });
      begun++;
      return one;
    });
    await new Promise(setImmediate);
    assert.equal(begun, 3);
    for (const one of all) (await one).succeeded();
    assert.equal(begun, 30);
  });

  it("lets the right one in when the wrong ones before it leave a place, whatever the order", async () => {
    for (let position = 0; position < 3; position++) {
      const { enter } = throttleAt();
      const guesses = times(3, async (i) => {
        const one = await enter(i === position ? "alice" : "ALICE", { identity: "1" });
        await new Promise(setImmediate);
        if (!("failed" in one)) return "refused";
        if (i === position) one.succeeded();
        else one.failed();
        return i === position ? "in" : "failed";
      });
      const results = await Promise.all(guesses);
      assert.equal(results[position], "in", results.join());
    }
  });

  it("lets nobody wait for ever, and who gave up leaves no trace", async () => {
    const { attempt, begin, isRefused } = throttleAt();
    const first = await Promise.all(times(3, () => attempt("alice")));
    const late = begin("alice");
    assert("admit" in late);
    await assert.rejects(late.admit(undefined, startDeadline(20)), {
      name: "DirectoryError",
      code: "busy",
    });
    late.abandoned();
    for (const one of first) one.abandoned();
    assert.equal(await isRefused("alice"), false);
    const again = await Promise.all(times(3, () => attempt("alice")));
    assert.equal(again.length, 3);
  });

  it("lets tries that hold places of different kinds not wait for each other", async () => {
    const { enter } = throttleAt();
    const results = await Promise.all(
      times(400, async (i) => {
        const address = `192.0.2.${i % 3}`;
        const one = await enter(`name${i % 7}`, { address, identity: `${i % 11}` });
        await new Promise(setImmediate);
        if ("failed" in one) one.abandoned();
        return "failed" in one;
      }),
    );
    assert(results.every(Boolean));
  });

  it("forgets the names that are guessed at last", async () => {
    const { fail, isRefused } = throttleAt();
    for (let i = 0; i < 2; i++) await fail("bob", { address: `192.0.2.${i}` });
    for (let i = 0; i < 3; i++) await fail("alice", { address: `192.0.2.${i}` });
    for (let i = 0; i < 60_000; i++) await fail(`user${i}`, { address: manyAddresses(i) });
    await fail("bob");
    assert(await isRefused("alice"));
    assert(await isRefused("bob"));
  });

  it("counts nothing for the names that a refused address tries", async () => {
    const { begin, fail } = throttleAt();
    for (let i = 0; i < 2; i++) await fail("alice");
    for (let i = 0; i < 30; i++) await fail(`user${i}`, { address: "192.0.2.2" });
    for (let i = 0; i < 100_001; i++) {
      assert("retryAfter" in begin(`junk${i}`, "192.0.2.2"));
    }
    await fail("alice");
    assert("retryAfter" in begin("alice"));
  });
});

describe("the throttle and what is remembered", () => {
  it("lets a remembered login pass while nobody guesses, and takes no place for it", async () => {
    const { begin } = throttleAt();
    for (let i = 0; i < 50; i++) {
      const one = begin("alice");
      assert("admitRemembered" in one);
      await one.admitRemembered("1", soon());
    }
  });

  it("refuses one of a person who is blocked, by whatever name", async () => {
    const { begin, fail } = throttleAt();
    for (let i = 0; i < 3; i++) await fail("alice", { identity: "1" });
    const one = begin("alice@example.org");
    assert("admitRemembered" in one);
    await assert.rejects(one.admitRemembered("1", soon()), TooManyTries);
    await one.admitRemembered("2", soon());
  });

  it("holds one back while guesses are under way, and refuses it if they fail", async () => {
    for (const fails of [true, false]) {
      const { attempt, begin } = throttleAt();
      const guesses = await Promise.all(times(3, () => attempt("alice", { identity: "1" })));
      const one = begin("alice");
      assert("admitRemembered" in one);
      let outcome = "waits";
      one.admitRemembered("1", soon()).then(
        () => {
          outcome = "in";
        },
        () => {
          outcome = "refused";
        },
      );
      await new Promise(setImmediate);
      assert.equal(outcome, "waits");
      for (const guess of guesses) {
        if (fails) guess.failed();
        else guess.abandoned();
      }
      await eventually(() => outcome !== "waits");
      assert.equal(outcome, fails ? "refused" : "in");
    }
  });
});

describe("a throttle's keys", () => {
  it("are the same for all spellings that a directory takes for one name", () => {
    const spellings = [
      "admin",
      "ADMIN",
      " admin ",
      "admin\u00a0",
      "ａｄｍｉｎ",
      "ADMİN",
      "ad\u00admin",
    ];
    for (const name of [...spellings, "a\u200bdmin", "ádmin", "a\u0301dmin"]) {
      assert.equal(nameKey(name), nameKey("admin"), name);
    }
    assert.equal(nameKey("a  b"), nameKey("A b"));
  });

  it("differ for other names, and between names and addresses", () => {
    for (const name of ["admin2", "\u0430dmin", "a dmin", ""]) {
      assert.notEqual(nameKey(name), nameKey("admin"), name);
    }
    assert.notEqual(nameKey("192.0.2.1"), addressKey("192.0.2.1"));
  });

  it("are the same for a whole /64 of IPv6, and for IPv4 however it is written", () => {
    const same = ["2001:db8:1:2::1", "2001:0DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:3::%eth0"];
    for (const address of same) assert.equal(addressKey(address), addressKey("2001:db8:1:2::"));
    assert.notEqual(addressKey("2001:db8:1:3::1"), addressKey("2001:db8:1:2::1"));
    assert.equal(addressKey("fe80::1"), addressKey("fe80:0:0:0:9::"));
    assert.equal(addressKey("::1"), addressKey("0:0:0:0:0:0:0:2"));
    assert.equal(addressKey("::ffff:192.0.2.1"), addressKey("192.0.2.1"));
    assert.notEqual(addressKey("::ffff:192.0.2.1"), addressKey("::ffff:192.0.2.2"));
    assert.equal(addressKey(undefined), addressKey(""));
  });
});

onEachExpress("too many wrong passwords", (createExpress) => {
  const guess = { username: "web1", password: "wrong" };
  const right = { username: "web1", password: "web1-pw" };

  it("are 429 with Retry-After, in the form, JSON and Basic, and the directory is left alone", async () => {
    const { app, realm } = webApp(createExpress);
    for (let i = 0; i < 3; i++) await request(app).post("/login").send(guess).expect(401);
    for (let i = 0; i < 2; i++) await request(app).get("/").auth("WEB1", "wrong").expect(401);
    const json = await request(app).post("/login").send(right).expect(429);
    assert.equal(json.body.code, "too-many-attempts");
    assert.match(String(json.headers["retry-after"]), /^\d+$/);
    const form = await request(app).post("/login").type("form").send(right).expect(429);
    assert.match(form.text, /role="alert"/);
    assert.match(String(form.headers["retry-after"]), /^\d+$/);
    await request(app).get("/").auth("web1", "web1-pw").expect(429);
    await request(app).get("/").auth("web3", "web3-pw").expect(200);
    assert.equal(realm.asked.length, 6);
  });

  it("count as many as there are, also at the same time", async () => {
    const { app, realm } = webApp(createExpress);
    const all = Array.from({ length: 20 }, (_, i) =>
      request(app)
        .post("/login")
        .send({ ...guess, password: `wrong${i}` })
        .then(),
    );
    const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(5).fill(401), ...Array(15).fill(429)]);
    assert.equal(realm.asked.length, 5);
  });

  it("do not include right ones: many requests with Basic may come at once", async () => {
    const { app } = webApp(createExpress);
    const all = Array.from({ length: 30 }, () =>
      request(app).get("/").auth("web1", "web1-pw").then(),
    );
    for (const { status } of await Promise.all(all)) assert.equal(status, 200);
  });

  it("are not forgotten by the login of somebody whose name looks the same", async () => {
    const { app, realm } = webApp(createExpress);
    realm.people.set("wéb1", { password: "mine", levels: [] });
    for (let i = 0; i < 4; i++) await request(app).get("/").auth("web1", `wrong${i}`).expect(401);
    await request(app).get("/").auth("wéb1", "mine").expect(200);
    await request(app).get("/").auth("web1", "wrong").expect(401);
    await request(app).get("/").auth("web1", "web1-pw").expect(429);
  });

  it("do not include an outage", async () => {
    const { app, realm } = webApp(createExpress);
    realm.before = async () => {
      throw new DirectoryError("away", { code: "unreachable" });
    };
    for (let i = 0; i < 10; i++) await request(app).post("/login").send(right).expect(503);
    realm.before = async () => {};
    await request(app).post("/login").send(right).expect(200);
  });

  it("do not include right ones whose account may not be used", async () => {
    const { app, realm } = webApp(createExpress);
    const { authenticate } = realm;
    realm.authenticate = async () => ({
      ok: false,
      reason: "account-expired",
      state: "account-expired",
    });
    for (let i = 0; i < 10; i++) {
      const { status } = await request(app).post("/login").send(right);
      assert.notEqual(status, 429);
      assert(status >= 400);
    }
    realm.authenticate = authenticate;
    await request(app).post("/login").send(right).expect(200);
  });

  it("do not matter when the throttle is off", async () => {
    const { app } = webApp(createExpress, { settings: { throttle: false } });
    for (let i = 0; i < 10; i++) await request(app).post("/login").send(guess).expect(401);
    await request(app).post("/login").send(right).expect(200);
  });
});
