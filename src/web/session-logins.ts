import { hash, randomUUID } from "node:crypto";
import type { Request } from "express";
import type { Person } from "../authentication/person.ts";
import type { SignOutReason } from "../authentication/provider.ts";
import type { PasswordWarning } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Restriction } from "../tables/restriction.ts";
import { pageText } from "./answer.ts";
import { isNavigation } from "./client.ts";
import { endedLoginsIn, endedLoginsOf } from "./ended-logins.ts";
import { eventText, logText } from "./log-text.ts";
import { formatLoginRecord, type LoginRecord, prepareLoginRecords } from "./login-record.ts";
import { createMemorySessionIndex } from "./memory-session-index.ts";
import { keepWarning } from "./password-warning.ts";
import { keysOf } from "./person-keys.ts";
import { createLoginReadings } from "./read-login-again.ts";
import type { Realm } from "./realm.ts";
import { createRedisSessionIndex } from "./redis-session-index.ts";
import { RefusedByTable } from "./refused-by-table.ts";
import { restrictionAnswer } from "./restriction-answer.ts";
import {
  dropSession,
  forgetSession,
  renewSession,
  type SessionStore,
  saveSession,
  sessionIdOf,
  sessionOf,
  sessionStoreOf,
} from "./session.ts";
import type { WebSettings } from "./web-settings.ts";

const LOGIN = "authnzLdap";
const NOTICE = "authnzLdapNotice";
const SIGNED_OUT = "You have been signed out, because your account has changed.";

/** The logins that sessions keep. Each of these rejects with a `SessionStoreError` if the store fails or takes too long. */
export interface SessionLogins {
  /**
   * Who is it? Reads their entry again from time to time; rejects with a `DirectoryError` if that can't be done, and with `RefusedByTable` where a table defers
   * them, or has ended the login of a client that opens no page.
   */
  identify(req: Request, deadline: Deadline): Promise<Person | undefined>;
  /** Keeps a login in a new session. Nothing of the earlier session is carried. */
  begin(req: Request, login: NewLogin): Promise<void>;
  /** Ends the login and leaves a new session with a notice for the login page; without a login it does nothing. */
  end(req: Request, notice: string): Promise<void>;
  /** The notice for the login page, once. */
  takeNotice(req: Request): string | undefined;
  /**
   * Ends all logins under a key (person-keys.ts) that were begun until now, here and in all processes that share the index. Returns how many were known.
   */
  endAll(key: string): Promise<number>;
}

/** A login that has just succeeded. */
export interface NewLogin {
  readonly person: Person;
  readonly warning?: PasswordWarning | undefined;
  /** When it was asked for, in milliseconds of `performance.now()`: what ended or changed after that counts for it. */
  readonly askedAt: number;
}

export function createSessionLogins(realm: Realm, settings: WebSettings): SessionLogins {
  const { idleTimeout, absoluteTimeout } = settings.session;
  const realmDigest = hash("sha256", realm.id, "base64url");
  const parseLoginRecord = prepareLoginRecords();
  const readings = createLoginReadings(realm, settings.session);
  const index = settings.redis
    ? createRedisSessionIndex(settings.redis, realmDigest, absoluteTimeout)
    : createMemorySessionIndex(absoluteTimeout);
  const stores = new Set<SessionStore>();
  // Writing the time of every request would cost a write each: within a tenth of the timeout it makes no difference.
  const seenGrain = Math.min(idleTimeout / 10, 60_000);
  const readGrain = grainOfReading(settings.session, seenGrain);
  const patience = () => realm.startDeadline().remaining();

  function recordOf(req: Request): LoginRecord | undefined {
    const stored = sessionOf(req)?.[LOGIN];
    if (stored === undefined) return undefined;
    const now = Date.now();
    const record = parseLoginRecord(stored, now);
    if (record === undefined) {
      const message = "A session holds a login that can't be read: it counts as nobody's.";
      realm.log({ level: "warn", event: "session-unreadable", message });
      return undefined;
    }
    const isOver =
      record.realm !== realmDigest ||
      now - record.seenAt >= idleTimeout ||
      now - record.authenticatedAt >= absoluteTimeout;
    return isOver ? undefined : record;
  }

  /** Whatever login the session holds, of this realm or another one, over or not. */
  function storedIn(req: Request): LoginRecord | undefined {
    return parseLoginRecord(sessionOf(req)?.[LOGIN], Date.now());
  }

  async function endLogin(req: Request, { login, person }: LoginRecord): Promise<void> {
    endedLoginsOf(req).add(login);
    await index.end(person, { login, session: sessionIdOf(req) });
  }

  async function hasEnded(req: Request, record: LoginRecord, person: Person): Promise<boolean> {
    const { login, authenticatedAt } = record;
    if (endedLoginsOf(req).has(login)) return true;
    const ended = index.hasEnded(person, login, authenticatedAt);
    return typeof ended === "boolean" ? ended : await ended;
  }

  /** The store would hold what has ended on, and a process that knows nothing of that would take it. */
  async function bury(req: Request): Promise<undefined> {
    try {
      await renewSession(req, patience());
    } catch (error) {
      dropSession(req);
      throw error;
    }
  }

  async function signOut(
    req: Request,
    record: LoginRecord,
    reason: SignOutReason,
    restriction: Restriction | undefined,
  ): Promise<undefined> {
    const ended = endedLoginsOf(req);
    // Of several requests at once the first one does it.
    if (ended.has(record.login)) return undefined;
    ended.add(record.login);
    const username = logText(record.person.username);
    const message = "The entry is gone, no longer matches, or may not be used: signed out.";
    const details = { username, reason };
    realm.log({ level: "warn", event: "signed-out-by-directory", message, details });
    const named = eventText(record.person.username);
    realm.observe?.({ type: "revocation", username: named, reason, sessions: 1 });
    await leave(req, record, restriction ? restrictedNotice(restriction) : SIGNED_OUT);
    // Who opens a page is told by the login page; nobody else would see its notice.
    if (restriction && !isNavigation(req)) throw new RefusedByTable(restriction);
    return undefined;
  }

  /** Ends whatever login the session holds, and leaves a new session with a notice for the login page. */
  async function leave(
    req: Request,
    record: LoginRecord | undefined,
    notice: string,
  ): Promise<void> {
    try {
      if (record) await endLogin(req, record);
      const session = await renewSession(req, patience());
      session[NOTICE] = notice;
      await saveSession(req, patience());
    } catch (error) {
      dropSession(req);
      throw error;
    }
  }

  return {
    async identify(req, deadline) {
      const record = recordOf(req);
      const session = sessionOf(req);
      if (record === undefined || session === undefined) return undefined;
      if (await hasEnded(req, record, record.person)) return bury(req);
      const now = Date.now();

      const reading = await readings.readAgain(record, deadline);
      if (reading?.result.ok === false) {
        const { reason, restriction } = reading.result;
        if (restriction?.kind === "defer") throw new RefusedByTable(restriction);
        return signOut(req, record, reason, restriction);
      }
      const person = reading?.result.person ?? record.person;
      // While it was read, somebody may have ended it, by a name that they did not have before.
      if (reading && (await hasEnded(req, record, person))) return bury(req);

      const isNews =
        reading !== undefined &&
        (now - record.checkedAt >= readGrain || isElsewhere(person, record.person));
      const isWritten = isNews || now - record.seenAt >= seenGrain;
      const checkedAt = reading && isWritten ? now : record.checkedAt;
      if (reading) readings.note(record.login, reading.askedAt, checkedAt);
      if (isWritten) {
        session[LOGIN] = formatLoginRecord({ ...record, person, checkedAt, seenAt: now });
        await noteNewName(req, record, person);
        await saveSession(req, patience());
        if (await hasEnded(req, record, person)) return bury(req);
      }
      return person;
    },

    async begin(req, { person, warning, askedAt }) {
      const earlier = storedIn(req);
      if (earlier) await endLogin(req, earlier);
      const login = randomUUID();
      try {
        const session = await renewSession(req, patience());
        const now = Date.now();
        const authenticatedAt = Math.floor(now - (performance.now() - askedAt));
        const times = { authenticatedAt, checkedAt: authenticatedAt, seenAt: now };
        session[LOGIN] = formatLoginRecord({ login, realm: realmDigest, person, ...times });
        if (warning) keepWarning(session, warning);
        await addToIndex(req, person, login);
        await saveSession(req, patience());
        readings.note(login, askedAt, authenticatedAt);
      } catch (error) {
        // A write that comes through after all must not be a login.
        endedLoginsOf(req).add(login);
        dropSession(req);
        throw error;
      }
    },

    async end(req, notice) {
      // An anonymous visitor could else fill the store.
      if (sessionOf(req)?.[LOGIN] === undefined) return;
      const record = recordOf(req);
      await leave(req, storedIn(req), notice);
      if (record === undefined) return;
      const details = { username: logText(record.person.username) };
      realm.log({ level: "info", event: "signed-out", message: "Signed out.", details });
    },

    takeNotice(req) {
      const session = sessionOf(req);
      const notice = session?.[NOTICE];
      if (session) delete session[NOTICE];
      return typeof notice === "string" ? notice : undefined;
    },

    async endAll(key) {
      const logins = await index.endAll(key, Date.now());
      for (const store of stores) {
        const ended = endedLoginsIn(store);
        for (const { login, session } of logins) {
          ended.add(login);
          // They are dead already; this only tidies up.
          forgetSession(store, session);
        }
      }
      return logins.length;
    },
  };

  async function addToIndex(req: Request, person: Person, login: string): Promise<void> {
    const store = sessionStoreOf(req);
    if (store) stores.add(store);
    await index.add(person, { login, session: sessionIdOf(req) });
  }

  /** Who has another name now is found by that one. */
  async function noteNewName(req: Request, { login, person }: LoginRecord, now: Person) {
    if (keysOf(person).join() !== keysOf(now).join()) await addToIndex(req, now, login);
  }
}

/** Who is signed in has a right to the administrator's words. */
function restrictedNotice(restriction: Restriction): string {
  return `You have been signed out: ${pageText(restrictionAnswer(restriction))}`;
}

/**
 * For how long a reading need not be written down. Where each request reads anew that would cost a write each, and matters for `staleFor` only.
 */
function grainOfReading(
  { revalidateAfter, staleFor }: WebSettings["session"],
  seenGrain: number,
): number {
  if (revalidateAfter > 0) return 0;
  return staleFor > 0 ? Math.min(staleFor / 10, seenGrain) : Number.POSITIVE_INFINITY;
}

/** Whether the entry has been moved or renamed. */
function isElsewhere(now: Person, before: Person): boolean {
  return now.dn !== before.dn || now.username !== before.username;
}
