import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  ALL_IS_WELL,
  BUDGET,
  type FaultySite,
  NOTHING_GOES,
  type Round,
  startFaultySite,
} from "../support/faulty-site.ts";
import { type Slapd, slapd, startSlapd } from "../support/slapd.ts";
import { unhandled } from "../support/watched-process.ts";

describe("a slapd", { skip: slapd.skip, concurrency: false }, () => {
  let server: Slapd;
  let site: FaultySite;
  async function open(idletimeout = 0): Promise<void> {
    server = await startSlapd({ global: `idletimeout ${idletimeout}` });
    site = await startFaultySite(server.port, {
      tls: { ca: server.ca },
    });
  }
  afterEach(async () => {
    await site.close();
    await server.close();
  });

  describe("in the way of an app", () => {
    beforeEach(() => open());

    it("that is killed and started again costs 503s while it is away, and nothing after", async () => {
      for (let round = 0; round < 3; round++) {
        await server.kill();
        assert.deepEqual(await site.ask(), NOTHING_GOES);
        assert.deepEqual(await site.ask(), NOTHING_GOES);
        await server.start();
        assert.deepEqual(await site.ask(), ALL_IS_WELL);
      }
    });

    it("that an administrator restarts costs nothing after, wherever it is met", async () => {
      for (let round = 0; round < 3; round++) {
        await server.stop();
        await server.start();
        assert.deepEqual(await site.ask(), ALL_IS_WELL);
      }
    });

    it("that is stopped in its tracks costs 503s in time, and goes on by itself", async () => {
      for (let round = 0; round < 2; round++) {
        server.signal("SIGSTOP");
        assert.deepEqual(await site.ask(), NOTHING_GOES);
        assert.deepEqual(await site.ask(), NOTHING_GOES);
        server.signal("SIGCONT");
        assert.deepEqual(await wellAgain(site), ALL_IS_WELL);
      }
    });

    it("that dies while it is stopped is found again", async () => {
      server.signal("SIGSTOP");
      assert.deepEqual(await site.ask(), NOTHING_GOES);
      await server.kill();
      await server.start();
      assert.deepEqual(await wellAgain(site), ALL_IS_WELL);
    });

    it("that is killed in the middle of a crowd lets in nobody who should not be, and all in after", async () => {
      const crowd = Array.from({ length: 15 }, () => site.ask());
      await wait(20);
      await server.kill();
      await Promise.all(crowd);
      await server.start();
      assert.deepEqual(await wellAgain(site), ALL_IS_WELL);
    });

    it("whose host goes away without a word is met anew on other connections", async () => {
      site.proxy.cutAllCables();
      const first = await site.ask();
      assert.notDeepEqual(first, ALL_IS_WELL);
      assert.deepEqual(await wellAgain(site), ALL_IS_WELL);
    });
  });

  it("that ends idle connections is noticed by nobody", async () => {
    await open(1);
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await site.ask(), ALL_IS_WELL);
      // slapd looks for idle connections every quarter of its time, and twice it is enough.
      await wait(2_200);
    }
    assert.deepEqual(await site.ask(), ALL_IS_WELL);
  });
});

/** What was begun before may have to run out of its time. */
async function wellAgain(site: FaultySite): Promise<Round> {
  const end = performance.now() + 3 * BUDGET;
  for (;;) {
    const round = await site.ask();
    if (Object.values(round).every((status) => status !== 503)) return round;
    if (performance.now() > end) return round;
  }
}

after(() => assert.deepEqual(unhandled, []));
