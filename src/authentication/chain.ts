import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { areAcceptable } from "./acceptable-credentials.ts";
import type { AuthenticationResult, Credentials, RefusalReason } from "./credentials.ts";
import type { Person } from "./person.ts";
import type { Admission, Provider, ProviderResult } from "./provider.ts";

/** Asks who somebody is. Rejects with a `DirectoryError` if nobody could say, and with `TooManyTries` where the admission does. */
export type Authenticate = (
  credentials: Credentials,
  deadline: Deadline,
  admission?: Admission,
) => Promise<ChainResult>;

/** How a chain takes what was typed. */
export interface ChainOptions {
  /** As in httpd an empty password may be somebody's of a password file; a directory never gets one. Default: false. */
  readonly emptyPasswords?: boolean;
}

/** An answer of a chain. `passedOn` is that no provider ended it: each would have left it to another one. */
export type ChainResult = AuthenticationResult & {
  readonly passedOn?: true;
  /** Of a refusal: the person that the name led to. Never for the visitor. */
  readonly whose?: Person;
};

/**
 * Asks providers in turn until one knows the name (httpd's AuthBasicProvider). A refusal takes about as long whoever knows the name, or nobody:
 * each provider that has checked no password checks one of nobody.
 */
export function prepareChain(
  providers: readonly Provider[],
  { emptyPasswords = false }: ChainOptions = {},
): Authenticate {
  return async (credentials, deadline, admission) => {
    if (!areAcceptable(credentials, emptyPasswords)) {
      // Nobody has such a name, whereas such a password is only a wrong one.
      const passedOn =
        emptyPasswords && areAcceptable({ username: "x", password: Object(credentials).password });
      return { ok: false, reason: "unacceptable-credentials", ...(passedOn ? { passedOn } : {}) };
    }
    // Before anything takes time: a flood of guesses at once is counted from here on.
    await admission?.admit(undefined, deadline);
    const reasons = new Map<Provider, RefusalReason>();
    let passedOn = true;
    let whose: Person | undefined;
    for (const provider of providers) {
      const result = await provider.authenticate(credentials, deadline, admission);
      if (result.outcome === "granted") return chainResult(result);
      reasons.set(provider, result.reason);
      if (result.reason === "unacceptable-credentials") return { ok: false, reason: result.reason };
      whose ??= result.person;
      if (result.outcome === "denied") {
        // The password is right: there is nothing left to hide from who gave it.
        if (result.state !== undefined) return chainResult(result);
        passedOn = false;
        break;
      }
    }
    for (const provider of providers) {
      const reason = reasons.get(provider);
      if (reason === "wrong-password" || reason === "unavailable") continue;
      await wasteTime(provider, deadline, reason !== undefined);
    }
    const reason = reasonOf([...reasons.values()]);
    return { ok: false, reason, ...(passedOn ? { passedOn } : {}), ...(whose ? { whose } : {}) };
  };
}

/** What a provider says, as its last word. */
export function chainResult(result: ProviderResult): ChainResult {
  if (result.outcome === "granted") {
    const { person, warning } = result;
    return { ok: true, person, ...(warning ? { warning } : {}) };
  }
  const { reason, person } = result;
  const state = result.outcome === "denied" ? result.state : undefined;
  return { ok: false, reason, ...(state ? { state } : {}), ...(person ? { whose: person } : {}) };
}

/** A provider that was not asked for its opinion can't spoil the answer. */
async function wasteTime(provider: Provider, deadline: Deadline, wasAsked: boolean): Promise<void> {
  try {
    await provider.decoy(deadline);
  } catch (error) {
    if (wasAsked || !(error instanceof DirectoryError)) throw error;
  }
}

/** The one that tells most: else it is the first provider's. */
function reasonOf(reasons: readonly RefusalReason[]): RefusalReason {
  const telling = (["wrong-password", "unavailable"] as const).find((one) => reasons.includes(one));
  return telling ?? reasons[0] ?? "unknown-user";
}
