import type { PasswordRefusal } from "../password-check.ts";
import type { Recipe } from "./hashing.ts";
import { unpadded } from "./unpadded.ts";

/**
 * What a stored value may be.
 *
 * - `crypt`: what crypt(3) knows: DES, `$1$`, `$2a$` / `$2b$` / `$2y$`, `$5$`, `$6$`. `des-crypt`, `sha256-crypt` and `sha512-crypt` take all the same,
 *   as Dovecot's {DES-CRYPT}, {SHA256-CRYPT} and {SHA512-CRYPT} do
 * - `md5-crypt`: `$1$` only
 * - `blf-crypt`: bcrypt only
 * - `htpasswd`: what crypt(3) knows, and Apache's `$apr1$`
 * - `argon2`: the PHC strings of argon2i and argon2id, version 19
 */
export type CryptKind =
  | "crypt"
  | "des-crypt"
  | "md5-crypt"
  | "sha256-crypt"
  | "sha512-crypt"
  | "blf-crypt"
  | "htpasswd"
  | "argon2";

/** A stored value that can be checked: how to compute it, and what must come out. */
export interface ReadCrypt {
  readonly recipe: Recipe;
  readonly expected: string;
}

// The most of each takes 1 to 2 s of one processor (measured on a 2020s server, Node 24, one thread alone): bcrypt with cost 14 1.0 s, SHA-crypt
// with 700,000 rounds 1.1 s ($5$) and 1.5 s ($6$), Argon2 with 256 MiB and 4 iterations 1.2 s.
const MOST_BCRYPT_COST = 14;
/** Of SHA-crypt: passlib writes 656,000. */
const MOST_ROUNDS = 700_000;
const LEAST_ROUNDS = 1_000;
const USUAL_ROUNDS = 5_000;
/** Argon2, KiB: 256 MiB for each thread, … */
const MOST_MEMORY = 256 * 1024;
/** … and how much may be filled in all, memory times iterations: 1 GiB. */
const MOST_FILLED = 1024 * 1024;
const MOST_LANES = 32;

/**
 * Reads a stored value, without its `{SCHEME}`. Costs nothing, whatever it says: what would take more than 1 to 2 s of a processor or more than
 * 256 MiB is `too-expensive` (bcrypt costs above 14, SHA-crypt's rounds above 700,000, Argon2 with more than 256 MiB, more than 1 GiB filled in all
 * iterations, or more than 32 lanes). yescrypt (`$y$`) and whatever else is not listed at `CryptKind` is an `unknown-scheme`.
 */
export function readCrypt(kind: CryptKind, data: string): ReadCrypt | PasswordRefusal {
  if (kind === "argon2") return readArgon2(data);
  if (data.startsWith("$1$") && kind !== "blf-crypt") return readMd5(data, "$1$");
  if (kind === "md5-crypt") return "malformed";
  if (data.startsWith("$2")) return readBcrypt(data);
  if (kind === "blf-crypt") return "malformed";
  if (data.startsWith("$5$")) return readSha(data, "$5$", 43);
  if (data.startsWith("$6$")) return readSha(data, "$6$", 86);
  if (data.startsWith("$apr1$") && kind === "htpasswd") return readMd5(data, "$apr1$");
  if (/^\$[a-z0-9-]+[$,]/.test(data) || data.startsWith("_")) return "unknown-scheme";
  if (!/^[./A-Za-z0-9]{13}$/.test(data)) return "malformed";
  return { recipe: { algorithm: "des", salt: data.slice(0, 2) }, expected: data };
}

function readBcrypt(data: string): ReadCrypt | PasswordRefusal {
  // $2$ and $2x$ are of faulty programs.
  if (/^\$2x?\$/.test(data)) return "unknown-scheme";
  const [, cost, salt, hash] =
    /^\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/.exec(data) ?? [];
  if (cost === undefined || Number(cost) < 4 || Number(cost) > 31) return "malformed";
  if (Number(cost) > MOST_BCRYPT_COST) return "too-expensive";
  // $2y$ is what crypt_blowfish calls the corrected algorithm that others call $2b$.
  const setting = `$2b$${cost}$${salt}`;
  return { recipe: { algorithm: "bcrypt", setting }, expected: `${setting}${hash}` };
}

// What libxcrypt takes for letters of a salt.
const MD5 = /^((?:(?![!$*:;\\])[!-~]){0,8})\$([./A-Za-z0-9]{22})$/;
const SHA =
  /^(?:rounds=([1-9][0-9]{0,9})\$)?(?!rounds=)((?:(?![!$*:;\\])[!-~]){0,16})\$([./A-Za-z0-9]+)$/;

function readMd5(data: string, magic: "$1$" | "$apr1$"): ReadCrypt | PasswordRefusal {
  const [, salt, hash] = MD5.exec(data.slice(magic.length)) ?? [];
  if (salt === undefined || hash === undefined) return "malformed";
  return { recipe: { algorithm: "md5", magic, salt }, expected: data };
}

function readSha(data: string, magic: "$5$" | "$6$", size: number): ReadCrypt | PasswordRefusal {
  const [, roundsText, salt, hash] = SHA.exec(data.slice(magic.length)) ?? [];
  if (salt === undefined || hash?.length !== size) return "malformed";
  const rounds = roundsText === undefined ? USUAL_ROUNDS : Number(roundsText);
  // crypt(3) takes 1,000 then, and writes that: it never comes out the same.
  if (rounds < LEAST_ROUNDS) return "malformed";
  if (rounds > MOST_ROUNDS) return "too-expensive";
  return { recipe: { algorithm: "sha", magic, salt, rounds }, expected: hash };
}

const ARGON2 =
  /^\$argon2(i|id)\$v=19\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,9}),p=([1-9][0-9]{0,7})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,171})$/;

/** The PHC string format. 8 to 64 bytes of salt, and 16 to 128 of hash. */
function readArgon2(data: string): ReadCrypt | PasswordRefusal {
  const [, type, m, t, p, saltText = "", expected = ""] = ARGON2.exec(data) ?? [];
  if (type !== "i" && type !== "id") {
    return /^\$argon2(d\$|(i|id)\$(?!v=19\$))/.test(data) ? "unknown-scheme" : "malformed";
  }
  const salt = Buffer.from(saltText, "base64");
  const hash = Buffer.from(expected, "base64");
  if (unpadded(salt) !== saltText || unpadded(hash) !== expected) return "malformed";
  const [memory, iterations, parallelism] = [Number(m), Number(t), Number(p)];
  if (memory < 8 * parallelism) return "malformed";
  const isExpensive =
    memory > MOST_MEMORY || memory * iterations > MOST_FILLED || parallelism > MOST_LANES;
  if (isExpensive) return "too-expensive";
  const size = hash.length;
  const recipe = {
    algorithm: "argon2",
    type,
    salt,
    memory,
    iterations,
    parallelism,
    size,
  } as const;
  return { recipe, expected };
}
