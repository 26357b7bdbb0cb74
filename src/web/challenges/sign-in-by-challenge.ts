import type { Request } from "express";
import type { Proof } from "../../authentication/credentials.ts";
import { cramMd5Proof, readCramMd5Response } from "../../authentication/mechanisms/cram-md5.ts";
import {
  type IsOfEmptyPassword,
  rememberEmptyPasswords,
} from "../../authentication/mechanisms/empty-password.ts";
import { readClientFinal } from "../../authentication/mechanisms/scram-messages.ts";
import { scramProof } from "../../authentication/mechanisms/scram-sha-256.ts";
import type { Deadline } from "../../directory/deadline.ts";
import { offeredChallenge } from "../mechanisms.ts";
import type { Realm } from "../realm.ts";
import { noteRefusedTry } from "../refused-try.ts";
import type { SignIn, SignInResult, Unasked } from "../sign-in.ts";
import type { WebSettings } from "../web-settings.ts";
import { readBase64, writeBase64 } from "./base64.ts";
import type { ChallengeRecord } from "./challenge-record.ts";
import type { SessionChallenges } from "./session-challenges.ts";

/** What a client answers to a challenge, as it was sent. */
export interface ChallengeResponse {
  readonly mechanism: string;
  readonly response: string;
}

/** With `serverFinal`: what a client that is signed in checks the server by, in base64. */
export type ChallengeResult = SignInResult & { readonly serverFinal?: string };

/** Checks the response to the challenge that this session was given. Rejects as a `SignIn`, and with a `SessionStoreError`. */
export type SignInByChallenge = (
  req: Request,
  sent: ChallengeResponse,
  deadline: Deadline,
) => Promise<ChallengeResult>;

/** A response that fits its challenge, and can be checked. */
interface Shown {
  readonly proof: Proof;
  serverFinal?(): string | undefined;
}

export function prepareSignInByChallenge(
  realm: Realm,
  settings: WebSettings,
  challenges: SessionChallenges,
  signIn: SignIn<Proof>,
): SignInByChallenge {
  const isOfEmptyPassword = rememberEmptyPasswords();
  return async (req, { mechanism, response }, deadline) => {
    const refused = (reason: Unasked | "unacceptable-credentials"): ChallengeResult => {
      noteRefusedTry(req, realm, { username: "", by: "challenge", reason });
      return { outcome: "refused", reason };
    };
    // First of all: whatever this is, it is the one try at that challenge.
    const record = await challenges.take(req);
    const wanted = offeredChallenge(settings, mechanism);
    if (wanted === undefined) return refused("unsupported-mechanism");
    if (record === undefined || record.mechanism !== wanted) return refused("no-challenge");
    const shown = readShown(record, response, isOfEmptyPassword);
    if (shown === undefined) return refused("unacceptable-credentials");
    const result = await signIn(req, shown.proof, deadline);
    const serverFinal = result.outcome === "signed-in" ? shown.serverFinal?.() : undefined;
    return serverFinal === undefined
      ? result
      : { ...result, serverFinal: writeBase64(serverFinal) };
  };
}

function readShown(
  record: ChallengeRecord,
  response: string,
  isOfEmptyPassword: IsOfEmptyPassword,
): Shown | undefined {
  if (record.mechanism === "cram-md5") {
    const read = readCramMd5Response(response);
    return read && { proof: cramMd5Proof({ ...read, challenge: record.challenge }) };
  }
  const final = readClientFinal(readBase64(response) ?? "");
  return final && scramProof(record.exchange, final, isOfEmptyPassword);
}
