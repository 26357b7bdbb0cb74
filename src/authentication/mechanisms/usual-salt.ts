import { openLru } from "../../lru.ts";
import type { ScramSalt } from "./stored-scram.ts";

/** How long salts are, in bytes, and how many iterations go with them. */
export interface SaltShape {
  readonly size: number;
  readonly iterations: number;
}

/** What Dovecot makes; fewer iterations RFC 7677 section 4 does not let a server have. */
const DOVECOTS: SaltShape = { size: 16, iterations: 4_096 };
/** What a made-up one can have. */
const LONGEST_SALT = 64;
/** People are remembered, so that one of them who comes often does not make what is usual. */
const MOST_PEOPLE = 1_000;

/** Learns what most people's stored salts look like, so that a made-up one does not stand out among them. */
export interface UsualSalt {
  note(name: string, salt: ScramSalt): void;
  /** Dovecot's until somebody's was seen. */
  shape(): SaltShape;
}

export function learnUsualSalt(): UsualSalt {
  const shapes = openLru<string>(MOST_PEOPLE, { dispose: (shape) => count(shape, -1) });
  const counts = new Map<string, number>();
  let usual = DOVECOTS;

  function count(shape: string, by: 1 | -1): void {
    counts.set(shape, (counts.get(shape) ?? 0) + by);
    if (counts.get(shape) === 0) counts.delete(shape);
  }

  return {
    note(name, { salt, iterations }) {
      if (salt.length > LONGEST_SALT) return;
      const shape = `${salt.length} ${iterations}`;
      if (shapes.get(name) === shape) return;
      shapes.set(name, shape);
      count(shape, 1);
      // Of two that are as usual the older one stays.
      const [most = shape] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
      const [size = DOVECOTS.size, each = DOVECOTS.iterations] = most.split(" ").map(Number);
      usual = { size, iterations: each };
    },
    shape: () => usual,
  };
}
