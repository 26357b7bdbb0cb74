import { randomBytes } from "node:crypto";
import type { Deadline } from "../../directory/deadline.ts";
import type { Directory } from "../../directory/directory.ts";
import { ConfigError, DirectoryError } from "../../errors.ts";
import type { AuthLdapUrl } from "../../ldap/auth-ldap-url.ts";
import type { Log } from "../../log.ts";
import type { PasswordCheck } from "../../passwords/password-check.ts";
import { verifyPassword } from "../../passwords/verify-password.ts";
import { ACCOUNT_ATTRIBUTES } from "../account-state.ts";
import { concludeLogin, withAuthority } from "../conclude-login.ts";
import type { Mechanism } from "../credentials.ts";
import { findEntry } from "../directory-provider.ts";
import { identityOf } from "../person.ts";
import type { Admission, Provider, ProviderResult } from "../provider.ts";
import { attributesToRead, readPerson } from "../read-person.ts";
import { prepareReread } from "../reread.ts";
import { checkValues } from "./check-values.ts";
import { type Decoys, rememberDecoys } from "./decoys.ts";
import { asDecoys, type StoredPasswordSettings, storedValues } from "./stored-values.ts";
import { tellOnce } from "./tell-once.ts";

/** How one directory's people are found, and their passwords read. */
export interface StoredProviderSettings {
  readonly name: string;
  readonly url: AuthLdapUrl;
  /** The attributes to keep of an entry; not the password's. */
  readonly wanted: readonly string[];
  /** False: whatever went wrong here, the next provider is asked. */
  readonly isAuthoritative: boolean;
  /** Whether what an entry says of its account counts, see account-state.ts. */
  readonly looksAtAccount: boolean;
  readonly passwords: StoredPasswordSettings;
  readonly log: Log;
}

/** One try to log in, whatever is shown: a password, or an answer to a challenge. */
interface Attempt {
  readonly username: string;
  readonly deadline: Deadline;
  readonly admission: Admission | undefined;
  /** Never rejects. */
  readonly check: (stored: string, username: string) => Promise<PasswordCheck>;
  readonly decoys: Decoys;
  readonly mechanism: Mechanism;
}

/**
 * Dovecot's `auth_bind = no`: search for the name, demand exactly one entry, read its password as the service account, and check it here. Nobody is bound, so what
 * only the directory itself knows at a bind (a lockout after wrong passwords, logon hours) is not looked at. A value that can't be checked lets nobody in,
 * and is told once. Throws a `ConfigError` if what is stored would be among the attributes that are kept.
 */
export function prepareStoredProvider(
  directory: Directory,
  settings: StoredProviderSettings,
): Provider {
  const { name, url, wanted, isAuthoritative, looksAtAccount, passwords, log } = settings;
  const attributes = attributesToRead(url.loginAttribute, [
    ...wanted,
    passwords.attribute,
    ...(looksAtAccount ? ACCOUNT_ATTRIBUTES : []),
  ]);
  refuseToShow(passwords.attribute, [url.loginAttribute, ...wanted]);
  const tell = tellOnce(log);
  const ofPasswords = rememberDecoys();
  const ofProofs = rememberDecoys();

  async function ask(attempt: Attempt): Promise<ProviderResult> {
    const { username, deadline, admission } = attempt;
    const entry = await findEntry(directory, url, username, attributes, deadline);
    if (typeof entry === "string") return { outcome: "unknown", reason: entry };
    const found = readPerson(entry, username, url.loginAttribute, wanted);
    const person = { ...found, provider: name };
    await admission?.admit(identityOf(person), deadline);
    const { values, ignored } = storedValues(entry, passwords);
    if (ignored > 0) tell("several-passwords", person, { ignored });
    const began = performance.now();
    const checked = await checkValues(values, (stored) => attempt.check(stored, person.username));
    const isChecked = checked.ok || checked.reason === "mismatch";
    const took = performance.now() - began;
    if (isChecked) attempt.decoys.add(identityOf(person), asDecoys(values), took);
    if (checked.ok) return concludeLogin({ entry, person }, { accepted: true }, looksAtAccount);
    const { reason } = checked;
    if (reason === "unavailable") throw tooBusy();
    if (reason === "mismatch") return { outcome: "denied", reason: "wrong-password", person };
    tell("unusable-password", person, { reason, mechanism: attempt.mechanism });
    return { outcome: "denied", reason: "unusable-password", person };
  }

  return {
    name,
    async authenticate({ username, password }, deadline, admission) {
      // As where a bind checks it: nobody else is asked.
      if (password === "") return { outcome: "denied", reason: "unacceptable-credentials" };
      const check: Attempt["check"] = (stored, name) =>
        verifyPassword(password, stored, { username: name, timeout: deadline.remaining() });
      const shown = { check, decoys: ofPasswords, mechanism: "plain" } as const;
      return withAuthority(isAuthoritative, () => ask({ username, deadline, admission, ...shown }));
    },

    async prove(proof, deadline, admission) {
      const { username, mechanism } = proof;
      const check = (stored: string) => proof.check(stored, deadline.remaining());
      return withAuthority(isAuthoritative, async () => {
        const shown = { check, decoys: ofProofs, mechanism };
        const result = await ask({ username, deadline, admission, ...shown });
        const isUnchecked =
          result.outcome === "unknown" ||
          (result.outcome === "denied" && result.reason === "unusable-password");
        if (isUnchecked) await checkValues(ofProofs.draw(), check);
        return result;
      });
    },

    async storedPasswords(username, deadline) {
      const entry = await findEntry(directory, url, username, attributes, deadline);
      return typeof entry === "string" ? [] : storedValues(entry, passwords).values;
    },

    async decoy(deadline) {
      const password = randomBytes(12).toString("base64");
      const timeout = () => deadline.remaining();
      const checked = await checkValues(ofPasswords.draw(), (stored) =>
        verifyPassword(password, stored, { timeout: timeout() }),
      );
      if (!checked.ok && checked.reason === "unavailable" && isAuthoritative) throw tooBusy();
    },

    reread: prepareReread(directory, { url, wanted, looksAtAccount }),
  };
}

/** What is read of an entry lies in sessions, and the application may show it. */
function refuseToShow(attribute: string, wanted: readonly string[]): void {
  const base = (name: string) => name.toLowerCase().replace(/;.*/s, "");
  const shown = wanted.find((name) => base(name) === base(attribute));
  if (shown === undefined) return;
  const message = `${shown} holds stored passwords: leave it out of the URL's attributes and of levels.`;
  throw new ConfigError(message, { option: "passwords.attribute" });
}

function tooBusy(): DirectoryError {
  return new DirectoryError("The password could not be checked in time.", { code: "busy" });
}
