import { createHash, timingSafeEqual } from "node:crypto";
import { compare } from "bcryptjs";
import desCrypt from "unix-crypt-td-js";
import { md5Crypt } from "./md5-crypt.ts";
import { shaCrypt } from "./sha-crypt.ts";

/** Above these a check would take seconds of a processor. */
const MOST_BCRYPT_COST = 14;
const MOST_ROUNDS = 200_000;
const LEAST_ROUNDS = 1_000;
const USUAL_ROUNDS = 5_000;

/** What a check of a password against a hash of an htpasswd file says. */
export type HashVerdict = "fits" | "wrong" | "unusable";

/**
 * Checks a password as httpd does: bcrypt (`$2y$`, `$2a$`, `$2b$`), `$apr1$`, `{SHA}`, and of crypt(3) DES (eight letters
 * count), `$1$`, `$5$` and `$6$`. Plain text, bcrypt costs above 14 and more than 200,000 rounds are `"unusable"`, which lets nobody in.
 */
export async function checkFileHash(password: string, hash: string): Promise<HashVerdict> {
  if (/^\$2[aby]\$/.test(hash)) return checkBcrypt(password, hash);
  const again = await hashAgain(password, hash);
  if (again === undefined) return "unusable";
  return isSame(again, hash) ? "fits" : "wrong";
}

async function checkBcrypt(password: string, hash: string): Promise<HashVerdict> {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash) ?? [];
  if (cost === undefined || Number(cost) < 4 || Number(cost) > MOST_BCRYPT_COST) return "unusable";
  // $2y$ is what crypt_blowfish calls the corrected algorithm that others call $2b$.
  return (await compare(password, hash.replace(/^\$2y/, "$2b"))) ? "fits" : "wrong";
}

/** The same password hashed the way this hash says. */
async function hashAgain(password: string, hash: string): Promise<string | undefined> {
  const md5 = /^(\$apr1\$|\$1\$)([./A-Za-z0-9]{0,8})\$[./A-Za-z0-9]{22}$/.exec(hash);
  const [, magic, salt = ""] = md5 ?? [];
  if (magic === "$apr1$" || magic === "$1$") return md5Crypt(password, salt, magic);
  if (/^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(hash)) {
    return `{SHA}${createHash("sha1").update(password).digest("base64")}`;
  }
  if (/^[./A-Za-z0-9]{13}$/.test(hash)) {
    // One letter per byte is what it takes.
    return desCrypt(Buffer.from(password).toString("latin1"), hash.slice(0, 2));
  }
  return shaCryptAgain(password, hash);
}

const SHA_CRYPT =
  /^((\$5\$|\$6\$)(?:rounds=([1-9][0-9]{3,8})\$)?([./A-Za-z0-9]{0,16})\$)(?:[./A-Za-z0-9]{43}|[./A-Za-z0-9]{86})$/;

async function shaCryptAgain(password: string, hash: string): Promise<string | undefined> {
  const [, start, magic, roundsText, salt = ""] = SHA_CRYPT.exec(hash) ?? [];
  if (magic !== "$5$" && magic !== "$6$") return undefined;
  const rounds = roundsText === undefined ? USUAL_ROUNDS : Number(roundsText);
  if (rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS) return undefined;
  return start + (await shaCrypt(password, salt, magic, rounds));
}

/** In a time that tells nothing about where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
