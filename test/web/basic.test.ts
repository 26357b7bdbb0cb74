import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import { onEachExpress, webApp } from "../support/web-app.ts";

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString("base64");

onEachExpress("HTTP Basic", (createExpress) => {
  it("answers req.authenticated as Apache's AUTHENTICATE_* variables", async () => {
    const { app } = webApp(createExpress);
    const { text } = await request(app).get("/").auth("web1", "web1-pw").expect(200);
    assert.equal(text, '{"UID":"web1","MYWEBACCESS":"MyWebApp_Level_1"}');
  });

  it("joins several values", async () => {
    const { app } = webApp(createExpress);
    const { body } = await request(app).get("/").auth("web3", "web3-pw").expect(200);
    assert.equal(body.MYWEBACCESS, "MyWebApp_Level_2; MyWebApp_Level_3");
  });

  it("makes no session", async () => {
    const { app } = webApp(createExpress);
    const { headers } = await request(app).get("/").auth("web1", "web1-pw").expect(200);
    assert.equal(headers["set-cookie"], undefined);
    assert.equal(headers["cache-control"], "no-store");
  });

  it("works without express-session", async () => {
    const { app } = webApp(createExpress, { store: false });
    await request(app).get("/").auth("web1", "web1-pw").expect(200);
    await request(app).get("/").auth("web1", "wrong").expect(401);
    await request(app).get("/").set("Accept", "text/html").expect(401);
  });

  it("challenges with a quoted realm and its charset", async () => {
    const settings = { realmName: 'The "Big" \\ Site' };
    const { app } = webApp(createExpress, { settings, store: false });
    const { headers } = await request(app).get("/").expect(401);
    const expected = 'Basic realm="The \\"Big\\" \\\\ Site", charset="UTF-8"';
    assert.equal(headers["www-authenticate"], expected);
  });

  it("gives a wrong password, an unknown name and unreadable credentials the same answer", async () => {
    const { app } = webApp(createExpress);
    const answers = await Promise.all([
      request(app).get("/").auth("web1", "wrong"),
      request(app).get("/").auth("nobody", "web1-pw"),
      request(app).get("/").auth("", "web1-pw"),
      request(app).get("/").set("Authorization", "Basic ?"),
    ]);
    const seen = answers.map(({ status, text, headers }) => [
      status,
      text,
      headers["www-authenticate"],
    ]);
    assert.deepEqual(new Set(seen.map((answer) => JSON.stringify(answer))).size, 1);
    assert.equal(answers[0].status, 401);
    assert.equal(answers[0].body.code, "invalid-credentials");
  });

  const accepted: Readonly<Record<string, string>> = {
    "lower-case scheme": `basic ${base64("web1:web1-pw")}`,
    "upper-case scheme": `BASIC ${base64("web1:web1-pw")}`,
    "several spaces": `Basic   ${base64("web1:web1-pw")}`,
    "no padding": `Basic ${base64("web1:web1-pw").replaceAll("=", "")}`,
  };
  for (const [what, authorization] of Object.entries(accepted)) {
    it(`accepts ${what}`, async () => {
      const { app } = webApp(createExpress);
      await request(app).get("/").set("Authorization", authorization).expect(200);
    });
  }

  it("takes all after the first colon for the password, and letters beyond ASCII as UTF-8", async () => {
    const { app, realm } = webApp(createExpress);
    realm.people.set("zoë", { password: " pä:ss:🔑 ", levels: [] });
    await request(app).get("/").auth("zoë", " pä:ss:🔑 ").expect(200);
    await request(app).get("/").auth("zoë", " pä:ss:🔑").expect(401);
    assert.equal(realm.asked[0]?.password, " pä:ss:🔑 ");
  });

  const refused: Readonly<Record<string, string>> = {
    "nothing after the scheme": "Basic",
    "an empty token": "Basic  ",
    "broken base64": "Basic d2ViMTp3ZWIxLXB3*",
    "base64 with something behind it": `Basic ${base64("web1:web1-pw1")}= junk`,
    "base64url letters": `Basic ${base64("web1:???>>>").replaceAll("/", "_").replaceAll("+", "-")}`,
    "too much padding": "Basic d2ViMTp3ZWIxLXB3==",
    "a length that is no base64": "Basic d2ViMTp3ZWIxLXB3d",
    "bits that no encoder writes": "Basic d2ViMTp3ZWIxLXB3dx==",
    "a tab after the scheme": `Basic\t${base64("web1:web1-pw")}`,
    "no colon": `Basic ${base64("web1")}`,
    "bytes that are not UTF-8": `Basic ${base64(Uint8Array.from([119, 58, 0xff, 0xfe]))}`,
    "an empty password": `Basic ${base64("web1:")}`,
    "an empty name": `Basic ${base64(":web1-pw")}`,
    "NUL in the name": `Basic ${base64("web1\0x:web1-pw")}`,
    "NUL behind the password": `Basic ${base64("web1:web1-pw\0junk")}`,
    "a password that begins with NUL": `Basic ${base64("web1:\0web1-pw")}`,
    "a line feed in the name": `Basic ${base64("web1\r\nx:web1-pw")}`,
    "a tab in the password": `Basic ${base64("web1:web1-pw\t")}`,
    "a name of spaces": `Basic ${base64("   :web1-pw")}`,
    "a long name": `Basic ${base64(`${"x".repeat(301)}:web1-pw`)}`,
    "a long password": `Basic ${base64(`web1:${"x".repeat(1_025)}`)}`,
  };
  for (const [what, authorization] of Object.entries(refused)) {
    it(`refuses ${what} without asking the directory`, async () => {
      const { app, realm } = webApp(createExpress);
      const { headers } = await request(app).get("/").set("Authorization", authorization);
      await request(app).get("/").set("Authorization", authorization).expect(401);
      assert.match(String(headers["www-authenticate"]), /^Basic /);
      assert.deepEqual(realm.asked, []);
    });
  }

  it("refuses two Authorization headers, even if one of them is right", async () => {
    const { app, realm } = webApp(createExpress);
    const right = `Basic ${base64("web1:web1-pw")}`;
    for (const several of [
      [right, "Basic eDp5"],
      ["Bearer x", right],
      [right, right],
    ]) {
      const get = request(app).get("/");
      (get as unknown as { set(name: string, value: readonly string[]): void }).set(
        "Authorization",
        several,
      );
      await get.expect(401);
    }
    assert.deepEqual(realm.asked, []);
  });

  it("takes other schemes for nobody", async () => {
    const { app } = webApp(createExpress);
    const { body } = await request(app).get("/").set("Authorization", "Bearer abc").expect(401);
    assert.equal(body.code, "authentication-required");
  });

  it("neither accepts nor offers Basic when it is turned off", async () => {
    const { app, realm } = webApp(createExpress, { settings: { basic: false } });
    const { headers } = await request(app).get("/").auth("web1", "web1-pw").expect(401);
    assert.equal(headers["www-authenticate"], 'FormLogin realm="Intranet"');
    assert.deepEqual(realm.asked, []);
  });

  it("challenges every method", async () => {
    const { app } = webApp(createExpress);
    for (const method of ["head", "options", "post", "put", "delete", "patch"] as const) {
      const { headers } = await request(app)[method]("/").expect(401);
      assert.match(String(headers["www-authenticate"]), /^Basic /);
    }
  });
});
