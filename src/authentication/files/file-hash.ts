import { createHash, timingSafeEqual } from "node:crypto";
import type { Deadline } from "../../directory/deadline.ts";
import { DirectoryError } from "../../errors.ts";
import { checkCrypt } from "../../passwords/crypt/check-crypt.ts";

/** What a check of a password against a hash of an htpasswd file says. */
export type HashVerdict = "fits" | "wrong" | "unusable";

/**
 * Checks a password as httpd does: bcrypt (`$2y$`, `$2a$`, `$2b$`), `$apr1$`, `{SHA}`, and of crypt(3) DES (eight letters
 * count), `$1$`, `$5$` and `$6$`. Plain text, bcrypt costs above 14 and more than 700,000 rounds are `"unusable"`, which lets nobody in. Rejects
 * with a `DirectoryError` where it could not be computed before the deadline (`timeout`) or too many wait (`busy`).
 */
export async function checkFileHash(
  password: string,
  hash: string,
  deadline: Deadline,
): Promise<HashVerdict> {
  if (/^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(hash)) return checkSha(password, hash);
  const check = await checkCrypt("htpasswd", password, hash, deadline.remaining());
  if (check.ok) return "fits";
  switch (check.reason) {
    case "mismatch":
      return "wrong";
    case "unavailable":
      throw unavailable(check.trouble);
    default:
      return "unusable";
  }
}

function checkSha(password: string, hash: string): HashVerdict {
  const again = `{SHA}${createHash("sha1").update(password).digest("base64")}`;
  return timingSafeEqual(Buffer.from(again), Buffer.from(hash)) ? "fits" : "wrong";
}

function unavailable(trouble: "busy" | "timeout" | "broken" | undefined): DirectoryError {
  switch (trouble) {
    case "busy":
      return new DirectoryError("Too many passwords are being checked.", { code: "busy" });
    case "timeout":
      return new DirectoryError("The password could not be checked in time.", { code: "timeout" });
    default:
      return new DirectoryError("The password could not be checked.", { code: "unreachable" });
  }
}
