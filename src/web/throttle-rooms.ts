import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";

/** Whoever waits looks again this often where places are left that this process does not hear of. Milliseconds. */
const LOOK_AGAIN = 100;

/** The tries that are under way in this process, by key: it is here that they wait for places. */
export interface Rooms {
  /** Whether nobody is anywhere. */
  isEmpty(): boolean;
  /** How many tries have come under this key and not ended. */
  tries(key: string): number;
  enter(key: string): void;
  /** Ends what `enter` began. */
  exit(key: string): void;
  /** Whether others have waited before. */
  hasQueue(key: string): boolean;
  /** How many places have been left here. */
  departures(key: string): number;
  /**
   * Waits for one's turn to look for a place again; not if one has been left since there were so many departures. Rejects with a `DirectoryError`
   * when the deadline is over.
   */
  turn(key: string, seen: number, deadline: Deadline): Promise<void>;
  /** A place is free: the first who waits looks again. */
  leave(key: string): void;
  /** The first who waits looks again. */
  wakeOne(key: string): void;
  /** No place will be free: all look again, and see it. */
  wakeAll(key: string): void;
}

interface Room {
  tries: number;
  departures: number;
  readonly queue: Set<() => void>;
  lookAgain: NodeJS.Timeout | undefined;
}

/** `isShared` is whether other processes take places under the same keys. */
export function createRooms(isShared: boolean): Rooms {
  const rooms = new Map<string, Room>();

  function wakeOne(key: string): void {
    const [first] = rooms.get(key)?.queue ?? [];
    first?.();
  }

  function leaveQueue(room: Room, wake: () => void): void {
    room.queue.delete(wake);
    if (room.queue.size > 0) return;
    clearInterval(room.lookAgain);
    room.lookAgain = undefined;
  }

  return {
    isEmpty: () => rooms.size === 0,
    tries: (key) => rooms.get(key)?.tries ?? 0,
    enter(key) {
      const room = rooms.get(key);
      if (room) room.tries++;
      else rooms.set(key, { tries: 1, departures: 0, queue: new Set(), lookAgain: undefined });
    },
    exit(key) {
      const room = rooms.get(key);
      if (room && --room.tries === 0) rooms.delete(key);
    },
    hasQueue: (key) => (rooms.get(key)?.queue.size ?? 0) > 0,
    departures: (key) => rooms.get(key)?.departures ?? 0,
    turn(key, seen, deadline) {
      const room = rooms.get(key);
      if (!room || room.departures !== seen) return Promise.resolve();
      if (isShared) room.lookAgain ??= setInterval(() => wakeOne(key), LOOK_AGAIN);
      return new Promise((resolve, reject) => {
        const wake = () => {
          clearTimeout(timer);
          leaveQueue(room, wake);
          resolve();
        };
        const timer = setTimeout(() => {
          leaveQueue(room, wake);
          reject(new DirectoryError("Too many logins under way for this name.", { code: "busy" }));
        }, deadline.remaining());
        room.queue.add(wake);
      });
    },
    leave(key) {
      const room = rooms.get(key);
      if (room) room.departures++;
      wakeOne(key);
    },
    wakeOne,
    wakeAll(key) {
      for (const wake of [...(rooms.get(key)?.queue ?? [])]) wake();
    },
  };
}
