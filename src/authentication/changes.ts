import type { Change } from "../directory/change.ts";
import { normalizeDn } from "../ldap/dn.ts";
import { type Lru, openLru } from "../lru.ts";
import { type ChangeMark, lastEffect, newMark, noteChange, type Pauses } from "./change-mark.ts";
import type { Person } from "./person.ts";
import { isNothingButPerson } from "./person-classes.ts";

/**
 * Which people's entries are known to have changed, and when: what was read of them before that has to be read again. "Read" means when the
 * question was sent: the answer may have been on its way when the entry changed.
 */
export interface Changes {
  /** When this person's entry, or anything, last changed, in milliseconds of `performance.now()`; 0 if that is not known. */
  lastOf(person: Pick<Person, "dn" | "id" | "username" | "otherNames">): number;
  /** Notes what a watch saw. */
  note(change: Change): void;
  /** Notes that a person is to be read again, at once: `ldap.invalidate`. In any letter case. */
  noteName(username: string): void;
}

export interface ChangesSettings {
  /** Milliseconds that only go on. Default: `performance.now`. */
  readonly now?: () => number;
  /** How many changed people are remembered. Whoever is pushed out counts for everybody. Default: 10,000. */
  readonly size?: number;
}

/** A person's changes take effect once a second at most. */
const FOR_ONE: Pauses = { first: 1_000, longest: 1_000 };
/** Everybody's too, and less often while they keep coming: with a password policy each failed login changes the directory. */
const FOR_ALL: Pauses = { first: 1_000, longest: 10_000 };

/**
 * Remembers changes. The change of a person's entry counts for them alone; that of a group, or of what can't be told to be a person, for
 * everybody. A storm of changes has its effect only now and then, and the last change always has one: a person's within a second, everybody's
 * within ten. Memory is bounded, and nobody is forgotten by that.
 */
export function createChanges({ now = clock, size = 10_000 }: ChangesSettings = {}): Changes {
  const everybody = newMark();
  /** Of any entry: who has no id could have been renamed. */
  const anyEntry = newMark();
  const byId = openMarks();
  const byDn = openMarks();
  const byName = openMarks();
  const keyOfDn = rememberKeys(size);
  /** The latest change of anybody who was pushed out. */
  let forgotten = 0;

  /** Who changed longest ago is pushed out first. */
  function openMarks(): Lru<ChangeMark> {
    return openLru<ChangeMark>(size, {
      dispose: (mark, _, reason) => {
        if (reason === "evict") forget(mark);
      },
    });
  }

  /** What long ago took effect for one does no harm to all; what has just done so, or waits, must not come as a storm. */
  function forget(mark: ChangeMark): void {
    const at = now();
    const last = lastEffect(mark, at, FOR_ONE);
    if (mark.due < Number.POSITIVE_INFINITY || at - last < FOR_ALL.longest) {
      noteChange(everybody, at, FOR_ALL);
    } else {
      forgotten = Math.max(forgotten, last);
    }
  }

  function noteKey(marks: Lru<ChangeMark>, key: string, at: number): void {
    const mark = marks.peek(key) ?? newMark();
    noteChange(mark, at, FOR_ONE);
    marks.set(key, mark);
  }

  function effectOf(marks: Lru<ChangeMark>, key: string, at: number): number {
    const mark = marks.peek(key);
    return mark ? lastEffect(mark, at, FOR_ONE) : 0;
  }

  return {
    lastOf({ dn, id, username, otherNames = [] }) {
      const at = now();
      let last = Math.max(forgotten, lastEffect(everybody, at, FOR_ALL));
      if (byName.size > 0) {
        for (const name of [username, ...otherNames]) {
          last = Math.max(last, effectOf(byName, nameKey(name), at));
        }
      }
      if (byDn.size > 0) last = Math.max(last, effectOf(byDn, keyOfDn(dn), at));
      const named = id === undefined ? lastEffect(anyEntry, at, FOR_ALL) : effectOf(byId, id, at);
      return Math.max(last, named);
    },
    note(change) {
      const at = now();
      if (change.kind === "anything") {
        noteChange(everybody, at, FOR_ALL);
        return;
      }
      const { dn, id, classes } = change;
      if (id !== undefined) noteKey(byId, id, at);
      if (dn !== undefined) noteKey(byDn, keyOfDn(dn), at);
      noteChange(anyEntry, at, FOR_ALL);
      if (dn === undefined || !isNothingButPerson(classes)) noteChange(everybody, at, FOR_ALL);
    },
    noteName(username) {
      // Nobody but the application says so: it means at once.
      byName.set(nameKey(username), { ...newMark(), effective: now() });
    },
  };
}

function clock(): number {
  return performance.now();
}

function nameKey(username: string): string {
  return username.trim().toLowerCase();
}

/** Who is asked about comes with each request: their DN is parsed once. */
function rememberKeys(size: number): (dn: string) => string {
  const keys = openLru<string>(size);
  return (dn) => {
    const known = keys.get(dn);
    if (known !== undefined) return known;
    const key = normalizeDn(dn) ?? dn;
    keys.set(dn, key);
    return key;
  };
}
