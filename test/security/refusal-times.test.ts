import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type FaultProxy, type Interfere, startFaultProxy } from "../support/fault-proxy.ts";
import { type ProtectedApp, protectedApp } from "../support/protected-app.ts";
import { measureRefusals, toldApart } from "../support/refusal-times.ts";
import {
  EARLIER,
  type HashCost,
  REFUSED,
  RIGHT,
  startRefusingSlapd,
} from "../support/refusing-slapd.ts";
import { type Slapd, slapd } from "../support/slapd.ts";
import { WITHOUT_MEMORY } from "../support/without-memory.ts";

/** Of these one without a difference is enough: what is really different is so each time. */
const ATTEMPTS = 5;

/** Every answer takes longer, and none overtakes another. */
function arrivesLater(delay: number): Interfere {
  return ({ side, phase, bytes }, { client }) => {
    if (side === "asked" || phase === "connect") return false;
    setTimeout(() => client.write(bytes), delay);
    return true;
  };
}

const WAYS: readonly (readonly [HashCost, tries: number, delay: number])[] = [
  ["usual", 300, 0],
  ["slow", 40, 0],
  ["usual", 40, 5],
];

for (const [cost, tries, delay] of WAYS) {
  describe(`refusals by slapd, of ${cost} hashes, ${delay} ms away`, { skip: slapd.skip }, () => {
    let server: Slapd;
    let proxy: FaultProxy;
    let site: ProtectedApp;
    async function open(options = {}): Promise<void> {
      site = await protectedApp({
        url: `ldap://127.0.0.1:${proxy.port}/dc=domain,dc=org?uid?sub`,
        ...options,
      });
      // A process that has not checked any password yet does not know how long that takes.
      for (const name of EARLIER) await refused(name, "wrong");
      const known = { username: "known", password: RIGHT[cost] };
      assert.equal((await site.ldap.authenticate(known)).ok, true);
    }
    before(async () => {
      server = await startRefusingSlapd(cost);
      proxy = await startFaultProxy(server.port, "nobody");
      if (delay > 0) proxy.interfere = arrivesLater(delay);
    });
    after(async () => {
      await proxy.close();
      await server.close();
    });

    /** Over HTTP: nothing else is answered from memory. */
    async function refused(username: string, password: string): Promise<void> {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
      const answer = await fetch(site.url, { headers: { authorization } });
      await answer.arrayBuffer();
      assert.equal(answer.status, 401);
    }

    async function assertAlike(password: (n: number) => string): Promise<void> {
      const kinds = Object.entries(REFUSED).map(
        ([reason, name]) => [reason, (n: number) => refused(name, password(n))] as const,
      );
      const told: string[] = [];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const measured = await measureRefusals(Object.fromEntries(kinds), tries, 20);
        const differences = toldApart(measured, tries < 100 ? ["median"] : ["median", "p95"]);
        if (differences.length === 0) return;
        told.push(...differences);
      }
      assert.fail(told.join("\n"));
    }

    it("take as long whatever their reason is", async () => {
      await open(WITHOUT_MEMORY);
      try {
        await assertAlike((n) => `wrong${n}`);
      } finally {
        await site.close();
      }
    });

    it("take as long whatever their reason is, also for the same password again, which may be remembered", async () => {
      await open();
      try {
        await assertAlike(() => "wrong");
      } finally {
        await site.close();
      }
    });
  });
}
