import type { Request, Response } from "express";
import type { Proof } from "../../authentication/credentials.ts";
import { challengesOf } from "../mechanisms.ts";
import type { Realm } from "../realm.ts";
import type { SignIn } from "../sign-in.ts";
import type { WebSettings } from "../web-settings.ts";
import { type GiveChallenge, prepareGiveChallenge } from "./give-challenge.ts";
import { createSessionChallenges } from "./session-challenges.ts";
import { prepareSignInByChallenge, type SignInByChallenge } from "./sign-in-by-challenge.ts";

/** Where challenges are given out, below the mount. */
export function challengePath(loginPath: string): string {
  return `${loginPath}/challenge`;
}

/** Signing in without sending the password. */
export interface ChallengeLogin {
  readonly give: GiveChallenge;
  readonly signIn: SignInByChallenge;
}

/** Undefined where no mechanism with a challenge is offered. */
export function prepareChallengeLogin(
  realm: Realm,
  settings: WebSettings,
  signIn: SignIn<Proof>,
  watchForLostCookie: (req: Request, res: Response) => void,
): ChallengeLogin | undefined {
  if (challengesOf(settings).length === 0) return undefined;
  const challenges = createSessionChallenges(realm, settings);
  return {
    give: prepareGiveChallenge(challenges, watchForLostCookie),
    signIn: prepareSignInByChallenge(realm, settings, challenges, signIn),
  };
}
