import type { Deadline } from "../directory/deadline.ts";
import { isAcceptable } from "./acceptable-credentials.ts";
import { type ChainResult, chainResult } from "./chain.ts";
import type { Mechanism, Proof } from "./credentials.ts";
import type { Admission, Provider } from "./provider.ts";

/** Asks who somebody is that answers a challenge. Rejects with a `DirectoryError` if nobody could say, and with `TooManyTries` where the admission does. */
export type Prove = (
  proof: Proof,
  deadline: Deadline,
  admission?: Admission,
) => Promise<ChainResult>;

/**
 * Asks the one provider that stored passwords are read from, as a chain does for a password, about proofs of the mechanisms that are offered; undefined where it
 * can't be asked. Nothing is remembered: a challenge is answered once.
 */
export function prepareProve(
  { prove }: Provider,
  mechanisms: readonly Mechanism[],
): Prove | undefined {
  if (prove === undefined || mechanisms.every((each) => each === "plain")) return undefined;
  return async (proof, deadline, admission) => {
    const { username, mechanism } = proof;
    if (!isAcceptable(username) || !mechanisms.includes(mechanism)) {
      return { ok: false, reason: "unacceptable-credentials" };
    }
    await admission?.admit(undefined, deadline);
    return chainResult(await prove(proof, deadline, admission));
  };
}
