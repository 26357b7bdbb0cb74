import { Worker } from "node:worker_threads";
import type { Hashing } from "./hashing.ts";

/**
 * Why there is no hash.
 *
 * - `busy`: too many wait already
 * - `timeout`: it was not its turn early enough, or it took too long
 * - `broken`: the thread did not start, or ended, or could not compute it
 */
export type HashTrouble = "busy" | "timeout" | "broken";

/** What became of a password that was to be hashed. */
export type HashAnswer =
  | { readonly ok: true; readonly hash: string }
  | { readonly ok: false; readonly trouble: HashTrouble };

/** Threads that hash passwords, so that everybody else's requests go on meanwhile. */
export interface CryptPool {
  /**
   * Hashes a password within this many milliseconds, waiting included. Who has waited for half of them is turned away: what begins late ends too late, and
   * would only take the time of those behind. Never rejects.
   */
  hash(hashing: Hashing, timeout: number): Promise<HashAnswer>;
  /** Ends all threads; what they were at is `broken`. It may be used again. */
  close(): Promise<void>;
}

export interface CryptPoolOptions {
  /** The thread's program. */
  readonly program: URL;
  /** The most threads. */
  readonly threads: number;
  /** The most passwords that wait for one of them. */
  readonly mostWaiting: number;
  /** Milliseconds after which a thread without work ends. */
  readonly idle: number;
  /** Is told why a thread did not start or ended by itself. */
  readonly onBroken: (cause: Error) => void;
}

interface Job {
  readonly hashing: Hashing;
  /** When it must be ready, by `performance.now()`. */
  readonly end: number;
  readonly answer: (answer: HashAnswer) => void;
  timer: NodeJS.Timeout;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
  idleTimer: NodeJS.Timeout | undefined;
  /** It gets nothing more to do, and counts until it has ended: what node:crypto is at can't be interrupted. */
  isEnding: boolean;
}

/** Starts threads when there is something to do, and ends those without work: it need not be closed, and keeps no process alive. */
export function openCryptPool(options: CryptPoolOptions): CryptPool {
  const threads = new Set<Thread>();
  const waiting: Job[] = [];

  function begin(): void {
    while (waiting.length > 0) {
      const thread = [...threads].find(isFree) ?? startThread();
      if (thread === undefined) return;
      const job = waiting.shift();
      if (job !== undefined) give(thread, job);
    }
  }

  function give(thread: Thread, job: Job): void {
    clearTimeout(thread.idleTimer);
    clearTimeout(job.timer);
    thread.job = job;
    job.timer = setTimeout(
      () => {
        // It can't be interrupted otherwise.
        void retire(thread, { ok: false, trouble: "timeout" });
      },
      Math.max(0, job.end - performance.now()),
    );
    thread.worker.ref();
    thread.worker.postMessage(job.hashing);
  }

  function startThread(): Thread | undefined {
    if (threads.size >= options.threads) return undefined;
    let worker: Worker;
    try {
      // Neither the environment nor the command line has anything that it needs.
      worker = new Worker(options.program, { env: {}, execArgv: [], argv: [] });
    } catch (cause) {
      failAll(cause);
      return undefined;
    }
    const thread: Thread = { worker, job: undefined, idleTimer: undefined, isEnding: false };
    threads.add(thread);
    worker.on("message", (hash: unknown) => finish(thread, hash));
    worker.on("error", (error) => lose(thread, error));
    worker.on("exit", (code) => lose(thread, new Error(`it ended with code ${code}`)));
    return thread;
  }

  function finish(thread: Thread, hash: unknown): void {
    if (thread.isEnding) return;
    const answer: HashAnswer = typeof hash === "string" ? { ok: true, hash } : BROKEN;
    if (leavesMuch(thread.job?.hashing)) {
      void retire(thread, answer);
      return;
    }
    settle(thread, answer);
    thread.worker.unref();
    thread.idleTimer = setTimeout(() => void retire(thread, BROKEN), options.idle).unref();
    begin();
  }

  function settle(thread: Thread, answer: HashAnswer): void {
    const { job } = thread;
    thread.job = undefined;
    clearTimeout(job?.timer);
    job?.answer(answer);
  }

  /** Of its own accord. */
  function lose(thread: Thread, cause: unknown): void {
    if (thread.isEnding) return;
    options.onBroken(cause instanceof Error ? cause : new Error(String(cause)));
    void retire(thread, BROKEN);
  }

  async function retire(thread: Thread, answer: HashAnswer): Promise<void> {
    thread.isEnding = true;
    clearTimeout(thread.idleTimer);
    settle(thread, answer);
    await thread.worker.terminate();
    threads.delete(thread);
    begin();
  }

  /** No thread can be started, as where the permission model forbids them. */
  function failAll(cause: unknown): void {
    options.onBroken(cause instanceof Error ? cause : new Error(String(cause)));
    if (threads.size > 0) return;
    for (const job of waiting.splice(0)) {
      clearTimeout(job.timer);
      job.answer(BROKEN);
    }
  }

  return {
    hash(hashing, timeout) {
      if (waiting.length >= options.mostWaiting) {
        return Promise.resolve({ ok: false, trouble: "busy" });
      }
      if (!(timeout > 0)) return Promise.resolve({ ok: false, trouble: "timeout" });
      const time = Math.min(timeout, LONGEST_TIMER);
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.splice(waiting.indexOf(job), 1);
          resolve({ ok: false, trouble: "timeout" });
        };
        const job: Job = {
          hashing,
          end: performance.now() + time,
          answer: resolve,
          timer: setTimeout(giveUp, time / 2),
        };
        waiting.push(job);
        begin();
      });
    },

    async close() {
      for (const job of waiting.splice(0)) {
        clearTimeout(job.timer);
        job.answer(BROKEN);
      }
      await Promise.all([...threads].map((thread) => retire(thread, BROKEN)));
    },
  };
}

function isFree({ job, isEnding }: Thread): boolean {
  return job === undefined && !isEnding;
}

/** Whether a thread that has hashed this must end: when it gives back Argon2's memory is V8's to say, and it would fill as much again before. */
function leavesMuch(hashing: Hashing | undefined): boolean {
  return hashing?.algorithm === "argon2" && hashing.memory > MOST_LEFT;
}

/** KiB. */
const MOST_LEFT = 64 * 1024;
/** Milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
const BROKEN: HashAnswer = { ok: false, trouble: "broken" };
