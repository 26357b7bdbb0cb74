import assert from "node:assert/strict";
import { describe, it } from "node:test";
import request from "supertest";
import { ConfigError } from "../../src/errors.ts";
import { resolveWeb } from "../../src/options/resolve-web.ts";
import type { TestDirectory } from "../../src/testing/index.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { protectedApp } from "../support/protected-app.ts";

describe("requireTls", () => {
  it("lets passwords travel over TLS and on loopback by default", () => {
    assert.equal(resolveWeb({}).requireTls, "loopback-or-tls");
    for (const requireTls of [true, false, "loopback-or-tls"] as const) {
      assert.equal(resolveWeb({ requireTls }).requireTls, requireTls);
    }
  });

  it("is one of three, and nothing that is nearly one of them", () => {
    for (const requireTls of ["tls", "yes", "", 0, 1, null, {}, []]) {
      assert.throws(
        () => resolveWeb({ requireTls: requireTls as never }),
        (error) => error instanceof ConfigError && error.option === "requireTls",
      );
    }
  });

  it("is an option of authnzLdap", async () => {
    const directory: TestDirectory = await startFixtureDirectory();
    const url = `${directory.url}/ou=web,dc=domain,dc=org?uid?one`;
    const behindProxy = { "X-Forwarded-For": "203.0.113.7" };
    const status = async (
      options: { readonly requireTls?: boolean },
      headers: Readonly<Record<string, string>>,
    ) => {
      const site = await protectedApp({ url, ...options });
      try {
        const asked = request(site.url).get("/").auth("web1", "web1-pw").set(headers);
        return (await asked).status;
      } finally {
        await site.close();
      }
    };
    try {
      assert.equal(await status({}, {}), 200);
      assert.equal(await status({}, behindProxy), 403);
      assert.equal(await status({ requireTls: true }, {}), 403);
      assert.equal(await status({ requireTls: false }, behindProxy), 200);
    } finally {
      await directory.close();
    }
  });
});
