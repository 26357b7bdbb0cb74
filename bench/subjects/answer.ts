import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { answerQuestions } from "../processes.ts";

/** Serves on a free port, and tells it. */
export async function serve(app: Express): Promise<void> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  answerQuestions((server.address() as AddressInfo).port);
}
