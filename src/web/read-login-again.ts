import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { createGraces } from "./graces.ts";
import { createLoginFreshness } from "./login-freshness.ts";
import type { LoginRecord } from "./login-record.ts";
import type { Realm, RealmReread } from "./realm.ts";
import { createShare } from "./share.ts";
import type { WebSettings } from "./web-settings.ts";

/** When the directory is asked again about somebody who has a session, and what it said. */
export interface LoginReadings {
  /**
   * What the directory says of the person now; undefined where it need not be asked, or can't be and the settings let the session go on as it was. Requests
   * and sessions of one person that come together share one question. Rejects with a `DirectoryError`.
   */
  readAgain(record: LoginRecord, deadline: Deadline): Promise<Reading | undefined>;
  /** What a login holds since `checkedAt` is as old as a question that was sent at `askedAt` (`performance.now()`). */
  note(login: string, askedAt: number, checkedAt: number): void;
}

/** What a look at somebody brought, and when the question was sent. */
export interface Reading {
  readonly askedAt: number;
  readonly result: RealmReread;
}

export function createLoginReadings(realm: Realm, settings: WebSettings["session"]): LoginReadings {
  const share = createShare<Reading>(realm.startDeadline);
  const freshness = createLoginFreshness(realm.changes);
  const graces = createGraces(settings, realm.log);

  function ask({ person }: LoginRecord, changedAt: number, deadline: Deadline): Promise<Reading> {
    const { dn, username, id, provider } = person;
    // A question that was sent before the change is another one.
    const words = [dn, username, id, provider, String(changedAt)];
    return share(words, deadline, async (own) => {
      const askedAt = performance.now();
      return { askedAt, result: await realm.reread(person, own) };
    });
  }

  return {
    async readAgain(record, deadline) {
      const changedAt = freshness.changedAt(record);
      const isStale = freshness.isOlder(record, changedAt);
      const age = Date.now() - record.checkedAt;
      // Below 0 a clock was set back: nobody knows how old it is.
      if (!isStale && age >= 0 && age < settings.revalidateAfter) return undefined;
      try {
        const reading = await ask(record, changedAt, deadline);
        graces.over(record.person);
        return reading;
      } catch (error) {
        // What is known to have changed is not gone on with.
        if (!(error instanceof DirectoryError) || isStale || !graces.allow(record)) throw error;
        return undefined;
      }
    },
    note: freshness.note,
  };
}
