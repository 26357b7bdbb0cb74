import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import express, { type Express } from "express";
import helmet from "helmet";
import supertest from "supertest";
import { createApp } from "../../example-app/app.ts";
import {
  type BuiltInDirectory,
  startBuiltInDirectory,
} from "../../example-app/built-in-directory.ts";
import { createMail, type Mail } from "../../example-app/mail/mail.ts";
import { createOutbox, isAddress } from "../../example-app/mail/outbox.ts";
import { MAIL_USERS_TO_TRY } from "../../example-app/mail/people.ts";

const BLOGS_WORDS = "This account is not allowed to send emails, plz talk to abuse@example.org";
const LETTER = { to: "alice@example.org", subject: "A <b>greeting</b>", text: "Hello\nAlice" };
const QUIET = { log: () => {}, throttle: false } as const;

describe("the example's mail pages", () => {
  let builtIn: BuiltInDirectory;
  let mail: Mail;
  let app: Express;
  let close: () => Promise<void>;
  before(async () => {
    builtIn = await startBuiltInDirectory();
    const server = builtIn.directory.url;
    mail = createMail({
      ...{ server, mechanism: "plain", sessionSecret: "test", ldapOptions: QUIET },
    });
    const created = createApp({
      ldapOptions: { url: builtIn.url, ...QUIET },
      sessionSecret: "test",
      mail: mail.router,
    });
    app = created.app;
    close = () => created.ldap.close();
  });
  after(async () => {
    await close?.();
    await mail?.close();
    await builtIn?.directory.close();
  });

  async function signedIn(username: string) {
    const browser = supertest.agent(app).set("Accept", "text/html");
    const person = { username, password: `${username}-pw` };
    await browser.post("/mail/login").type("form").send(person).expect(303);
    return browser;
  }

  it("are told of at the start with names that can sign in", async () => {
    assert.deepEqual(
      MAIL_USERS_TO_TRY.map(([username]) => username),
      ["testuser1", "testuser2"],
    );
    for (const [username] of MAIL_USERS_TO_TRY) await signedIn(username);
  });

  it("are linked from the intranet's start page, where there are any", async () => {
    const linked = await supertest(app).get("/").set("Accept", "text/html").auth("web1", "web1-pw");
    assert.match(linked.text, /href="\/mail"/);
    const { app: without, ldap } = createApp({
      ldapOptions: { url: builtIn.url, ...QUIET },
      sessionSecret: "test",
    });
    const start = await supertest(without)
      .get("/")
      .set("Accept", "text/html")
      .auth("web1", "web1-pw");
    assert.doesNotMatch(start.text, /href="\/mail"/);
    await supertest(without).get("/mail").auth("web1", "web1-pw").expect(404);
    await ldap.close();
  });

  it("let who is suspended read but not send, in the blog's words", async () => {
    const suspended = await signedIn("testuser2");
    await suspended.get("/mail").expect(200);
    const refused = await suspended.post("/mail").type("form").send(LETTER).expect(403);
    assert(refused.text.includes(BLOGS_WORDS), refused.text);
    assert.doesNotMatch((await suspended.get("/mail")).text, /greeting/);
    const { body } = await suspended
      .post("/mail")
      .set("Accept", "application/json")
      .type("form")
      .send(LETTER)
      .expect(403);
    assert.deepEqual(
      [body.detail, body.smtpCode, body.enhancedStatus],
      [BLOGS_WORDS, 554, "5.7.1"],
    );
  });

  it("let others send, and show what was sent to all, escaped", async () => {
    const sender = await signedIn("testuser1");
    const { headers } = await sender.post("/mail").type("form").send(LETTER).expect(303);
    assert.equal(headers.location, "/mail");
    for (const username of ["testuser1", "testuser2"]) {
      const { text } = await (await signedIn(username)).get("/mail").expect(200);
      assert.match(text, /testuser1@example\.org to alice@example\.org/);
      assert(text.includes("A &lt;b&gt;greeting&lt;/b&gt;"));
      assert(!text.includes("<b>greeting"));
    }
  });

  it("take no form of another site", async () => {
    const sender = await signedIn("testuser1");
    for (const [name, value] of [
      ["Sec-Fetch-Site", "cross-site"],
      ["Origin", "https://elsewhere.example"],
    ] as const) {
      const forged = { ...LETTER, subject: "forged" };
      await sender.post("/mail").set(name, value).type("form").send(forged).expect(403);
    }
    assert.doesNotMatch((await sender.get("/mail")).text, /forged/);
  });

  it("say what is missing in a mail that goes nowhere", async () => {
    const sender = await signedIn("testuser1");
    for (const to of ["", "nobody", "a@b, c@d", "a b@c"]) {
      const { text } = await sender
        .post("/mail")
        .type("form")
        .send({ ...LETTER, to })
        .expect(400);
      assert.match(text, /Not sent\./);
    }
    const { text } = await sender
      .post("/mail")
      .type("form")
      .send("to[]=a@b&subject=x&text=y")
      .expect(400);
    assert.match(text, /Not sent\./);
  });

  it("know nobody of the intranet, and the intranet nobody of them", async () => {
    await supertest(app).get("/mail").auth("web1", "web1-pw").expect(401);
    await supertest(app).get("/").auth("testuser1", "testuser1-pw").expect(401);
    const user = await signedIn("testuser1");
    await user.get("/").expect(303);
  });

  it("answer 503 to who would send while the directory is away, and let nobody send", async () => {
    const sender = await signedIn("testuser1");
    await builtIn.directory.stop();
    await sender
      .post("/mail")
      .type("form")
      .send({ ...LETTER, subject: "slipped" })
      .expect(503);
    await builtIn.directory.start();
    assert.doesNotMatch((await sender.get("/mail").expect(200)).text, /slipped/);
  });

  it("show nobody but Dovecot's account what is stored", async () => {
    const { headers, text } = await (await signedIn("testuser1")).get("/mail");
    assert.doesNotMatch(text + JSON.stringify(headers), /CRAM-MD5/);
  });
});

describe("the example's mail pages with a challenge", () => {
  it("take an answer, and no password", async () => {
    const builtIn = await startBuiltInDirectory("cram-md5");
    const server = builtIn.directory.url;
    const mail = createMail({
      ...{ server, mechanism: "cram-md5", sessionSecret: "test", ldapOptions: QUIET },
    });
    try {
      const app = express().use(helmet()).use("/mail", mail.router);
      const client = supertest.agent(app).set("Accept", "application/json");
      const person = { username: "testuser1", password: "testuser1-pw" };
      const refused = await client.post("/mail/login").send(person).expect(403);
      assert.equal(refused.body.detail, "Unsupported authentication mechanism.");
      await client.get("/mail").auth("testuser1", "testuser1-pw").expect(403);

      const given = await client.get("/mail/login/challenge").expect(200);
      const digest = createHmac("md5", "testuser1-pw").update(given.body.challenge).digest("hex");
      const answer = { mechanism: "CRAM-MD5", response: `testuser1 ${digest}` };
      await client.post("/mail/login").send(answer).expect(200);
      await client.get("/mail").expect(200);
    } finally {
      await mail.close();
      await builtIn.directory.close();
    }
  });
});

describe("the outbox", () => {
  it("keeps the last 50 mails, the last one first", () => {
    const outbox = createOutbox();
    for (let n = 0; n < 60; n++) outbox.add({ ...LETTER, from: "x@example.org", subject: `${n}` });
    const subjects = outbox.messages().map(({ subject }) => subject);
    assert.equal(subjects.length, 50);
    assert.deepEqual([subjects[0], subjects.at(-1)], ["59", "10"]);
  });

  it("tells an address from other text", () => {
    for (const text of ["a@b", "testuser1@example.org"]) assert(isAddress(text), text);
    const others = ["", "a", "@", "a@", "@b", "a b@c", "a@b@c", "<a@b>", undefined, ["a@b"]];
    for (const other of others) assert(!isAddress(other), String(other));
  });
});
