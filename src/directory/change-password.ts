import { DirectoryError } from "../errors.ts";
import type { PasswordChangeAnswer, PasswordVerdict } from "./account-answer.ts";
import type { Deadline } from "./deadline.ts";
import { type Passwords, passwordModify, unicodePwdChange } from "./new-password.ts";
import type { Servers } from "./open-servers.ts";
import { passwordChangeAnswer, unknownOutcome } from "./password-change-answer.ts";
import { passwordVerdict } from "./password-verdict.ts";
import { personBind, type Request } from "./requests.ts";
import type { Ask } from "./search-entries.ts";
import { askIsActiveDirectory } from "./server-kind.ts";

/** Whose password. */
export interface PasswordChangeOrder extends Passwords {
  readonly dn: string;
}

/** What came of it, and how many milliseconds the check of the old password took. */
export interface TimedChange {
  readonly answer: PasswordChangeAnswer;
  readonly took: number;
}

/** What one of the two steps came to: an answer, or that the change is to be sent as the service account. */
type Step = PasswordChangeAnswer | "as-service-account";

/** Sets new passwords. Rejects with a `DirectoryError`. */
export type ChangePassword = (
  servers: Servers,
  order: PasswordChangeOrder,
  deadline: Deadline,
) => Promise<TimedChange>;

/**
 * Prepares the change of a password by somebody who knows the old one: their bind tells whether it is right and how their account is, and on the same connection
 * follows the change, as themselves. Where Active Directory lets nobody bind who must change their password, the service account sends it, with the
 * old one. What was sent once is never sent again.
 */
export function prepareChangePassword(): ChangePassword {
  /** By servers that are replicas of one another. */
  const kinds = new WeakMap<Servers, boolean>();

  async function isActiveDirectory(servers: Servers, deadline: Deadline): Promise<boolean> {
    const kind =
      kinds.get(servers) ?? (await servers.perform("search", deadline, askIsActiveDirectory));
    kinds.set(servers, kind);
    return kind;
  }

  return async (servers, order, deadline) => {
    if (!servers.isProtected) {
      const message = "A password is changed only over TLS or a Unix socket.";
      throw new DirectoryError(message, { code: "tls" });
    }
    const { dn, oldPassword } = order;
    let took = 0;
    const first = await servers.perform("bind", deadline, async (ask, server) => {
      const began = performance.now();
      const { result } = await ask(personBind(dn, oldPassword));
      took = performance.now() - began;
      const verdict = passwordVerdict(server, result);
      const stop = obstacle(verdict);
      if (stop) return settled(stop);
      const isWindows = await isActiveDirectory(servers, deadline);
      if (!verdict.accepted) return settled(isWindows ? "as-service-account" : impossible(verdict));
      return send(ask, server, isWindows ? unicodePwdChange(dn, order) : passwordModify(order));
    });
    const answer = first();
    if (answer !== "as-service-account") return { answer, took };
    const second = await servers.perform("search", deadline, async (ask, server) => {
      // An old connection may have been cut off: this finds it out while it can be tried again.
      await askIsActiveDirectory(ask, server);
      return send(ask, server, unicodePwdChange(dn, order));
    });
    return { answer: second(), took };
  };
}

/** Why there is nothing to send; a password that has to be changed is no reason. */
function obstacle(verdict: PasswordVerdict): PasswordChangeAnswer | undefined {
  const { accepted, state } = verdict;
  if (state === "must-change-password" || state === "password-expired") return undefined;
  if (state !== undefined) return impossible(verdict);
  return accepted ? undefined : { outcome: "wrong-password" };
}

function impossible({ state }: PasswordVerdict): PasswordChangeAnswer {
  return { outcome: "not-possible", ...(state && { state }) };
}

/** As a value, so that nobody takes a failure for a reason to send it once more. */
async function send(
  ask: Ask,
  server: string,
  request: Request,
): Promise<() => PasswordChangeAnswer> {
  try {
    const { result } = await ask(request);
    return () => passwordChangeAnswer(server, result);
  } catch (error) {
    return () => {
      throw error instanceof DirectoryError ? unknownOutcome(error) : error;
    };
  }
}

function settled(step: Step): () => Step {
  return () => step;
}
