import type { PasswordChangeAnswer } from "../directory/account-answer.ts";
import type { Deadline } from "../directory/deadline.ts";
import type { Directory } from "../directory/directory.ts";
import { PerhapsChanged } from "../directory/password-change-answer.ts";
import { refusesCredentials } from "../directory/result-codes.ts";
import { ConfigError, DirectoryError } from "../errors.ts";
import type { AuthLdapUrl } from "../ldap/auth-ldap-url.ts";
import { areAcceptable } from "./acceptable-credentials.ts";
import { findEntry } from "./directory-provider.ts";
import type { InitialBind } from "./initial-bind.ts";
import type { PasswordChange, PasswordChangeResult } from "./password-change.ts";
import { identityOf, type Person } from "./person.ts";
import type { Admission } from "./provider.ts";
import { attributesToRead, readPerson } from "./read-person.ts";

/** Sets a new password for somebody who knows the old one. Rejects with a `DirectoryError`, and with `TooManyTries` where the admission does. */
export type ChangePassword = (
  change: PasswordChange,
  deadline: Deadline,
  admission?: Admission,
) => Promise<PasswordChangeResult>;

/** How people are found, as at a login. */
export interface ChangePasswordSettings {
  /** The provider's, see `Provider`. */
  readonly name: string;
  readonly url: AuthLdapUrl;
  readonly initialBind: InitialBind | undefined;
}

/**
 * Prepares the change of a password by name: the entry is found as a login finds it, and a name that nobody has takes as long as a wrong password. Only one
 * directory is asked: people of other providers are unknown here. Throws a `ConfigError` where the connection to it is not protected.
 */
export function prepareChangePassword(
  directory: Directory,
  { name, url, initialBind }: ChangePasswordSettings,
): ChangePassword {
  if (!directory.isProtected) {
    const message =
      "passwordChange needs TLS to the directory: write ldaps://, or leave tls and the URL's NONE out.";
    throw new ConfigError(message, { option: "passwordChange" });
  }
  const attributes = attributesToRead(url.loginAttribute, []);

  return async ({ username, oldPassword, newPassword }, deadline, admission) => {
    if (!areAcceptable({ username, password: oldPassword })) {
      return { outcome: "wrong-credentials", reason: "unacceptable-credentials" };
    }
    await admission?.admit(undefined, deadline);
    // Whether the old one is right is nobody's business who brings no new one.
    if (!areAcceptable({ username, password: newPassword })) {
      return { outcome: "refused", text: undefined };
    }
    try {
      const searches = initialBind ? directory.as(initialBind(username), oldPassword) : directory;
      const entry = await findEntry(searches, url, username, attributes, deadline);
      if (typeof entry === "string") {
        await directory.checkNobody(deadline);
        return { outcome: "wrong-credentials", reason: entry };
      }
      const found = readPerson(entry, username, url.loginAttribute, []);
      const person = { ...found, provider: name };
      await admission?.admit(identityOf(person), deadline);
      const { dn, origin } = entry;
      try {
        return resultOf(
          await directory.changePassword(dn, oldPassword, newPassword, deadline, origin),
          person,
        );
      } catch (error) {
        if (!(error instanceof PerhapsChanged)) throw error;
        return { outcome: "perhaps-changed", person, error };
      }
    } catch (error) {
      if (!(error instanceof DirectoryError) || !refusesCredentials(error)) throw error;
      // Who can't be found without their own bind, and may not bind, can't be found.
      if (error.state) return { outcome: "not-possible", state: error.state };
      return { outcome: "wrong-credentials", reason: "wrong-password" };
    }
  };
}

function resultOf(answer: PasswordChangeAnswer, person: Person): PasswordChangeResult {
  switch (answer.outcome) {
    case "changed":
      return { outcome: "changed", person };
    case "wrong-password":
      return { outcome: "wrong-credentials", reason: "wrong-password" };
    case "not-possible":
      return { outcome: "not-possible", state: answer.state };
    default:
      return answer;
  }
}
