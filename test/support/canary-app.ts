/**
 * An app that says all it can: its log, its events, its errors and itself, printed in full, through logins, refusals, outages, hostile answers and
 * crashes. Run by test/security/canary.test.ts, which looks for what may not be there.
 */
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import express, { type ErrorRequestHandler } from "express";
import session from "express-session";
import { authnzLdap, ldapTable, requireGroup, requireNone } from "../../src/index.ts";
import { cramMd5Response } from "../../src/passwords/cram-md5.ts";
import { startDirectory } from "../../src/testing/index.ts";
import { CANARIES } from "./canaries.ts";
import { startFaultProxy } from "./fault-proxy.ts";

const SERVICE = "cn=service,dc=test";

const directory = await startDirectory({
  tls: true,
  access: ({ who, operation, dn }) =>
    operation === "password-modify" ? who !== "" && who === dn : operation !== "modify",
  ldif: `dn: dc=test
objectClass: domain
dc: test

dn: ${SERVICE}
objectClass: person
cn: service
userPassword: ${CANARIES.bindPassword}

dn: uid=alice,dc=test
objectClass: inetOrgPerson
uid: alice
cn: Alice
userPassword: ${CANARIES.password}

dn: cn=staff,dc=test
objectClass: groupOfNames
cn: staff
member: uid=alice,dc=test

dn: uid=bob,dc=test
objectClass: inetOrgPerson
uid: bob
cn: Bob
userPassword: {CRAM-MD5}${CANARIES.storedPassword}

dn: uid=carol,dc=test
objectClass: inetOrgPerson
uid: carol
cn: Carol
userPassword: {SSHA}${CANARIES.storedPassword}
`,
});
const proxy = await startFaultProxy(directory.port, SERVICE);

function say(what: string, value: unknown): void {
  const all = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  });
  process.stdout.write(`${what}: ${all}\n`);
  process.stdout.write(`${what} as text: ${value}\n`);
  if (value instanceof Error) {
    for (let error: unknown = value; error instanceof Error; error = error.cause) {
      process.stdout.write(
        `${error.stack}\n${JSON.stringify({ ...error, message: error.message })}\n`,
      );
    }
  }
}

for (const type of [
  "login",
  "refusal",
  "decision",
  "operation",
  "restriction",
  "revocation",
  "failover",
  "pool",
  "cache",
  "watch",
]) {
  subscribe(`express-authnz-ldap:${type}`, (event) => say("event", event));
}

const ldap = authnzLdap({
  url: `ldap://127.0.0.1:${proxy.port}/dc=test?uid,cn?sub`,
  bindDn: SERVICE,
  bindPassword: CANARIES.bindPassword,
  // In clear, so that the proxy can read what to break. What it breaks, and repeats, holds the passwords.
  tls: "none",
  timeout: 300,
  cache: { ttl: 50, wrongPasswordTtl: 50 },
  session: { revalidateAfter: 0 },
  throttle: { failures: 20, window: 1_000 },
  log: (record) => say("record", record),
});

// Stored passwords, challenges and a table, over the same proxy.
const table = ldapTable(
  {
    server_host: `ldap://127.0.0.1:${proxy.port}`,
    search_base: "dc=test",
    query_filter: "(&(objectClass=inetOrgPerson)(uid=%s)(cn=Suspended))",
    result_attribute: "uid",
    bind: "yes",
    bind_dn: SERVICE,
    bind_pw: CANARIES.bindPassword,
    timeout: 1,
  },
  { log: (record) => say("record", record) },
);
const stored = authnzLdap({
  url: `ldap://127.0.0.1:${proxy.port}/dc=test?uid,cn?sub`,
  bindDn: SERVICE,
  bindPassword: CANARIES.bindPassword,
  tls: "none",
  timeout: 300,
  passwords: "stored",
  mechanisms: ["plain", "cram-md5", "scram-sha-256"],
  restrictions: [table],
  session: { revalidateAfter: 0 },
  throttle: { failures: 20, window: 1_000 },
  log: (record) => say("record", record),
});
// A password is changed over TLS only.
const changing = authnzLdap({
  url: `ldap://127.0.0.1:${directory.port}/dc=test?uid,cn?sub`,
  bindDn: SERVICE,
  bindPassword: CANARIES.bindPassword,
  tls: { ca: directory.ca ?? "" },
  timeout: 1_000,
  passwordChange: true,
  throttle: { failures: 20, window: 1_000 },
  log: (record) => say("record", record),
});

const app = express();
app.use(
  session({
    secret: CANARIES.sessionSecret,
    genid: () => `${CANARIES.sessionId}-${Math.random()}`,
    resave: false,
    saveUninitialized: false,
  }),
);
app.use("/stored", stored, (req, res) => void res.json(req.authenticated));
app.use("/changing", changing, (req, res) => void res.json(req.authenticated));
app.use(ldap);
app.get("/", (req, res) => {
  say("authenticated", req.authenticated);
  res.json(req.authenticated);
});
app.get("/staff", requireGroup("cn=staff,dc=test"), (_req, res) => void res.send("staff"));
app.get(
  "/others",
  requireNone(requireGroup("cn=staff,dc=test")),
  (_req, res) => void res.send("others"),
);
app.get("/fails", () => {
  throw new Error("the app's own");
});
const showError: ErrorRequestHandler = (error, _req, _res, next) => {
  say("error", error);
  next(error);
};
app.use(showError);
app.use(ldap.errorHandler);
app.use(((_error, _req, res, _next) => void res.status(500).send("failed")) as ErrorRequestHandler);
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const statuses = new Set<number>();
async function ask(path: string, init: RequestInit = {}): Promise<string | undefined> {
  const answer = await fetch(url + path, { redirect: "manual", ...init });
  statuses.add(answer.status);
  const headers = [...answer.headers].filter(([name]) => name !== "set-cookie");
  say("answer", [answer.status, headers, await answer.text()]);
  return answer.headers.getSetCookie()[0]?.split(";")[0];
}
const withBasic = (path: string, password: string, username = "alice") =>
  ask(path, {
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
      cookie: `other=${CANARIES.cookie}`,
    },
  });
const signIn = (password: string, type = "application/json") =>
  ask("/login", {
    method: "POST",
    headers: { "content-type": type, cookie: `other=${CANARIES.cookie}` },
    body:
      type === "application/json"
        ? JSON.stringify({ username: "alice", password })
        : new URLSearchParams({ username: "alice", password }).toString(),
  });

const post = (path: string, body: object, cookie = "") =>
  ask(path, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify(body),
  });

/** A login by a right and a wrong answer to a challenge, and the passwords of who has hashes that can and can't be checked. */
async function withStoredPasswords(): Promise<void> {
  for (const secret of [CANARIES.storedPassword, CANARIES.wrongPassword]) {
    const answer = await fetch(`${url}/stored/login/challenge`);
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const { challenge = "" } = (await answer.json()) as { readonly challenge?: string };
    const isRight = secret === CANARIES.storedPassword;
    const key = isRight ? Buffer.from(secret, "hex") : secret;
    const response = `bob ${cramMd5Response(key, challenge)}`;
    await post("/stored/login", { mechanism: "CRAM-MD5", response }, cookie);
  }
  const first = Buffer.from("n,,n=bob,r=nonce").toString("base64");
  await post("/stored/login/challenge", { mechanism: "SCRAM-SHA-256", response: first });
  for (const username of ["alice", "bob", "carol", "nobody"]) {
    for (const password of [CANARIES.password, CANARIES.wrongPassword, CANARIES.storedPassword]) {
      await post("/stored/login", { username, password });
      await withBasic("/stored/", password, username);
    }
  }
  await table.lookup("alice").then(
    (found) => say("found", found),
    (error: unknown) => say("error", error),
  );
  say("handle", stored);
  say("handle", table);
}

/** There and back. */
async function changePassword(): Promise<void> {
  const { password, newPassword, wrongPassword } = CANARIES;
  for (const [oldPassword, next] of [
    [wrongPassword, newPassword],
    [password, newPassword],
    [newPassword, password],
  ]) {
    await post("/changing/password", {
      username: "alice",
      oldPassword,
      newPassword: next,
      confirmation: next,
    });
  }
}

async function everything(): Promise<void> {
  await withStoredPasswords();
  const cookie = (await signIn(CANARIES.password)) ?? "";
  for (const path of ["/", "/staff", "/others", "/fails", "/login"])
    await ask(path, { headers: { cookie } });
  await ask("/logout", { method: "POST", headers: { cookie } });
  await ask("/", { headers: { cookie } });
  for (const path of ["/", "/staff", "/others"]) await withBasic(path, CANARIES.password);
  await signIn(CANARIES.wrongPassword, "application/x-www-form-urlencoded");
  await signIn(CANARIES.password, "text/plain");
  await ask("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"password":"${CANARIES.password}`,
  });
  await withBasic("/", CANARIES.wrongPassword);
  await withBasic("/", CANARIES.wrongPassword, "nobody");
  await withBasic("/", `${CANARIES.wrongPassword}\0`);
  for (const password of [CANARIES.password, CANARIES.wrongPassword]) {
    await ldap.authenticate({ username: "alice", password }).then(
      (result) => say("result", result),
      (error: unknown) => say("error", error),
    );
  }
  await ldap.explain({ username: "alice", rule: requireGroup("cn=staff,dc=test") }).then(
    (decision) => say("decision", decision),
    (error: unknown) => say("error", error),
  );
  showHandle();
}

function showHandle(): void {
  say("handle", ldap);
  say("handle as JSON", JSON.stringify(ldap));
  say("handle's own", { ...ldap });
  say("health", ldap.health());
  say("metrics", ldap.metrics());
}

await everything();
await changePassword();
// The throttle refuses.
for (let n = 0; n < 25; n++) await withBasic("/", `${CANARIES.wrongPassword}${n}`, "mallory");

// What comes back repeats what was sent, as some servers' diagnostic messages do.
const REPEATS = Buffer.from("04", "hex");
const troubles: readonly NonNullable<typeof proxy.interfere>[] = [
  (_, { client }) => {
    client.resetAndDestroy();
    return true;
  },
  ({ bytes }, { client }) => {
    client.write(Buffer.concat([REPEATS, bytes]));
    return true;
  },
  ({ bytes }, { client }) => {
    client.write(bytes);
    return true;
  },
  ({ side, bytes }, { client }) => {
    if (side === "asked" && bytes.length > 0) client.write(repeating(bytes, 80));
    return side === "asked";
  },
  ({ side, bytes }, { client }) => {
    if (side === "asked" && bytes.length > 0) client.write(repeating(bytes, 49));
    return side === "asked";
  },
  ({ phase, bytes }, { client }) => {
    if (phase !== "user-bind") return false;
    client.write(repeating(bytes, 53));
    return true;
  },
  (_, wire) => {
    wire.cutCable();
    return true;
  },
];

/** A result whose diagnostic message is the whole request. */
function repeating(request: Buffer, code: number): Buffer {
  const idLength = request[3] ?? 1;
  const tag = request[4 + idLength] ?? 0;
  const answer =
    new Map([
      [0x60, 0x61],
      [0x63, 0x65],
    ]).get(tag) ?? 0x78;
  const text = Buffer.concat([Buffer.from([0x04, 0x81, request.length]), request]);
  const body = Buffer.concat([Buffer.from([0x0a, 1, code, 0x04, 0]), text]);
  const operation = Buffer.concat([Buffer.from([answer, 0x81, body.length]), body]);
  const inside = Buffer.concat([request.subarray(2, 4 + idLength), operation]);
  return Buffer.concat([Buffer.from([0x30, 0x81, inside.length]), inside]);
}

for (const trouble of troubles) {
  proxy.resetAll();
  proxy.interfere = trouble;
  await everything();
  proxy.interfere = undefined;
}
await directory.stop();
await everything();
await directory.start();
await everything();

await ldap.close();
await stored.close();
await changing.close();
await table.close();
await everything();
await changePassword();
server.close();
server.closeAllConnections();
await proxy.close();
await directory.close();
process.stdout.write(`statuses ${[...statuses].sort().join(" ")}\nthe end\n`);
if (process.argv[2] === "crash")
  throw new Error("an app that crashes shows its stack, and what stands near it");
