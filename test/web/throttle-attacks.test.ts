import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import supertest from "supertest";
import type { AuthnzLdapOptions } from "../../src/index.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { eventually } from "../support/eventually.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";

const WEB1 = "uid=web1,ou=web,dc=domain,dc=org";
const MAIL = "web1@example.org";
/** Defaults, but for what tests set. */
const THROTTLE = { failures: 5, window: 300_000 };
/** Addresses of visitors come by a header, and not over TLS. */
const OVER_HTTP = { requireTls: false };

describe("guesses at passwords", () => {
  let directory: TestDirectory;
  let site: ProtectedApp;

  async function open(options: Partial<AuthnzLdapOptions> = {}, trustProxy: unknown = false) {
    directory = await startFixtureDirectory();
    // One person with two login names.
    directory.apply(`dn: ${WEB1}\nchangetype: modify\nadd: uid\nuid: ${MAIL}\n-\n`);
    const url = `${directory.url}/ou=web,dc=domain,dc=org?uid?one`;
    site = await protectedApp({
      url,
      throttle: THROTTLE,
      timeout: 2_000,
      ...OVER_HTTP,
      ...options,
    });
    site.app.set("trust proxy", trustProxy);
  }

  afterEach(async () => {
    await site.close();
    await directory.close();
  });

  const get = async (username: string, password: string, forwardedFor = "") => {
    const asked = supertest(site.url).get("/").auth(username, password);
    const { status } = await (forwardedFor ? asked.set("X-Forwarded-For", forwardedFor) : asked);
    return status;
  };

  /** How often somebody's password was checked. */
  const bindsAs = (dn: string) =>
    directory.operations.filter((each) => each.operation === "bind" && each.dn === dn).length;

  const counted = (statuses: readonly number[], status: number) =>
    statuses.filter((each) => each === status).length;

  describe("of one person", () => {
    beforeEach(() => open());

    it("share one budget whatever spelling is typed", async () => {
      const spellings = [
        "web1",
        "WEB1",
        " web1",
        "web1 ",
        "ｗｅｂ１",
        "we\u00adb1",
        "wéb1",
        "we\u200bb1",
      ];
      const statuses: number[] = [];
      for (let i = 0; i < 3; i++) {
        for (const name of spellings) {
          const sent = await supertest(site.url)
            .post("/login")
            .send({ username: name, password: `wrong${i}` });
          statuses.push(sent.status);
        }
      }
      assert.equal(counted(statuses, 401), 5);
      assert.equal(counted(statuses, 429), 19);
      assert(bindsAs(WEB1) <= 5);
      assert.equal(await get("web1", "web1-pw"), 429);
      assert.equal(await get("web2", "web2-pw"), 200);
    });

    it("share one budget whichever of the login names is typed", async () => {
      for (let i = 0; i < 3; i++) assert.equal(await get("web1", `wrong${i}`), 401);
      for (let i = 3; i < 5; i++) assert.equal(await get(MAIL, `wrong${i}`), 401);
      assert.equal(bindsAs(WEB1), 5);
      assert.equal(await get("web1", "web1-pw"), 429);
      assert.equal(await get(MAIL, "web1-pw"), 429);
      assert.equal(bindsAs(WEB1), 5);
      assert.equal(await get("web2", "web2-pw"), 200);
    });

    it("are forgotten after the right password by any of the names, and only then", async () => {
      for (let i = 0; i < 4; i++) assert.equal(await get("web1", `wrong${i}`), 401);
      assert.equal(await get("web2", "web2-pw"), 200);
      assert.equal(await get(MAIL, "web1-pw"), 200);
      for (let i = 0; i < 4; i++) assert.equal(await get(MAIL, `wrong${i}`), 401);
      assert.equal(await get("web1", "web1-pw"), 200);
    });

    it("leave a session alone that began before", async () => {
      const agent = supertest.agent(site.url);
      await agent.post("/login").send({ username: "web1", password: "web1-pw" }).expect(200);
      for (let i = 0; i < 5; i++) assert.equal(await get("web1", `wrong${i}`), 401);
      assert.equal(await get("web1", "web1-pw"), 429);
      await agent.get("/").expect(200);
    });

    it("count as many as there are when they come at once, by whatever name", async () => {
      directory.setLatency(20);
      const names = ["web1", MAIL, "WEB1", MAIL.toUpperCase()];
      const statuses = await Promise.all(
        Array.from({ length: 60 }, (_, i) => get(names[i % 4] ?? "", `wrong${i}`)),
      );
      assert.equal(counted(statuses, 401), 5);
      assert.equal(counted(statuses, 429), 55);
      assert.equal(bindsAs(WEB1), 5);
    });

    it("let the right password in that comes among them, while they are fewer than too many", async () => {
      directory.setLatency(20);
      const all = Array.from({ length: 30 }, (_, i) =>
        i % 8 === 0 ? get("web1", `wrong${i}`) : get(i % 2 ? MAIL : "WEB1", "web1-pw"),
      );
      const statuses = await Promise.all(all);
      assert.equal(counted(statuses, 200), 26);
      assert.equal(counted(statuses, 401), 4);
    });

    it("are not counted while the directory is away", async () => {
      const recover = directory.addFault({ fault: "result", on: "bind", resultCode: 51 });
      for (let i = 0; i < 10; i++) assert.equal(await get("web1", `wrong${i}`), 503);
      recover();
      assert.equal(await get("web1", "web1-pw"), 200);
    });
  });

  describe("at what is remembered", () => {
    beforeEach(() => open({ cache: {} }));

    it("learn nothing of it during a block: the right password is refused as well, by any name", async () => {
      assert.equal(await get("web1", "web1-pw"), 200);
      assert.equal(await get(MAIL, "web1-pw"), 200);
      for (let i = 0; i < 5; i++) assert.equal(await get("web1", `wrong${i}`), 401);
      assert.equal(await get("web1", "web1-pw"), 429);
      assert.equal(await get(MAIL, "web1-pw"), 429);
    });

    it("learn nothing of it when they come at once: it does not answer before they are counted", async () => {
      assert.equal(await get("web1", "web1-pw"), 200);
      directory.setLatency(50);
      const before = bindsAs(WEB1);
      const wrong = Array.from({ length: 40 }, (_, i) => get("web1", `wrong${i}`));
      await eventually(() => bindsAs(WEB1) >= before + 5);
      const right = await get("web1", "web1-pw");
      assert.equal(right, 429);
      assert.equal(counted(await Promise.all(wrong), 401), 5);
    });

    it("count once where a client repeats one, and lock nobody out", async () => {
      for (let i = 0; i < 30; i++) assert.equal(await get("web1", "old password"), 401);
      assert.equal(await get("web1", "web1-pw"), 200);
      assert.equal(bindsAs(WEB1), 2);
    });

    it("end at the address's budget where somebody's own client signs in between them", async () => {
      site.app.set("trust proxy", 1);
      for (const [name, allowed] of [
        [MAIL, 5],
        ["WEB1", 45],
      ] as const) {
        const statuses: number[] = [];
        for (let i = 0; i < 50; i++) {
          assert.equal(await get("web1", "web1-pw", "203.0.113.1"), 200);
          statuses.push(await get(name, `wrong${i}`, "203.0.113.2"));
        }
        assert.equal(counted(statuses, 401), allowed);
        assert.equal(counted(statuses, 429), 50 - allowed);
      }
    });
  });

  describe("from one address", () => {
    const manyFrom = async (addressOf: (i: number) => string) => {
      const statuses: number[] = [];
      for (let i = 0; i < 52; i++) statuses.push(await get(`nobody${i}`, "x", addressOf(i)));
      return [counted(statuses, 401), counted(statuses, 429)];
    };

    it("share a budget whatever X-Forwarded-For says, where no proxy is trusted", async () => {
      await open();
      assert.deepEqual(await manyFrom((i) => `192.0.2.${i}`), [50, 2]);
      assert.equal(await get("web1", "web1-pw", "192.0.2.200"), 429);
    });

    it("share a budget whatever a visitor puts before what the trusted proxy says", async () => {
      await open({}, 1);
      assert.deepEqual(await manyFrom((i) => `192.0.2.${i}, 203.0.113.9`), [50, 2]);
      assert.equal(await get("web1", "web1-pw", "192.0.2.1, 203.0.113.9"), 429);
      assert.equal(await get("web1", "web1-pw", "192.0.2.1, 203.0.113.10"), 200);
    });

    it("share a budget within a /64, and not beyond it", async () => {
      await open({}, 1);
      assert.deepEqual(await manyFrom((i) => `2001:db8:1:2:${i}:${i}::${i}`), [50, 2]);
      assert.equal(await get("web1", "web1-pw", "2001:db8:1:2::"), 429);
      assert.equal(await get("web1", "web1-pw", "2001:db8:1:3::"), 200);
    });

    it("share a budget as IPv4 and as IPv6 that holds it", async () => {
      await open({}, 1);
      const spelled = ["203.0.113.9", "::ffff:203.0.113.9", "::FFFF:203.0.113.9"];
      assert.deepEqual(await manyFrom((i) => spelled[i % 3] ?? ""), [50, 2]);
      assert.equal(await get("web1", "web1-pw", "203.0.113.9"), 429);
      assert.equal(await get("web1", "web1-pw", "203.0.113.8"), 200);
    });
  });
});
