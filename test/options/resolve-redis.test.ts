import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient, createCluster } from "redis";
import { authnzLdap, ConfigError } from "../../src/index.ts";
import { resolveRedis } from "../../src/options/resolve-redis.ts";

const ioredis = { status: "ready", call: async () => null };

describe("the option redis", () => {
  it("takes clients of node-redis and ioredis, and has a prefix", () => {
    const client = createClient();
    assert.deepEqual(resolveRedis({ client }), { client, prefix: "authnz-ldap:" });
    assert.deepEqual(resolveRedis({ client: ioredis, prefix: "shop:" }), {
      client: ioredis,
      prefix: "shop:",
    });
    assert.equal(resolveRedis(undefined), undefined);
  });

  it("takes nothing else, and names the fix at start", () => {
    const wrong: readonly unknown[] = [
      ...["redis://127.0.0.1", null, {}, { client: "redis://127.0.0.1" }, { client: {} }],
      ...[{ client: null }, { client: { call: true } }, { url: "redis://127.0.0.1" }],
      { client: createCluster({ rootNodes: [{ url: "redis://127.0.0.1" }] }) },
      ...[
        { client: ioredis, prefix: "" },
        { client: ioredis, prefix: 1 },
      ],
      { client: ioredis, prefx: "a" },
    ];
    for (const redis of wrong) {
      assert.throws(
        () => authnzLdap({ url: "ldap://127.0.0.1/dc=x", redis } as never),
        (error) => error instanceof ConfigError && /redis/.test(error.message),
        JSON.stringify(redis),
      );
    }
  });
});
