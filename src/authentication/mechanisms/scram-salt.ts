import { createHmac, randomBytes } from "node:crypto";
import type { Deadline } from "../../directory/deadline.ts";
import { isAcceptable } from "../acceptable-credentials.ts";
import { foldName } from "../folded-name.ts";
import type { Provider } from "../provider.ts";
import { type ScramSalt, scramSaltOf } from "./stored-scram.ts";
import { learnUsualSalt } from "./usual-salt.ts";

/** Says what a name is salted with. Rejects with a `DirectoryError`. */
export type FindScramSalt = (username: string, deadline: Deadline) => Promise<ScramSalt>;

/**
 * Finds the salt of a stored `{SCRAM-SHA-256}`. Names that nobody has, and those whose stored password is none of these, have one made of the secret, the same at
 * each ask and for each spelling of the name, so that it does not tell who exists; it is as long, and has as many iterations, as most that were seen in this
 * process, or as Dovecot's, and takes the same searches. Where stored ones differ, that tells some names from made-up ones, and so do spellings where the directory
 * itself has a name with accents or the like, and tells it from the one without. Undefined where stored passwords can't be read.
 */
export function prepareScramSalt(
  { storedPasswords }: Provider,
  secret: string = randomBytes(32).toString("base64"),
): FindScramSalt | undefined {
  if (storedPasswords === undefined) return undefined;
  const usual = learnUsualSalt();

  function makeUp(name: string): ScramSalt {
    const { size, iterations } = usual.shape();
    const digest = createHmac("sha512", secret).update(`scram salt ${name}`).digest();
    return { salt: digest.subarray(0, size), iterations };
  }

  return async (username, deadline) => {
    const name = foldName(username);
    if (!isAcceptable(username)) return makeUp(name);
    // What made-up ones take for one name may be two for the directory (a soft hyphen, an accent): somebody's salt is theirs by all of these.
    const spellings = new Set([username, name].filter(isAcceptable));
    const stored = await Promise.all([...spellings].map((each) => storedPasswords(each, deadline)));
    const salt = stored
      .flat()
      .map(scramSaltOf)
      .find((each) => each !== undefined);
    if (salt === undefined) return makeUp(name);
    usual.note(name, salt);
    return salt;
  };
}
