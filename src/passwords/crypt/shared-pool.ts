import { availableParallelism } from "node:os";
import { type CryptPool, openCryptPool } from "./crypt-pool.ts";

/** A hash may take 256 MiB. */
const MOST_THREADS = 2;
const MOST_WAITING = 200;
/** Milliseconds. */
const IDLE = 10_000;

let isTold = false;

/**
 * The threads of this process: at most two, so that hashing takes neither all processors nor more than 512 MiB, whatever number of visitors
 * try. 200 passwords may wait. That a thread does not start is told once, as a warning of the process (`AUTHNZ_LDAP_CRYPT`).
 */
export const sharedPool: CryptPool = openCryptPool({
  // Node runs either as it is; only the built one is in dist/.
  program: new URL(
    import.meta.url.endsWith(".ts") ? "./crypt-thread.ts" : "./crypt-thread.js",
    import.meta.url,
  ),
  threads: Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1)),
  mostWaiting: MOST_WAITING,
  idle: IDLE,
  onBroken(cause) {
    if (isTold) return;
    isTold = true;
    process.emitWarning(`A thread that hashes passwords did not work: ${cause.message}`, {
      type: "AuthnzLdapWarning",
      code: "AUTHNZ_LDAP_CRYPT",
      detail: "Stored passwords that need it can't be checked: nobody is let in by them.",
    });
  },
});
