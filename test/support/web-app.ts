import { describe } from "node:test";
import express5, { type Express, type RequestHandler } from "express";
import session, { MemoryStore, type Store } from "express-session";
import express4 from "express4";
import helmet from "helmet";
import request from "supertest";
import type TestAgent from "supertest/lib/agent.js";
import { createErrorHandler } from "../../src/web/error-handler.ts";
import { createProtect } from "../../src/web/protect.ts";
import type { WebSettings } from "../../src/web/web-settings.ts";
import { type FakeRealm, fakeRealm } from "./fake-realm.ts";

export type CreateExpress = typeof express5;

const EXPRESSES: readonly (readonly [string, CreateExpress])[] = [
  ["Express 5", express5],
  ["Express 4", express4],
];

/** Runs the same tests on every supported Express. */
export function onEachExpress(what: string, tests: (createExpress: CreateExpress) => void): void {
  for (const [version, createExpress] of EXPRESSES) {
    describe(`${what}, on ${version}`, () => tests(createExpress));
  }
}

export const SETTINGS: WebSettings = {
  realmName: "Intranet",
  basic: true,
  anonymous: "refuse",
  mechanisms: ["plain"],
  requireTls: "loopback-or-tls",
  login: { path: "/login", logoutPath: "/logout" },
  passwordChange: false,
  texts: {},
  session: {
    revalidateAfter: 60_000,
    staleFor: 0,
    idleTimeout: 1_800_000,
    absoluteTimeout: 43_200_000,
  },
  throttle: { failures: 5, window: 300_000 },
};

export interface WebAppOptions {
  readonly realm?: FakeRealm;
  readonly settings?: Partial<WebSettings>;
  /** `false`: express-session is not mounted. Default: a MemoryStore. */
  readonly store?: Store | false;
  /** Middleware that comes before ours. */
  readonly before?: readonly RequestHandler[];
  /** Adds routes after it. Default: `GET /` answers `req.authenticated`. */
  readonly routes?: (app: Express) => void;
  /** Where it is mounted. Default: `/`. */
  readonly mount?: string;
}

export interface WebApp {
  readonly app: Express;
  readonly realm: FakeRealm;
  readonly store: Store | false;
}

/** A protected app as users write it: helmet, express-session, ours, routes. */
export function webApp(createExpress: CreateExpress, options: WebAppOptions = {}): WebApp {
  const { realm = fakeRealm(), settings, store = new MemoryStore(), mount = "/" } = options;
  const { before = [], routes = showAuthenticated } = options;
  const app = createExpress();
  const web = { ...SETTINGS, ...settings };
  app.use(helmet());
  if (store) app.use(session({ store, secret: "s", resave: false, saveUninitialized: false }));
  for (const handler of before) app.use(handler);
  app.use(mount, createProtect(realm, web));
  routes(app);
  app.use(createErrorHandler(realm, web));
  return { app, realm, store };
}

function showAuthenticated(app: Express): void {
  app.get("/", (req, res) => {
    res.json(req.authenticated ?? null);
  });
}

/** A cookie jar of one visitor who signed in through the form. */
export async function signedIn(app: Express, name = "web1", base = ""): Promise<TestAgent> {
  const agent = request.agent(app);
  await agent
    .post(`${base}/login`)
    .type("form")
    .send({ username: name, password: `${name}-pw` })
    .expect(303);
  return agent;
}
