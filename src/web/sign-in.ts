import type { Request } from "express";
import type { Credentials, Proof, RefusalReason } from "../authentication/credentials.ts";
import { identityOf, type Person } from "../authentication/person.ts";
import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Restriction } from "../tables/restriction.ts";
import { askDirectory } from "./ask-directory.ts";
import type { CountGuess, TooMany, Verdict } from "./guesses.ts";
import { logText } from "./log-text.ts";
import type { Realm, RealmResult } from "./realm.ts";
import type { Attempt } from "./throttle.ts";
import { mayBeLookedUp, mayNameBeLookedUp } from "./typed-credentials.ts";

export type SignInResult =
  | {
      readonly outcome: "signed-in";
      readonly person: Person;
      readonly warning?: PasswordWarning;
      readonly remembered?: true;
      /** When the directory was asked, in milliseconds of `performance.now()`; absent where it was when the sign-in began. */
      readonly askedAt?: number;
    }
  /** `reason` is for events: no visitor is told. `state` is for who has the right password. */
  | {
      readonly outcome: "refused";
      readonly reason: RefusalReason | Unasked;
      readonly state?: AccountState | undefined;
      /** For who has the right password: what a table says. */
      readonly restriction?: Restriction;
    }
  | TooMany;

/** Why nobody was even asked about an answer to a challenge. */
export type Unasked = "unsupported-mechanism" | "no-challenge";

/** No password was checked, whatever it was: no guess to be counted. */
export const SAYS_NOTHING: ReadonlySet<RefusalReason> = new Set(["unknown-base", "unavailable"]);

/** Checks a name and a password, or what else was shown, that came with a request. Rejects with a `DirectoryError` if nobody could say. */
export type SignIn<Shown extends Named = Credentials> = (
  req: Request,
  shown: Shown,
  deadline: Deadline,
) => Promise<SignInResult>;

/** Whoever signs in says who they are. */
interface Named {
  readonly username: string;
}

/** The ways in. */
export interface SignIns {
  readonly byForm: SignIn;
  /** Here every request is a login: what is remembered of the last one will do. */
  readonly byBasic: SignIn;
  /** The answer to a challenge. */
  readonly byProof: SignIn<Proof>;
}

/** What somebody checks who knows passwords, and whether it may be checked at all. */
interface Way<Shown extends Named> {
  mayBeLookedUp(shown: Shown): boolean;
  ask(shown: Shown, deadline: Deadline, attempt: Attempt | undefined): Promise<RealmResult>;
}

/** What may not be looked up is refused, guesses are counted whichever way they come, all is logged. */
export function prepareSignIn(realm: Realm, countGuess: CountGuess): SignIns {
  const { log } = realm;

  const byPassword = (mayRecall: boolean): Way<Credentials> => ({
    mayBeLookedUp,
    async ask(credentials, deadline, attempt) {
      const known = mayRecall ? realm.recall?.(credentials) : undefined;
      const result =
        known ??
        (await askDirectory(deadline, () => realm.authenticate(credentials, deadline, attempt)));
      if (result.ok && result.remembered) {
        await attempt?.admitRemembered(identityOf(result.person), deadline);
      }
      return result;
    },
  });

  const byProof: Way<Proof> = {
    mayBeLookedUp: ({ username }) => mayNameBeLookedUp(username),
    async ask(proof, deadline, attempt) {
      const { prove } = realm;
      if (prove === undefined) return { ok: false, reason: "unusable-password" };
      return askDirectory(deadline, () => prove(proof, deadline, attempt));
    },
  };

  const signIn =
    <Shown extends Named>(way: Way<Shown>): SignIn<Shown> =>
    async (req, shown, deadline) => {
      const { ip } = req;
      const who = () => ({
        username: logText(shown.username),
        address: logText(ip ?? ""),
      });
      const refused = (reason: RefusalReason, state?: AccountState): SignInResult => {
        const message = "A login was refused.";
        // Then nobody can sign in: it is the set-up that is wrong.
        const level = SAYS_NOTHING.has(reason) ? "error" : "warn";
        log({ level, event: "login-refused", message, details: { ...who(), reason } });
        return { outcome: "refused", reason, state };
      };
      if (!way.mayBeLookedUp(shown)) return refused("unacceptable-credentials");

      const result = await countGuess(
        { username: shown.username, address: ip },
        (attempt) => way.ask(shown, deadline, attempt),
        verdictOf,
      );
      if ("outcome" in result) {
        const message = "Too many wrong passwords: the directory is not asked for now.";
        log({ level: "warn", event: "login-throttled", message, details: who() });
        return result;
      }
      if (result.ok !== true) {
        const { restriction } = result;
        return { ...refused(result.reason, result.state), ...(restriction && { restriction }) };
      }
      const { person, warning, remembered, askedAt } = result;
      return {
        outcome: "signed-in",
        person,
        ...(warning && { warning }),
        ...(remembered && { remembered }),
        ...(askedAt !== undefined && { askedAt }),
      };
    };

  return {
    byForm: signIn(byPassword(false)),
    byBasic: signIn(byPassword(true)),
    byProof: signIn(byProof),
  };
}

/** Only a wrong password that was checked now counts, and only a right one that was makes good for others. */
function verdictOf(result: RealmResult): Verdict {
  if (result.remembered) return "unchecked";
  if (result.ok) return "right";
  const isKnown = result.state !== undefined || result.reason === "restricted";
  const saysNothing = isKnown || SAYS_NOTHING.has(result.reason);
  return saysNothing ? "unchecked" : "wrong";
}
