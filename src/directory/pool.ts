import { DirectoryError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "./deadline.ts";
import type { Server } from "./failover.ts";

/** A connection that is ready for operations, and the server it leads to. */
export interface PooledConnection extends Connection {
  readonly server: Server;
}

export interface PoolSettings {
  /** The most connections. */
  readonly size: number;
  /** The most operations at a time on one of them. */
  readonly share: number;
  /** The most operations that wait for a connection. */
  readonly queue: number;
  readonly idleTimeout: number;
  readonly open: () => Promise<PooledConnection>;
  /** The server that should be used; undefined means any. */
  readonly preferred: () => Server | undefined;
}

/** Connections that are opened when they are needed and shared by the operations that come. */
export interface Pool {
  readonly connections: number;
  /** Runs an operation on a connection. Once more, on a fresh one, if the connection was an old one that broke. */
  use<T>(deadline: Deadline, operate: (connection: PooledConnection) => Promise<T>): Promise<T>;
  /** Refuses new work at once, waits for what is under way for so many milliseconds, then closes everything. */
  close(patience: number): Promise<void>;
}

interface Slot {
  readonly connection: PooledConnection;
  /** Of the opening that made it; later ones have larger numbers. */
  readonly opening: number;
  /** What had been answered when it was opened. */
  readonly answered: number;
  uses: number;
  lastUsed: number;
}

interface Waiter {
  /** Connections of earlier openings are not good enough. */
  readonly after: number;
  /** The last opening that had begun when it came. */
  readonly since: number;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

export function openPool(settings: PoolSettings): Pool {
  const { size, share, queue, idleTimeout, open, preferred } = settings;
  let slots: Slot[] = [];
  let waiters: Waiter[] = [];
  let openings = 0;
  let lastOpening = 0;
  let uses = 0;
  let sweeper: NodeJS.Timeout | undefined;
  let closed = false;
  let drained: (() => void) | undefined;

  async function use<T>(
    deadline: Deadline,
    operate: (connection: PooledConnection) => Promise<T>,
  ): Promise<T> {
    const slot = takeFree(0) ?? (await acquireUsable(deadline, 0));
    const isOld = slot.connection.answered > slot.answered;
    const after = lastOpening;
    try {
      return await operate(slot.connection);
    } catch (error) {
      if (!isOld || closed || slot.connection.usable || !isLost(error)) throw error;
    } finally {
      release(slot);
    }
    // Its peers, which were open then too, were probably cut off together with it.
    const fresh = await acquireUsable(deadline, after);
    try {
      return await operate(fresh.connection);
    } finally {
      release(fresh);
    }
  }

  async function acquireUsable(deadline: Deadline, after: number): Promise<Slot> {
    for (;;) {
      const slot = await acquire(deadline, after);
      if (slot.connection.usable) return slot;
      // It was retired between being handed over and arriving here.
      release(slot);
    }
  }

  function acquire(deadline: Deadline, after: number): Promise<Slot> {
    if (closed) return Promise.reject(closedError());
    const free = takeFree(after);
    if (free) return Promise.resolve(free);
    if (waiters.length >= queue) {
      const message = "All connections to the directory are in use and the queue is full.";
      return Promise.reject(new DirectoryError(message, { code: "busy" }));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        after,
        since: lastOpening,
        resolve: (found) => {
          clearTimeout(timer);
          resolve(take(found));
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        waiters = waiters.filter((other) => other !== waiter);
        const message = "No connection to the directory could be opened, or was free, in time.";
        reject(new DirectoryError(message, { code: "timeout" }));
      }, deadline.remaining());
      waiters.push(waiter);
      serve();
    });
  }

  /** Undefined where somebody waits already, or has to. */
  function takeFree(after: number): Slot | undefined {
    if (closed || waiters.length > 0) return undefined;
    const slot = freeSlot(after);
    return slot && take(slot);
  }

  function take(slot: Slot): Slot {
    slot.uses += 1;
    uses += 1;
    return slot;
  }

  function release(slot: Slot): void {
    slot.uses -= 1;
    uses -= 1;
    slot.lastUsed = performance.now();
    serve();
    if (uses === 0) drained?.();
  }

  /** Of the connections that are good enough the one used last, so that those not needed grow idle. */
  function freeSlot(after: number): Slot | undefined {
    dropUnwanted();
    let best: Slot | undefined;
    for (const slot of slots) {
      if (slot.opening <= after || slot.uses >= share) continue;
      if (
        !best ||
        slot.uses < best.uses ||
        (slot.uses === best.uses && slot.lastUsed > best.lastUsed)
      ) {
        best = slot;
      }
    }
    return best;
  }

  /** What is closed, was idle too long, or leads to a server that is not the one to use any more. */
  function dropUnwanted(): void {
    const wanted = preferred();
    const idleSince = performance.now() - idleTimeout;
    let isAnyGone = false;
    for (const { connection, uses: busy, lastUsed } of slots) {
      const isIdle = busy === 0 && lastUsed < idleSince;
      if (isIdle || (wanted && connection.server !== wanted)) connection.retire();
      if (!connection.usable) isAnyGone = true;
    }
    if (isAnyGone) slots = slots.filter(({ connection }) => connection.usable);
    if (slots.length === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
  }

  function serve(): void {
    while (waiters.length > 0 && freeSlot(0)) {
      const next = waiters.findIndex(({ after }) => freeSlot(after));
      const [waiter] = waiters.splice(next, next < 0 ? 0 : 1);
      const slot = waiter && freeSlot(waiter.after);
      if (!slot) break;
      waiter.resolve(slot);
    }
    const oldest = waiters[0];
    if (!oldest) return;
    // An old connection must not keep a waiter for a fresh one out.
    if (slots.length + openings >= size) {
      const old = slots.find(({ opening, uses: busy }) => busy === 0 && opening <= oldest.after);
      old?.connection.retire();
      dropUnwanted();
    }
    while (openings * share < waiters.length && slots.length + openings < size) void openOne();
  }

  async function openOne(): Promise<void> {
    openings += 1;
    lastOpening += 1;
    const opening = lastOpening;
    try {
      const connection = await open();
      openings -= 1;
      if (closed) {
        connection.retire();
        return;
      }
      const { answered } = connection;
      slots.push({ connection, opening, answered, uses: 0, lastUsed: performance.now() });
      sweeper ??= setInterval(dropUnwanted, Math.max(idleTimeout / 4, 100)).unref();
      serve();
    } catch (error) {
      openings -= 1;
      giveUp(opening, error);
    }
  }

  /** Whoever came before this opening began has its answer; who came later may be luckier with another one. */
  function giveUp(opening: number, error: unknown): void {
    dropUnwanted();
    const isServed = ({ after }: Waiter) => slots.some((slot) => slot.opening > after);
    const without = waiters.filter((waiter) => !isServed(waiter) && waiter.since < opening);
    waiters = waiters.filter((waiter) => !without.includes(waiter));
    for (const waiter of without) waiter.reject(error);
    if (waiters.some((waiter) => !isServed(waiter))) serve();
  }

  async function close(patience: number): Promise<void> {
    closed = true;
    clearInterval(sweeper);
    for (const waiter of waiters.splice(0)) waiter.reject(closedError());
    if (uses > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const { connection, uses: busy } of slots.splice(0)) {
      if (busy > 0) connection.destroy(closedError());
      else connection.retire();
    }
  }

  return {
    get connections() {
      dropUnwanted();
      return slots.length + openings;
    },
    use,
    close,
  };
}

/** The connection broke: not its time, and not a verdict, ended the operation. */
function isLost(error: unknown): boolean {
  return error instanceof DirectoryError && error.code === "unreachable";
}

export function closedError(): DirectoryError {
  return new DirectoryError("The directory is closed.", { code: "closed" });
}
