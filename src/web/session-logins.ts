import { hash, randomUUID } from "node:crypto";
import type { Request } from "express";
import type { Person } from "../authentication/person.ts";
import type { RereadResult } from "../authentication/provider.ts";
import type { Deadline } from "../directory/deadline.ts";
import { endedLoginsOf } from "./ended-logins.ts";
import { logText } from "./log-text.ts";
import { type LoginRecord, parseLoginRecord } from "./login-record.ts";
import type { Realm } from "./realm.ts";
import { dropSession, renewSession, saveSession, sessionOf } from "./session.ts";
import { createShare } from "./share.ts";
import type { WebSettings } from "./web-settings.ts";

const LOGIN = "authnzLdap";
const NOTICE = "authnzLdapNotice";

/** The logins that sessions keep. Each of these rejects with a `SessionStoreError` if the store fails or takes too long. */
export interface SessionLogins {
  /** Who is it? Reads their entry again from time to time; rejects with a `DirectoryError` if that can't be done. */
  identify(req: Request, deadline: Deadline): Promise<Person | undefined>;
  /** Keeps a login in a new session. Nothing of the earlier session is carried. */
  begin(req: Request, person: Person): Promise<void>;
  /** Ends the login and leaves a new session with a notice for the login page; without a login it does nothing. */
  end(req: Request, notice: string): Promise<void>;
  /** The notice for the login page, once. */
  takeNotice(req: Request): string | undefined;
}

export function createSessionLogins(realm: Realm, settings: WebSettings): SessionLogins {
  const { revalidateAfter, idleTimeout, absoluteTimeout } = settings.session;
  const realmDigest = hash("sha256", realm.id, "base64url");
  const share = createShare<RereadResult>(realm.startDeadline);
  // Writing the time of every request would cost a write each: within a tenth of the timeout it makes no difference.
  const seenGrain = Math.min(idleTimeout / 10, 60_000);
  const patience = () => realm.startDeadline().remaining();

  function reread(person: Person, deadline: Deadline): Promise<RereadResult> {
    const { dn, username, id, provider } = person;
    return share([dn, username, id, provider], deadline, (own) => realm.reread(person, own));
  }

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
      hasEnded(req, record) ||
      now - record.seenAt >= idleTimeout ||
      now - record.authenticatedAt >= absoluteTimeout;
    return isOver ? undefined : record;
  }

  /** Whatever login the session holds, of this realm or another one, is not accepted any more. */
  function endStored(req: Request): void {
    const record = parseLoginRecord(sessionOf(req)?.[LOGIN], Date.now());
    if (record) endedLoginsOf(req).add(record.login);
  }

  async function signOut(req: Request, record: LoginRecord): Promise<undefined> {
    endedLoginsOf(req).add(record.login);
    const details = { username: logText(record.person.username) };
    const message = "The entry is gone or no longer matches: signed out.";
    realm.log({ level: "warn", event: "signed-out-by-directory", message, details });
    await renewSession(req, patience()).catch((error: unknown) => {
      dropSession(req);
      throw error;
    });
  }

  return {
    async identify(req, deadline) {
      const record = recordOf(req);
      const session = sessionOf(req);
      if (record === undefined || session === undefined) return undefined;
      const now = Date.now();

      const isDue = now - record.checkedAt >= revalidateAfter;
      const read = isDue ? await reread(record.person, deadline) : undefined;
      if (read?.ok === false) return signOut(req, record);
      const person = read?.person ?? record.person;
      if (hasEnded(req, record)) return undefined;

      if ((isDue && revalidateAfter > 0) || now - record.seenAt >= seenGrain) {
        const checkedAt = isDue ? now : record.checkedAt;
        session[LOGIN] = { ...record, person, checkedAt, seenAt: now };
        await saveSession(req, patience());
        if (hasEnded(req, record)) return undefined;
      }
      return person;
    },

    async begin(req, person) {
      endStored(req);
      const login = randomUUID();
      try {
        const session = await renewSession(req, patience());
        const now = Date.now();
        const times = { authenticatedAt: now, checkedAt: now, seenAt: now };
        session[LOGIN] = { login, realm: realmDigest, person, ...times } satisfies LoginRecord;
        await saveSession(req, patience());
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
      endStored(req);
      try {
        const session = await renewSession(req, patience());
        session[NOTICE] = notice;
        await saveSession(req, patience());
        if (record === undefined) return;
        const details = { username: logText(record.person.username) };
        realm.log({ level: "info", event: "signed-out", message: "Signed out.", details });
      } catch (error) {
        dropSession(req);
        throw error;
      }
    },

    takeNotice(req) {
      const session = sessionOf(req);
      const notice = session?.[NOTICE];
      if (session) delete session[NOTICE];
      return typeof notice === "string" ? notice : undefined;
    },
  };
}

function hasEnded(req: Request, { login }: LoginRecord): boolean {
  return endedLoginsOf(req).has(login);
}
