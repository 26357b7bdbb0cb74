import { randomBytes } from "node:crypto";
import type { PasswordCheck } from "../../passwords/password-check.ts";
import { isSame } from "../../passwords/same-bytes.ts";
import { provesScram, scramServerSignature } from "../../passwords/scram.ts";
import type { Proof } from "../credentials.ts";
import { type IsOfEmptyPassword, rememberEmptyPasswords } from "./empty-password.ts";
import type { ClientFinal, ClientFirst } from "./scram-messages.ts";
import { type ScramSalt, scramKeysOf } from "./stored-scram.ts";

/** What has been said so far, between the two steps: plain data, so that a session can hold it. */
export interface ScramExchange {
  readonly username: string;
  readonly clientFirstBare: string;
  /** What the client is sent. */
  readonly serverFirst: string;
  readonly gs2Header: string;
  /** Client's and server's. */
  readonly nonce: string;
  /** Base64. */
  readonly salt: string;
  readonly iterations: number;
}

/** A client's last message as a proof, and what it is answered. */
export interface ScramProof {
  readonly proof: Proof;
  /** `server-final-message` (`v=…`), which proves to the client that we know its stored password; undefined until the proof has been found right. */
  serverFinal(): string | undefined;
}

/**
 * Answers a client's first message (RFC 5802 section 3): the nonce is theirs and one of ours, which is never the same twice. That an exchange ends once, soon, and
 * with whom it began is the caller's to see to.
 */
export function makeServerFirst(
  { username, clientNonce, bare, gs2Header }: ClientFirst,
  { salt, iterations }: ScramSalt,
): ScramExchange {
  const nonce = clientNonce + randomBytes(18).toString("base64");
  const salted = salt.toString("base64");
  return {
    ...{ username, clientFirstBare: bare, gs2Header, nonce, salt: salted, iterations },
    serverFirst: `r=${nonce},s=${salted},i=${iterations}`,
  };
}

/**
 * A client's last message as a proof. It fits a stored `{SCRAM-SHA-256}` with the salt and the iterations that the client was told, and passwords in plain text;
 * of all other stored values nobody can tell, which is `unknown-scheme`. A message of another exchange (nonce), or one whose first message was tampered
 * with on its way (`c=`), fits none. Nor do keys of the empty password: `isOfEmptyPassword` remembers which are. Default: one that knows of none yet.
 */
export function scramProof(
  exchange: ScramExchange,
  clientFinal: ClientFinal,
  isOfEmptyPassword: IsOfEmptyPassword = rememberEmptyPasswords(),
): ScramProof {
  const { username, clientFirstBare, serverFirst, gs2Header, nonce } = exchange;
  const { channelBinding, withoutProof, proof } = clientFinal;
  const isOfExchange =
    isSame(Buffer.from(clientFinal.nonce), Buffer.from(nonce)) &&
    isSame(Buffer.from(channelBinding, "base64"), Buffer.from(gs2Header));
  const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
  let signature: Buffer | undefined;

  async function check(stored: string, timeout?: number): Promise<PasswordCheck> {
    const keys = await scramKeysOf(stored, exchange, timeout);
    if (typeof keys === "string") return { ok: false, reason: keys };
    if (!isOfExchange || !provesScram(keys, authMessage, proof)) {
      return { ok: false, reason: "mismatch" };
    }
    const isEmpty = await isOfEmptyPassword(keys, timeout);
    if (isEmpty !== false) return { ok: false, reason: isEmpty === true ? "mismatch" : isEmpty };
    signature = scramServerSignature(keys, authMessage);
    return { ok: true };
  }

  return {
    proof: { mechanism: "scram-sha-256", username, check },
    serverFinal: () => signature && `v=${signature.toString("base64")}`,
  };
}
