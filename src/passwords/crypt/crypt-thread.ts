/** A thread of `openCryptPool`: computes what it is sent, one after the other. Undefined where that can't be computed. */
import { parentPort } from "node:worker_threads";
import { computeHash } from "./compute-hash.ts";
import type { Hashing } from "./hashing.ts";

parentPort?.on("message", async (hashing: Hashing) => {
  // What a library says of it may hold what it was given.
  const hash = await computeHash(hashing).catch(() => undefined);
  parentPort?.postMessage(hash);
});
