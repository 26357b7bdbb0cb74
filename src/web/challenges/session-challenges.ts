import { hash, randomUUID } from "node:crypto";
import type { Request } from "express";
import type { Realm } from "../realm.ts";
import { saveSession, sessionOf } from "../session.ts";
import type { WebSettings } from "../web-settings.ts";
import {
  type ChallengeRecord,
  type Given,
  LIFETIME,
  parseChallengeRecord,
} from "./challenge-record.ts";
import { prepareUseUp } from "./used-challenges.ts";

const CHALLENGE = "authnzLdapChallenge";

/** The challenges that sessions hold, one each. Both reject with a `SessionStoreError`. */
export interface SessionChallenges {
  /** Keeps one, in place of an earlier one. */
  keep(req: Request, given: Given): Promise<void>;
  /** Takes it out, once: whatever comes of it, it is used up. Undefined where there is none, it is over, or was used before. */
  take(req: Request): Promise<ChallengeRecord | undefined>;
}

export function createSessionChallenges(realm: Realm, settings: WebSettings): SessionChallenges {
  const realmDigest = hash("sha256", realm.id, "base64url");
  const useUp = prepareUseUp(settings.redis);
  const patience = () => realm.startDeadline().remaining();

  return {
    async keep(req, given) {
      const session = sessionOf(req);
      if (session === undefined) return;
      const named = { id: randomUUID(), realm: realmDigest, madeAt: Date.now() };
      session[CHALLENGE] = JSON.stringify({ ...named, ...given } satisfies ChallengeRecord);
      await saveSession(req, patience());
    },
    async take(req) {
      const session = sessionOf(req);
      const stored = session?.[CHALLENGE];
      if (session === undefined || stored === undefined) return undefined;
      delete session[CHALLENGE];
      const record = parseChallengeRecord(stored);
      const isFirst = record !== undefined && (await useUp(req, record.id));
      await saveSession(req, patience());
      if (!isFirst || record.realm !== realmDigest) return undefined;
      // Clocks of processes differ.
      const age = Date.now() - record.madeAt;
      return Math.abs(age) < LIFETIME ? record : undefined;
    },
  };
}
