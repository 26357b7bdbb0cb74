import type { Deadline } from "../directory/deadline.ts";
import { DirectoryError } from "../errors.ts";
import { areAcceptable } from "./acceptable-credentials.ts";
import type { AuthenticationResult, Credentials, RefusalReason } from "./credentials.ts";
import type { Provider } from "./provider.ts";

/** Asks who somebody is. Rejects with a `DirectoryError` if nobody could say. */
export type Authenticate = (credentials: Credentials, deadline: Deadline) => Promise<ChainResult>;

/** How a chain takes what was typed. */
export interface ChainOptions {
  /** As in httpd an empty password may be somebody's of a password file; a directory never gets one. Default: false. */
  readonly emptyPasswords?: boolean;
}

/** `passedOn` is that no provider ended it: each would have left it to another one. */
export type ChainResult = AuthenticationResult & { readonly passedOn?: true };

/**
 * Asks providers in turn until one knows the name (httpd's AuthBasicProvider). A refusal takes about as long whoever knows the name, or nobody:
 * each provider that has checked no password checks one of nobody.
 */
export function prepareChain(
  providers: readonly Provider[],
  { emptyPasswords = false }: ChainOptions = {},
): Authenticate {
  return async (credentials, deadline) => {
    if (!areAcceptable(credentials, emptyPasswords)) {
      // Nobody has such a name, whereas such a password is only a wrong one.
      const passedOn =
        emptyPasswords && areAcceptable({ username: "x", password: Object(credentials).password });
      return { ok: false, reason: "unacceptable-credentials", ...(passedOn ? { passedOn } : {}) };
    }
    const reasons = new Map<Provider, RefusalReason>();
    let passedOn = true;
    for (const provider of providers) {
      const result = await provider.authenticate(credentials, deadline);
      if (result.outcome === "granted") return { ok: true, person: result.person };
      reasons.set(provider, result.reason);
      if (result.reason === "unacceptable-credentials") return { ok: false, reason: result.reason };
      if (result.outcome === "denied") {
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
    return { ok: false, reason, ...(passedOn ? { passedOn } : {}) };
  };
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
