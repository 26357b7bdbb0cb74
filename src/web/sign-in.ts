import type { Request } from "express";
import type {
  AuthenticationResult,
  Credentials,
  RefusalReason,
} from "../authentication/credentials.ts";
import type { Person } from "../authentication/person.ts";
import type { Deadline } from "../directory/deadline.ts";
import { askDirectory } from "./ask-directory.ts";
import { logText } from "./log-text.ts";
import type { Realm } from "./realm.ts";
import { createShare } from "./share.ts";
import { createThrottle } from "./throttle.ts";
import { mayBeLookedUp } from "./typed-credentials.ts";
import type { WebSettings } from "./web-settings.ts";

export type SignInResult =
  | { readonly outcome: "signed-in"; readonly person: Person }
  | { readonly outcome: "refused" }
  | TooMany;

interface TooMany {
  readonly outcome: "too-many";
  readonly retryAfter: number;
}

/** No password was checked, whatever it was: no guess to be counted. */
const SAYS_NOTHING: ReadonlySet<RefusalReason> = new Set(["unknown-base", "unavailable"]);

/** Checks a name and a password that came with a request. Rejects with a `DirectoryError` if nobody could say. */
export type SignIn = (
  req: Request,
  credentials: Credentials,
  deadline: Deadline,
) => Promise<SignInResult>;

/** The one way in, for Basic and for the form: what may not be looked up is refused, guesses are counted, all is logged. */
export function prepareSignIn(realm: Realm, settings: WebSettings): SignIn {
  const throttle = settings.throttle && createThrottle(settings.throttle);
  const share = createShare<AuthenticationResult | TooMany>(realm.startDeadline);
  const { log } = realm;

  async function askCounted(
    credentials: Credentials,
    address: string | undefined,
    deadline: Deadline,
  ): Promise<AuthenticationResult | TooMany> {
    const ask = () => askDirectory(deadline, () => realm.authenticate(credentials, deadline));
    if (!throttle) return ask();
    const attempt = await throttle.begin(credentials.username, address, deadline);
    if ("retryAfter" in attempt) return { outcome: "too-many", retryAfter: attempt.retryAfter };
    try {
      const result = await ask();
      if (result.ok) attempt.succeeded();
      else if (SAYS_NOTHING.has(result.reason)) attempt.abandoned();
      else attempt.failed();
      return result;
    } catch (error) {
      attempt.abandoned();
      throw error;
    }
  }

  return async (req, credentials, deadline) => {
    const { ip } = req;
    const who = { username: logText(credentials.username), address: logText(ip ?? "") };
    const refused = (reason: RefusalReason): SignInResult => {
      const message = "A login was refused.";
      // Then nobody can sign in: it is the set-up that is wrong.
      const level = SAYS_NOTHING.has(reason) ? "error" : "warn";
      log({ level, event: "login-refused", message, details: { ...who, reason } });
      return { outcome: "refused" };
    };
    if (!mayBeLookedUp(credentials)) return refused("unacceptable-credentials");

    const { username, password } = credentials;
    const ask = (budget: Deadline) => askCounted(credentials, ip, budget);
    const mayShare = !throttle || throttle.mayShare(username, ip);
    const result = await (mayShare
      ? share([username, password], deadline, ask)
      : askDirectory(deadline, () => ask(deadline)));
    if ("outcome" in result) {
      const message = "Too many wrong passwords: the directory is not asked for now.";
      log({ level: "warn", event: "login-throttled", message, details: who });
      return result;
    }
    if (result.ok !== true) return refused(result.reason);
    return { outcome: "signed-in", person: result.person };
  };
}
