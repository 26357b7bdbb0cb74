import assert from "node:assert/strict";
import type { AuthnzLdapOptions } from "../../src/index.ts";
import { requireGroup, requireNone } from "../../src/index.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type ProtectedApp, protectedApp } from "./protected-app.ts";
import { WITHOUT_MEMORY } from "./without-memory.ts";

/** As whom the site asks. */
export const SERVICE = {
  bindDn: "cn=reader,ou=Services,dc=domain,dc=org",
  bindPassword: "reader-pw",
};

/** What one request may spend on the directory, in milliseconds. */
export const BUDGET = 1_000;
/** For what is not the directory's: HTTP, a busy machine. */
const SLACK = 1_500;

/** The statuses of one round of requests. */
export interface Round {
  /** HTTP Basic with the right password: 200, or 503. */
  readonly right: number;
  /** The login form with the right password: 200, or 503. */
  readonly form: number;
  /** A wrong password: 401, or 503. */
  readonly wrong: number;
  /** Somebody who signed in before, and whose entry is read again at each request: 200, or 503. */
  readonly session: number;
  /** The right password of somebody whom a negated guard refuses: 403, or 503. */
  readonly refused: number;
}

export const ALL_IS_WELL: Round = { right: 200, form: 200, wrong: 401, session: 200, refused: 403 };
/** Nobody could say. */
export const NOTHING_GOES: Round = {
  right: 503,
  form: 503,
  wrong: 503,
  session: 503,
  refused: 503,
};

/** An app behind a directory behind a fault proxy. */
export interface FaultySite {
  readonly proxy: FaultProxy;
  readonly site: ProtectedApp;
  /**
   * Every kind of request at once. Fails where one took longer than its time, or was answered other than by what the directory says
   * (`ALL_IS_WELL`, where nothing else is given) or by 503.
   */
  ask(verdict?: Round): Promise<Round>;
  close(): Promise<void>;
}

/** Starts the app, and signs one visitor in while all is well. `path` is what stands behind the URL's host. */
export async function startFaultySite(
  port: number,
  options: Partial<AuthnzLdapOptions> = {},
  scheme: "ldap" | "ldaps" = "ldap",
): Promise<FaultySite> {
  const proxy = await startFaultProxy(port, SERVICE.bindDn);
  const site = await protectedApp(
    {
      url: `${scheme}://127.0.0.1:${proxy.port}/dc=domain,dc=org?uid,mail?sub`,
      ...SERVICE,
      ...WITHOUT_MEMORY,
      timeout: BUDGET,
      session: { revalidateAfter: 0 },
      ...options,
    },
    (app) => {
      const notForAdmins = requireNone(requireGroup("cn=admins,ou=Groups,dc=domain,dc=org"));
      app.get("/not-for-admins", notForAdmins, (_req, res) => void res.send("let in"));
    },
  ).catch(async (error: unknown) => {
    await proxy.close();
    throw error;
  });
  async function close(): Promise<void> {
    await site.close();
    await proxy.close();
  }
  let cookie = "";
  // On a busy machine the first one, which opens all connections, may run out of its time.
  for (let attempt = 0; cookie === "" && attempt < 5; attempt++) {
    const signedIn = await signIn(site.url, "alice-pw");
    cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  }
  if (cookie === "") {
    await close();
    assert.fail("nobody can sign in");
  }

  async function ask(verdict: Round = ALL_IS_WELL): Promise<Round> {
    const [right, form, wrong, session, refused] = await Promise.all([
      timed(basic(site.url, "alice-pw")),
      timed(signIn(site.url, "alice-pw")),
      timed(basic(site.url, "wrong-pw")),
      timed(fetch(site.url, { headers: { cookie, accept: "application/json" } })),
      timed(basic(`${site.url}/not-for-admins`, "alice-pw")),
    ]);
    for (const { status, headers } of [right, form, wrong, session, refused]) {
      if (status === 503) assert.match(headers.get("retry-after") ?? "", /^\d+$/);
    }
    assert.equal(form.headers.getSetCookie().length, form.status === 200 ? 1 : 0);
    // Nobody is ever signed out by what could not be asked.
    assert(session.status === 401 || session.headers.getSetCookie().length === 0);
    const round = {
      right: right.status,
      form: form.status,
      wrong: wrong.status,
      session: session.status,
      refused: refused.status,
    };
    for (const [kind, status] of Object.entries(round)) {
      const allowed = [verdict[kind as keyof Round], 503];
      assert(allowed.includes(status), `${kind} was answered ${status}`);
    }
    return round;
  }

  return {
    proxy,
    site,
    ask,
    close,
  };
}

async function timed(answer: Promise<Response>): Promise<Response> {
  const began = performance.now();
  const response = await answer;
  await response.arrayBuffer();
  const took = performance.now() - began;
  assert(took < BUDGET + SLACK, `answered after ${took} ms`);
  return response;
}

function basic(url: string, password: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`alice:${password}`).toString("base64")}`;
  return fetch(url, { headers: { authorization, accept: "application/json" } });
}

function signIn(url: string, password: string): Promise<Response> {
  return fetch(`${url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "alice", password }),
  });
}
