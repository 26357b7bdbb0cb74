import type { Request, Response } from "express";
import { newCramMd5Challenge } from "../../authentication/mechanisms/cram-md5.ts";
import { readClientFirst } from "../../authentication/mechanisms/scram-messages.ts";
import { makeServerFirst } from "../../authentication/mechanisms/scram-sha-256.ts";
import { type Answer, sendJson, sendProblem } from "../answer.ts";
import {
  CROSS_SITE,
  INVALID_CREDENTIALS,
  refuseMethod,
  refuseWithoutTls,
  setFormChallenge,
  UNSUPPORTED_MECHANISM,
} from "../answers.ts";
import { askDirectory } from "../ask-directory.ts";
import { offeredChallenge, saslName, saslNames } from "../mechanisms.ts";
import { postedFormat, readPosted, unreadable } from "../posted-fields.ts";
import { noteRefusedTry } from "../refused-try.ts";
import { isExposed } from "../require-tls.ts";
import { isSameOrigin } from "../same-origin.ts";
import { mayNameBeLookedUp } from "../typed-credentials.ts";
import type { Visit } from "../visit.ts";
import { readBase64, writeBase64 } from "./base64.ts";
import type { SessionChallenges } from "./session-challenges.ts";

/** Answers every request for the path of challenges. */
export type GiveChallenge = (req: Request, res: Response, visit: Visit) => Promise<void>;

const WHAT = "A request for a challenge";
const MADE = "a mechanism and its first message";

const ONLY_JSON: Answer = {
  status: 415,
  code: "unsupported-media-type",
  title: "That can't be read",
  text: `${WHAT} is sent as JSON, in UTF-8 and not compressed.`,
};

/**
 * GET says which mechanisms there are, with a challenge of CRAM-MD5 where that is one of them. POST takes the first message of a mechanism that begins with the
 * client, which SCRAM does (RFC 5802), in base64 as in RFC 7804, and answers the server's. What is given out lies in the session.
 */
export function prepareGiveChallenge(
  challenges: SessionChallenges,
  watchForLostCookie: (req: Request, res: Response) => void,
): GiveChallenge {
  async function begin(req: Request, res: Response, visit: Visit): Promise<void> {
    const isOffered = visit.settings.mechanisms.includes("cram-md5");
    sendJson(res, {
      mechanisms: saslNames(visit.settings),
      ...(isOffered ? await newChallenge(req, res) : {}),
    });
  }

  async function newChallenge(req: Request, res: Response) {
    const challenge = newCramMd5Challenge(req.hostname ?? "");
    await challenges.keep(req, { mechanism: "cram-md5", challenge });
    watchForLostCookie(req, res);
    return { mechanism: saslName("cram-md5"), challenge };
  }

  async function goOn(req: Request, res: Response, visit: Visit): Promise<void> {
    if (postedFormat(req) !== "json") return sendProblem(res, ONLY_JSON);
    const field = await readPosted(req, res, { what: WHAT, made: MADE });
    if (typeof field !== "function") return sendProblem(res, field);
    const [mechanism, response] = [field("mechanism"), field("response")];
    if (typeof mechanism !== "string") return sendProblem(res, unreadable(WHAT, MADE));
    switch (offeredChallenge(visit.settings, mechanism)) {
      case undefined:
        return sendProblem(res, UNSUPPORTED_MECHANISM);
      case "cram-md5":
        return sendJson(res, await newChallenge(req, res));
      case "scram-sha-256":
        return answerFirst(req, res, visit, response);
    }
  }

  async function answerFirst(
    req: Request,
    res: Response,
    visit: Visit,
    response: unknown,
  ): Promise<void> {
    const { realm } = visit;
    const { scramSalt } = realm;
    const first = readClientFirst(readBase64(response) ?? "");
    if (first === undefined) return sendProblem(res, unreadable(WHAT, MADE));
    const { username } = first;
    if (scramSalt === undefined || !mayNameBeLookedUp(username)) {
      noteRefusedTry(req, realm, { username, by: "challenge", reason: "unacceptable-credentials" });
      setFormChallenge(res, visit);
      return sendProblem(res, INVALID_CREDENTIALS);
    }
    // Only now: a visitor may be slow to send it.
    const deadline = realm.startDeadline();
    const salt = await askDirectory(deadline, () => scramSalt(username, deadline));
    const exchange = makeServerFirst(first, salt);
    await challenges.keep(req, { mechanism: "scram-sha-256", exchange });
    watchForLostCookie(req, res);
    sendJson(res, {
      mechanism: saslName("scram-sha-256"),
      challenge: writeBase64(exchange.serverFirst),
    });
  }

  return async (req, res, visit) => {
    const isPost = req.method === "POST";
    if (!isPost && req.method !== "GET" && req.method !== "HEAD") {
      return refuseMethod(req, res, visit, "GET, HEAD, POST");
    }
    if (isExposed(req, visit.settings)) return refuseWithoutTls(req, res, visit);
    // Also a GET: it would take away the challenge that somebody is about to answer.
    if (!isSameOrigin(req)) return sendProblem(res, CROSS_SITE);
    return isPost ? goOn(req, res, visit) : begin(req, res, visit);
  };
}
