import assert from "node:assert/strict";
import { it } from "node:test";
import request from "supertest";
import { onEachExpress, signedIn, webApp } from "../support/web-app.ts";

type Headers = Readonly<Record<string, string>>;

const PASS: Readonly<Record<string, Headers>> = {
  "no browser at all": {},
  "a page of ours, by Sec-Fetch-Site": { "Sec-Fetch-Site": "same-origin" },
  "a page of ours, by Sec-Fetch-Site, whatever the Origin": {
    "Sec-Fetch-Site": "same-origin",
    Origin: "null",
  },
  "a page of ours, by Origin": { Origin: "http://app.example", Host: "app.example" },
  "a page of ours, by Origin, on a port": {
    Origin: "http://app.example:81",
    Host: "app.example:81",
  },
  "a page of ours, the default port spelled out": {
    Origin: "http://app.example",
    Host: "APP.example:80",
  },
  "a page of ours behind a proxy that speaks TLS": {
    Origin: "https://app.example",
    Host: "app.example",
  },
};

const REFUSE: Readonly<Record<string, Headers>> = {
  "another site": { "Sec-Fetch-Site": "cross-site" },
  "a sister site": { "Sec-Fetch-Site": "same-site" },
  "no site": { "Sec-Fetch-Site": "none" },
  "an unknown word": { "Sec-Fetch-Site": "Same-Origin, same-origin" },
  "another site that claims our Origin": {
    "Sec-Fetch-Site": "cross-site",
    Origin: "http://app.example",
    Host: "app.example",
  },
  "another host": { Origin: "http://evil.example", Host: "app.example" },
  "another port": { Origin: "http://app.example:81", Host: "app.example" },
  "a host that begins like ours": { Origin: "http://app.example.evil", Host: "app.example" },
  "our name as a user of another": { Origin: "http://app.example@evil", Host: "app.example" },
  "an opaque origin": { Origin: "null", Host: "app.example" },
  "an empty origin": { Origin: "", Host: "app.example" },
  "another scheme": { Origin: "file://app.example", Host: "app.example" },
  "a Host that is none": { Origin: "http://app.example", Host: "a b" },
  "a forwarded host that nobody vouches for": {
    Origin: "http://evil.example",
    Host: "app.example",
    "X-Forwarded-Host": "evil.example",
  },
};

onEachExpress("POST to login and logout", (createExpress) => {
  for (const [from, headers] of Object.entries(PASS)) {
    it(`passes from ${from}`, async () => {
      const { app } = webApp(createExpress);
      const login = { username: "web1", password: "web1-pw" };
      await request(app).post("/login").set(headers).type("form").send(login).expect(303);
      await request(app).post("/logout").set(headers).type("form").expect(303);
    });
  }

  for (const [from, headers] of Object.entries(REFUSE)) {
    it(`is refused from ${from}, and does nothing`, async () => {
      const { app, realm } = webApp(createExpress, { settings: { requireTls: false } });
      const login = { username: "web1", password: "web1-pw" };
      const { body } = await request(app).post("/login").set(headers).send(login).expect(403);
      assert.equal(body.code, "cross-site-request");
      const form = await request(app).post("/login").set(headers).type("form").send(login);
      assert.equal(form.status, 403);
      assert.deepEqual(realm.asked, []);

      const agent = await signedIn(app);
      await agent.post("/logout").set(headers).expect(403);
      await agent.get("/").expect(200);
    });
  }

  it("believes a proxy that the app trusts", async () => {
    const { app } = webApp(createExpress);
    app.set("trust proxy", "loopback");
    const headers = { Host: "10.0.0.1:3000", "X-Forwarded-Host": "app.example" };
    const post = (origin: string) =>
      request(app)
        .post("/logout")
        .set({ ...headers, Origin: origin });
    await post("https://app.example").expect(204);
    await post("https://evil.example").expect(403);
  });

  it("refuses a page that came in clear when this came by TLS", async () => {
    const { app } = webApp(createExpress);
    app.set("trust proxy", "loopback");
    const headers = { Host: "app.example", "X-Forwarded-Proto": "https" };
    const post = (origin: string) =>
      request(app)
        .post("/logout")
        .set({ ...headers, Origin: origin });
    await post("http://app.example").expect(403);
    await post("https://app.example").expect(204);
  });
});
