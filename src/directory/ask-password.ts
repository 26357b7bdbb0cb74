import type { PasswordVerdict } from "./account-answer.ts";
import type { Deadline } from "./deadline.ts";
import type { Servers } from "./open-servers.ts";
import { passwordVerdict } from "./password-verdict.ts";
import type { Referrals, Trail } from "./referrals.ts";
import { personBind } from "./requests.ts";
import { Referred } from "./result-codes.ts";

/** What a server says about a password, and how many milliseconds it took for it. */
export interface TimedVerdict {
  readonly verdict: PasswordVerdict;
  readonly took: number;
}

/** Whom to ask. */
interface Judges {
  readonly servers: Servers;
  readonly referrals: Referrals;
}

/**
 * Binds as somebody. Neither the DN nor the password may be empty. Where the servers say that another one has this person, and the settings name it,
 * it is asked; else their referral is the error `refused`.
 */
export async function askPassword(
  judges: Judges,
  dn: string,
  password: string,
  deadline: Deadline,
  trail?: Trail,
): Promise<TimedVerdict> {
  const { servers, referrals } = judges;
  try {
    return await servers.perform("bind", deadline, async (ask, server) => {
      const began = performance.now();
      const { result } = await ask(personBind(dn, password));
      const took = performance.now() - began;
      return { verdict: passwordVerdict(server, result), took };
    });
  } catch (error) {
    if (!(error instanceof Referred)) throw error;
    const way = trail ?? referrals.begin(dn);
    const verdict = await referrals.follow(error.urls, way, (next) => {
      const name = next.url.dn ?? dn;
      const others = { servers: next.servers, referrals };
      return {
        question: name,
        ask: (further) => askPassword(others, name, password, deadline, further),
      };
    });
    if (verdict === undefined) throw error;
    return verdict;
  }
}
