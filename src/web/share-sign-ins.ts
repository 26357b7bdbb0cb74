import { createHmac, generateKeySync } from "node:crypto";
import type { Credentials } from "../authentication/credentials.ts";

/** Asks, or waits for the answer to an equal question that is under way. */
export type ShareSignIns<Answer> = (
  credentials: Credentials,
  ask: () => Promise<Answer>,
) => Promise<Answer>;

/**
 * Lets sign-ins with the same name and the same password, to the byte, that are under way at the same time have one answer:
 * a page with many pictures is one login with Basic, and not as many as there are requests. Nothing is kept once the
 * answer is there, and no password at any time.
 */
export function shareSignIns<Answer>(): ShareSignIns<Answer> {
  const secret = generateKeySync("hmac", { length: 256 });
  const underWay = new Map<string, Promise<Answer>>();

  return ({ username, password }, ask) => {
    const both = JSON.stringify([username, password]);
    const key = createHmac("sha256", secret).update(both).digest("base64url");
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const asking = ask().finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return asking;
  };
}
