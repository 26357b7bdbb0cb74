import type { Request } from "express";
import type { Credentials, RefusalReason } from "../authentication/credentials.ts";
import { identityOf, type Person } from "../authentication/person.ts";
import type { AccountState, PasswordWarning } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import { askDirectory } from "./ask-directory.ts";
import type { CountGuess, TooMany, Verdict } from "./guesses.ts";
import { logText } from "./log-text.ts";
import type { Realm, RealmResult } from "./realm.ts";
import type { Attempt } from "./throttle.ts";
import { mayBeLookedUp } from "./typed-credentials.ts";

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
      readonly reason: RefusalReason;
      readonly state?: AccountState | undefined;
    }
  | TooMany;

/** No password was checked, whatever it was: no guess to be counted. */
export const SAYS_NOTHING: ReadonlySet<RefusalReason> = new Set(["unknown-base", "unavailable"]);

/** Checks a name and a password that came with a request. Rejects with a `DirectoryError` if nobody could say. */
export type SignIn = (
  req: Request,
  credentials: Credentials,
  deadline: Deadline,
) => Promise<SignInResult>;

/** The ways in, by form and by HTTP Basic. */
export interface SignIns {
  readonly byForm: SignIn;
  /** Here every request is a login: what is remembered of the last one will do. */
  readonly byBasic: SignIn;
}

/** What may not be looked up is refused, guesses are counted whichever way they come, all is logged. */
export function prepareSignIn(realm: Realm, countGuess: CountGuess): SignIns {
  const { log } = realm;

  async function ask(
    credentials: Credentials,
    deadline: Deadline,
    mayRecall: boolean,
    attempt: Attempt | undefined,
  ): Promise<RealmResult> {
    const known = mayRecall ? realm.recall?.(credentials) : undefined;
    const result =
      known ??
      (await askDirectory(deadline, () => realm.authenticate(credentials, deadline, attempt)));
    if (result.ok && result.remembered) {
      await attempt?.admitRemembered(identityOf(result.person), deadline);
    }
    return result;
  }

  const signIn =
    (mayRecall: boolean): SignIn =>
    async (req, credentials, deadline) => {
      const { ip } = req;
      const who = () => ({
        username: logText(credentials.username),
        address: logText(ip ?? ""),
      });
      const refused = (reason: RefusalReason, state?: AccountState): SignInResult => {
        const message = "A login was refused.";
        // Then nobody can sign in: it is the set-up that is wrong.
        const level = SAYS_NOTHING.has(reason) ? "error" : "warn";
        log({ level, event: "login-refused", message, details: { ...who(), reason } });
        return { outcome: "refused", reason, state };
      };
      if (!mayBeLookedUp(credentials)) return refused("unacceptable-credentials");

      const result = await countGuess(
        { username: credentials.username, address: ip },
        (attempt) => ask(credentials, deadline, mayRecall, attempt),
        verdictOf,
      );
      if ("outcome" in result) {
        const message = "Too many wrong passwords: the directory is not asked for now.";
        log({ level: "warn", event: "login-throttled", message, details: who() });
        return result;
      }
      if (result.ok !== true) return refused(result.reason, result.state);
      const { person, warning, remembered, askedAt } = result;
      return {
        outcome: "signed-in",
        person,
        ...(warning && { warning }),
        ...(remembered && { remembered }),
        ...(askedAt !== undefined && { askedAt }),
      };
    };

  return { byForm: signIn(false), byBasic: signIn(true) };
}

/** Only a wrong password that was checked now counts, and only a right one that was makes good for others. */
function verdictOf(result: RealmResult): Verdict {
  if (result.remembered) return "unchecked";
  if (result.ok) return "right";
  const saysNothing = result.state !== undefined || SAYS_NOTHING.has(result.reason);
  return saysNothing ? "unchecked" : "wrong";
}
