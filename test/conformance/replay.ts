import { once } from "node:events";
import { createServer, type Server } from "node:http";
import express from "express";
import { ConfigError } from "../../src/errors.ts";
import { type ApacheProtection, fromApacheConfig } from "../../src/from-apache-config.ts";
import { environment } from "../../src/web/environment.ts";
import { type RawAnswer, sendRaw } from "./raw-request.ts";
import type { Incident, RecordedCase, RecordedRequest } from "./recorded-case.ts";
import type { Surroundings } from "./surroundings.ts";

/** What we made of a recorded case. */
export type Replay =
  | { readonly kind: "refused"; readonly message: string }
  /** It failed in a way that no configuration and no request may make it fail. */
  | { readonly kind: "crashed"; readonly message: string }
  /** An answer to each of its requests, in order. */
  | { readonly kind: "started"; readonly answers: readonly ReplayedAnswer[] };

export interface ReplayedAnswer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  /** Undefined where there is no body. */
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** Protects an app as the recorded configuration says, and sends it the recorded requests. */
export async function replay(recorded: RecordedCase, surroundings: Surroundings): Promise<Replay> {
  const text = surroundings.fill([...recorded.server, recorded.config, ""].join("\n"));
  let protection: ApacheProtection;
  try {
    protection = fromApacheConfig(text, { serverRoot: surroundings.folder, log: () => {} });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const kind = error instanceof ConfigError ? "refused" : "crashed";
    return { kind, message: error.message };
  }
  const server = createServer(appBehind(protection));
  try {
    const port = await open(server);
    const answers: ReplayedAnswer[] = [];
    for (const request of recorded.requests) {
      for (const incident of request.before ?? []) await play(incident, surroundings);
      answers.push(await ask(port, recorded, request));
    }
    return { kind: "started", answers };
  } finally {
    server.closeAllConnections();
    server.close();
    await protection.close();
  }
}

function appBehind(protection: ApacheProtection): express.Express {
  const app = express();
  app.use(protection);
  app.use((req, res) => {
    res.json(environment(req));
  });
  return app;
}

async function open(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function play(incident: Incident, { directory }: Surroundings): Promise<void> {
  if (incident === "stop") await directory.stop();
  else if (incident === "start") await directory.start();
  else await directory.modify(incident.modify);
}

async function ask(
  port: number,
  { id }: RecordedCase,
  { method, path, headers, authorization }: RecordedRequest,
): Promise<ReplayedAnswer> {
  const credentials = authorization === undefined ? {} : { Authorization: authorization };
  const answer = await sendRaw(port, {
    method,
    path: `/t/${id}${path}`,
    headers: { Accept: "*/*", ...headers, ...credentials },
  });
  return {
    status: answer.status,
    challenge: answer.headers["www-authenticate"],
    retryAfter: answer.headers["retry-after"],
    environment: environmentIn(answer),
  };
}

function environmentIn({ status, body }: RawAnswer): Readonly<Record<string, string>> | undefined {
  return status === 200 && body !== "" ? JSON.parse(body) : undefined;
}
