import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import { ConfigError, DirectoryError } from "../../src/errors.ts";
import { onEachExpress, webApp } from "../support/web-app.ts";

onEachExpress("the error handler", (createExpress) => {
  const appThat = (fail: () => unknown) =>
    webApp(createExpress, {
      routes: (app) => {
        app.set("env", "test");
        app.get("/", (_req, _res, next) => next(fail()));
      },
    }).app;

  it("answers a directory that is away with 503", async () => {
    const app = appThat(() => new DirectoryError("cn=x on ldap.example", { code: "timeout" }));
    const { body, headers } = await request(app).get("/").auth("web1", "web1-pw").expect(503);
    assert.equal(body.code, "unavailable");
    assert.match(String(headers["retry-after"]), /^[1-9]/);
    assert.doesNotMatch(JSON.stringify(body), /cn=x|ldap/);
  });

  it("answers a ConfigError with 500 and no details", async () => {
    const app = appThat(() => new ConfigError("the filter (secret=1) is wrong"));
    const { body } = await request(app).get("/").auth("web1", "web1-pw").expect(500);
    assert.equal(body.code, "misconfigured");
    assert.doesNotMatch(JSON.stringify(body), /secret/);
  });

  it("passes on everything else", async () => {
    const app = appThat(() => Object.assign(new Error("teapot"), { status: 418 }));
    app.use((error: Error, _req: unknown, res: { end(text: string): void }, _next: unknown) =>
      res.end(`mine: ${error.message}`),
    );
    const { text } = await request(app).get("/").auth("web1", "web1-pw");
    assert.equal(text, "mine: teapot");
  });
});
