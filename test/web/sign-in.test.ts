import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import type { RequestHandler } from "express";
import request, { type Test } from "supertest";
import { createChanges } from "../../src/authentication/changes.ts";
import { rememberLogins } from "../../src/authentication/remembered-logins.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import { DirectoryError } from "../../src/errors.ts";
import { createShare } from "../../src/web/share.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeRealm, fakeRealm } from "../support/fake-realm.ts";
import { type CreateExpress, onEachExpress, SETTINGS, webApp } from "../support/web-app.ts";

/** An app whose directory answers when told to. Its visitors' addresses are what X-Forwarded-For says. */
function slowApp(test: TestContext, createExpress: CreateExpress, failures = 5) {
  const realm = sharing(fakeRealm());
  const answers: (() => void)[] = [];
  realm.before = () => new Promise((resolve) => answers.push(resolve));
  let arrived = 0;
  const count: RequestHandler = (_req, _res, next) => {
    arrived++;
    next();
  };
  const throttle = { ...SETTINGS.throttle, failures, window: 300_000 };
  const settings = { throttle, requireTls: false };
  const { app } = webApp(createExpress, { realm, settings, before: [count] });
  app.set("trust proxy", true);
  const server = app.listen(0, "127.0.0.1");
  test.after(() => server.close());
  return {
    realm,
    answer() {
      for (const give of answers.splice(0)) give();
    },
    get: (username: string, password: string, address = "192.0.2.1") =>
      request(server).get("/").auth(username, password).set("X-Forwarded-For", address),
    /** Sends them all, and waits until they have come as far as they can. */
    async send(tests: readonly Test[]) {
      const before = arrived;
      const statuses = tests.map((test) => test.then(({ status }) => status));
      await eventually(() => arrived >= before + tests.length);
      await new Promise(setImmediate);
      return statuses;
    },
  };
}

/** One whose equal logins under way are one login, as they really are; nothing is remembered. */
function sharing(realm: FakeRealm): FakeRealm {
  const { authenticate } = rememberLogins(
    {
      authenticate: realm.authenticate,
      changes: createChanges(),
      observe: () => {},
      share: createShare(() => realm.startDeadline()),
    },
    false,
  );
  realm.authenticate = authenticate;
  return realm;
}

onEachExpress("equal credentials at the same time", (createExpress) => {
  const times = <T>(length: number, make: (i: number) => T) =>
    Array.from({ length }, (_, i) => make(i));

  it("are asked for once, whatever the address, and each request gets the answer", async (test) => {
    const { realm, answer, get, send } = slowApp(test, createExpress);
    const all = await send(times(300, (i) => get("web1", "web1-pw", `192.0.2.${i % 20}`)));
    assert.equal(realm.asked.length, 1);
    answer();
    assert.deepEqual(new Set(await Promise.all(all)), new Set([200]));
  });

  it("are asked for again when the answer is there", async (test) => {
    const { realm, answer, get, send } = slowApp(test, createExpress);
    for (const expected of [200, 401]) {
      const [status] = await send([get("web1", "web1-pw")]);
      realm.people.set("web1", { password: expected === 200 ? "web1-pw" : "changed", levels: [] });
      answer();
      assert.equal(await status, expected);
      realm.people.set("web1", { password: "changed", levels: [] });
    }
    assert.equal(realm.asked.length, 2);
  });

  it("are equal to the letter: no other password or name gets their answer", async (test) => {
    const { realm, answer, get, send } = slowApp(test, createExpress, 10);
    const others = [
      ["web1", "web1-pW"],
      ["web1", "web1-pw "],
      ["web1", "-pw"],
      ["WEB1", "web1-pw"],
      ["wéb1", "web1-pw"],
      ["web1w", "eb1-pw"],
    ] as const;
    const [right] = await send([get("web1", "web1-pw")]);
    const wrong = await send(others.map(([name, password]) => get(name, password)));
    assert.equal(realm.asked.length, 7);
    answer();
    assert.equal(await right, 200);
    for (const status of await Promise.all(wrong)) assert.equal(status, 401);
  });

  it("count as one guess when they are wrong", async (test) => {
    const { realm, answer, get, send } = slowApp(test, createExpress, 2);
    const all = await send(times(20, () => get("web1", "wrong")));
    answer();
    assert.deepEqual(new Set(await Promise.all(all)), new Set([401]));
    assert.equal(realm.asked.length, 1);
    const [second] = await send([get("web1", "wrong")]);
    answer();
    assert.equal(await second, 401);
    const [third] = await send([get("web1", "web1-pw")]);
    assert.equal(await third, 429);
  });

  it("do not help a refused address to find out the password of somebody who signs in", async (test) => {
    const { answer, get, send } = slowApp(test, createExpress, 1);
    for (let i = 0; i < 10; i++) {
      const [guess] = await send([get(`user${i}`, "x", "192.0.2.9")]);
      answer();
      assert.equal(await guess, 401);
    }
    const [right] = await send([get("web1", "web1-pw")]);
    const [joining] = await send([get("web1", "web1-pw", "192.0.2.9")]);
    assert.equal(await joining, 429);
    answer();
    assert.equal(await right, 200);
  });

  it("do not help a flood of guesses either: who comes behind one that waits does wait", async (test) => {
    const { realm, answer, get, send } = slowApp(test, createExpress, 3);
    const [right] = await send([get("web1", "web1-pw")]);
    const guesses = await send(times(4, (i) => get("web1", `wrong${i}`, "192.0.2.9")));
    const [lucky] = await send([get("web1", "web1-pw", "192.0.2.9")]);
    assert.equal(realm.asked.length, 3);
    const answering = setInterval(answer, 1);
    test.after(() => clearInterval(answering));
    assert.equal(await right, 200);
    const statuses = await Promise.all([...guesses, lucky]);
    assert.deepEqual(statuses.toSorted(), [401, 401, 401, 429, 429]);
  });

  it("fail together, and each within its own time", async (test) => {
    const { realm, get, send } = slowApp(test, createExpress);
    let milliseconds = 2_000;
    realm.startDeadline = () => startDeadline(milliseconds);
    let fail: () => void = () => {};
    realm.before = () =>
      new Promise((_, reject) => {
        fail = () => reject(new DirectoryError("away", { code: "unreachable" }));
      });
    const [patient] = await send([get("web1", "web1-pw")]);
    milliseconds = 10;
    const [hasty] = await send([get("web1", "web1-pw")]);
    assert.equal(await Promise.race([hasty, patient?.then(() => "patient")]), 503);
    assert.equal(realm.asked.length, 1);
    milliseconds = 2_000;
    const [other] = await send([get("web1", "web1-pw")]);
    fail();
    assert.equal(await patient, 503);
    assert.equal(await other, 503);
    realm.before = async () => {};
    const [later] = await send([get("web1", "web1-pw")]);
    assert.equal(await later, 200);
  });
});
