import assert from "node:assert/strict";
import { describe, it } from "node:test";
import request from "supertest";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import { type Attempt, createThrottle } from "../../src/web/throttle.ts";
import { addressKey, nameKey } from "../../src/web/throttle-keys.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

const soon = () => startDeadline(2_000);

/** A throttle of three failures in a minute, and its clock. */
function throttleAt() {
  let now = 0;
  const throttle = createThrottle({ failures: 3, window: 60_000 }, () => now);
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    begin: (name: string, address = "192.0.2.1") => throttle.begin(name, address, soon()),
    mayShare: (name: string, address = "192.0.2.1") => throttle.mayShare(name, address),
    async fail(name: string, address = "192.0.2.1") {
      (await attempt(throttle.begin(name, address, soon()))).failed();
    },
  };
}

/** Another address for each number below two million. */
function manyAddresses(i: number): string {
  return `10.${i >> 14}.${(i >> 7) & 127}.${i & 127}`;
}

async function attempt(begun: Promise<Attempt | { readonly retryAfter: number }>) {
  const result = await begun;
  assert("failed" in result, "refused");
  return result;
}

describe("the throttle", () => {
  it("refuses a name after its failures, says for how long, and forgets them then", async () => {
    const { begin, fail, pass } = throttleAt();
    for (let i = 0; i < 3; i++) await fail("alice");
    pass(10_500);
    assert.deepEqual(await begin("alice"), { retryAfter: 50 });
    assert("failed" in (await begin("bob")));
    pass(49_500);
    assert("failed" in (await begin("alice")));
  });

  it("forgets after a success only what was typed in its very spelling", async () => {
    const { begin, fail } = throttleAt();
    await fail("web1");
    (await attempt(begin("wéb1"))).succeeded();
    await fail("wéb1");
    (await attempt(begin("WEB1"))).succeeded();
    (await attempt(begin("wéb1"))).succeeded();
    await fail("web1");
    (await attempt(begin("wéb1"))).succeeded();
    await fail("web1");
    assert("retryAfter" in (await begin("web1")));
    assert("retryAfter" in (await begin("wéb1")));
  });

  it("forgets a name's failures after a success, and no other's", async () => {
    const { begin, fail } = throttleAt();
    for (const name of ["alice", "alice", "bob", "bob"]) await fail(name);
    (await attempt(begin("alice"))).succeeded();
    await fail("alice");
    await fail("bob");
    assert("failed" in (await begin("alice")));
    assert("retryAfter" in (await begin("bob")));
  });

  it("refuses an address after ten times as many, whatever the names; a success does not help it", async () => {
    const { begin, fail } = throttleAt();
    for (let i = 0; i < 29; i++) await fail(`user${i}`);
    (await attempt(begin("mine"))).succeeded();
    await fail("user29");
    assert("retryAfter" in (await begin("user30")));
    assert("failed" in (await begin("user30", "192.0.2.2")));
  });

  it("counts nothing when nobody could say", async () => {
    const { begin } = throttleAt();
    for (let i = 0; i < 10; i++) (await attempt(begin("alice"))).abandoned();
    assert("failed" in (await begin("alice")));
  });

  it("counts N guesses at the same time as N: the rest waits, and is refused", async () => {
    const { begin } = throttleAt();
    const begun = [begin("alice"), begin("alice"), begin("alice")];
    const first = await Promise.all(begun.map(attempt));
    const rest = Array.from({ length: 20 }, () => begin("alice"));
    for (const { failed } of first) failed();
    for (const result of await Promise.all(rest)) assert("retryAfter" in result);
  });

  it("lets those that wait go on when the ones before them were right", async () => {
    const { begin } = throttleAt();
    let begun = 0;
    const all = Array.from({ length: 30 }, async () => {
      const one = await attempt(begin("alice"));
      begun++;
      return one;
    });
    await new Promise(setImmediate);
    assert.equal(begun, 3);
    for (const one of all) (await one).succeeded();
    assert.equal(begun, 30);
  });

  it("lets nobody wait for ever", async () => {
    const throttle = createThrottle({ failures: 1, window: 60_000 });
    await throttle.begin("alice", undefined, soon());
    await assert.rejects(throttle.begin("alice", undefined, startDeadline(20)), {
      name: "DirectoryError",
      code: "busy",
    });
  });

  it("keeps a bounded number of counters", async () => {
    const { begin, fail } = throttleAt();
    await fail("first");
    for (let i = 0; i < 60_000; i++) await fail(`user${i}`, manyAddresses(i));
    for (let i = 0; i < 2; i++) await fail("first");
    assert("failed" in (await begin("first", "198.51.100.1")));
  });

  it("forgets the names that are guessed at last", async () => {
    const { begin, fail } = throttleAt();
    for (let i = 0; i < 3; i++) await fail("alice", `192.0.2.${i}`);
    for (let i = 0; i < 60_000; i++) await fail(`user${i}`, manyAddresses(i));
    assert("retryAfter" in (await begin("alice")));
  });

  it("counts nothing for the names that a refused address tries", async () => {
    const { begin, fail } = throttleAt();
    for (let i = 0; i < 2; i++) await fail("alice");
    for (let i = 0; i < 30; i++) await fail(`user${i}`, "192.0.2.2");
    for (let i = 0; i < 100_001; i++) {
      assert("retryAfter" in (await begin(`junk${i}`, "192.0.2.2")));
    }
    await fail("alice");
    assert("retryAfter" in (await begin("alice")));
  });

  it("lets a try share an answer unless it would be refused, or others wait", async () => {
    const { begin, fail, mayShare } = throttleAt();
    const first = await attempt(begin("alice"));
    assert(mayShare("alice"));
    const others = await Promise.all([begin("alice"), begin("alice")].map(attempt));
    assert(mayShare("alice"));
    const waits = begin("ALICE", "192.0.2.2");
    assert(!mayShare("alice"));
    assert(mayShare("bob"));
    first.succeeded();
    const last = await attempt(waits);
    assert(mayShare("alice"));
    for (const other of [...others, last]) other.failed();
    assert(!mayShare("alice"));
    for (let i = 0; i < 30; i++) await fail(`user${i}`, "192.0.2.3");
    assert(!mayShare("bob", "192.0.2.3"));
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

  it("do not matter when the throttle is off", async () => {
    const { app } = webApp(createExpress, { settings: { throttle: false } });
    for (let i = 0; i < 10; i++) await request(app).post("/login").send(guess).expect(401);
    await request(app).post("/login").send(right).expect(200);
  });
});
