import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PasswordRefusal, VerifyOptions } from "../../src/passwords/password-check.ts";
import { verifyPassword } from "../../src/passwords/verify-password.ts";
import {
  forEachRecorded,
  RECORDED_VALUES,
  RECORDED_VERDICTS,
  type RecordedVerdict,
  SLAPPASSWD_VALUES,
} from "../support/recorded-passwords.ts";

/** Milliseconds: many wait for two threads. */
const PATIENT = 120_000;

/** `ok`, or the reason. */
async function verdict(
  password: unknown,
  stored: unknown,
  options?: VerifyOptions,
): Promise<PasswordRefusal | "ok"> {
  const check = await verifyPassword(password as string, stored as string, options);
  return check.ok ? "ok" : check.reason;
}

/** What its words may be called here. */
function reasonsFor(stderr: string): readonly string[] {
  if (/Missing \{scheme\} prefix/.test(stderr)) return ["no-scheme"];
  if (/Unknown scheme/.test(stderr)) return ["unknown-scheme"];
  // crypt(3) does not tell a damaged value from a wrong password.
  if (/Password mismatch/.test(stderr)) return ["mismatch", "malformed", "unknown-scheme"];
  return ["malformed"];
}

/** Where the answers are not Dovecot's, and why. */
function differsFromDovecot({ stored, password }: RecordedVerdict): string | undefined {
  if (stored.startsWith("{ARGON2}")) return "OpenLDAP's name, which is known here";
  const isEmptyArgon2 = stored.startsWith("{ARGON2I") && password === "";
  return isEmptyArgon2 ? "hash-wasm computes no Argon2 of the empty password" : undefined;
}

describe("verifyPassword and what doveadm has recorded", () => {
  it("accepts every value that doveadm pw -s has made, and not for another password", async () => {
    let differing = 0;
    await forEachRecorded(RECORDED_VALUES, async ({ scheme, password, stored, user = "" }) => {
      const options = { username: user, timeout: PATIENT };
      const given = await verdict(password, stored, options);
      if (scheme === "PLAIN-TRUNC" || (scheme.startsWith("ARGON2") && password === "")) {
        // doveadm does not accept its own of these; hash-wasm hashes no empty password.
        assert.equal(given, scheme === "PLAIN-TRUNC" ? "malformed" : "mismatch", stored);
        differing++;
        return;
      }
      assert.equal(given, "ok", stored);
      // Behind what DES and bcrypt look at, another character would make no difference.
      assert.equal(await verdict(`x${password}`, stored, options), "mismatch", stored);
    });
    assert.equal(RECORDED_VALUES.length, 195);
    assert.equal(differing, 5 + 2);
  });

  it("says of every recorded pair what doveadm pw -t has said, and why", async () => {
    const differing: string[] = [];
    await forEachRecorded(RECORDED_VERDICTS, async (record) => {
      const { password, stored, user, why, ok, stderr = "" } = record;
      const given = await verdict(password, stored, { username: user, timeout: PATIENT });
      const difference = differsFromDovecot(record);
      if (difference !== undefined) {
        if ((given === "ok") !== ok) differing.push(difference);
        return;
      }
      assert.equal(given === "ok", ok, `${why}: ${stored} (${given})`);
      assert(ok || reasonsFor(stderr).includes(given), `${stored}: ${given}, not ${stderr}`);
    });
    assert.equal(RECORDED_VERDICTS.length, 1_557);
    assert.equal(differing.length, 2);
  });
});

describe("verifyPassword and slappasswd", () => {
  /** Those of modules that nobody else has, and of crypt(3) what no well-kept library has. */
  const UNKNOWN = ["CRYPT $y$ yescrypt", "SHA384", "SSHA384", "APR1", "BSDMD5"];

  it("accepts what slapd and its modules argon2, pw-pbkdf2 and pw-sha2 have made", async () => {
    await forEachRecorded(SLAPPASSWD_VALUES, async ({ scheme, password, stored }) => {
      const given = await verdict(password, stored, { defaultScheme: "PLAIN", timeout: PATIENT });
      assert.equal(given, UNKNOWN.includes(scheme) ? "unknown-scheme" : "ok", stored);
      const wrong = await verdict(`x${password}`, stored, { timeout: PATIENT });
      assert.notEqual(wrong, "ok", stored);
    });
    const schemes = new Set(SLAPPASSWD_VALUES.map(({ scheme }) => scheme));
    for (const scheme of ["ARGON2", "PBKDF2", "PBKDF2-SHA1", "PBKDF2-SHA256", "PBKDF2-SHA512"]) {
      assert(schemes.has(scheme), scheme);
    }
  });

  it("tells OpenLDAP's {PBKDF2} from Dovecot's by its data, and each from damaged ones", async () => {
    const key = pbkdf2Sync("test", "0123456789abcdef", 5_000, 20, "sha1");
    const salt = "MDEyMzQ1Njc4OWFiY2RlZg";
    const ours = key.toString("base64").replaceAll("+", ".").replace(/=+$/, "");
    assert.equal(await verdict("test", `{PBKDF2}5000$${salt}$${ours}`), "ok");
    assert.equal(await verdict("test", `{PBKDF2-SHA1}5000$${salt}$${ours}`), "ok");
    const theirs = `{PBKDF2}$1$0123456789abcdef$5000$${key.toString("hex")}`;
    assert.equal(await verdict("test", theirs), "ok");
    for (const damaged of [
      `{PBKDF2}5000$${salt}$${ours}=`,
      `{PBKDF2}5000$${salt}$${ours}A`,
      `{PBKDF2}5000$${salt}$${ours.slice(2)}`,
      `{PBKDF2}5000$$${ours}`,
      `{PBKDF2}5000$${salt}$`,
      `{PBKDF2} 5000$${salt}$${ours}`,
      `{PBKDF2}+5000$${salt}$${ours}`,
      `{PBKDF2}$5000$${salt}$${ours}`,
      `{PBKDF2-SHA256}5000$${salt}$${ours}`,
      theirs.replace("PBKDF2", "PBKDF2-SHA1"),
      theirs.replace("$1$", "$2$"),
      theirs.replace("5000", ""),
    ]) {
      assert.equal(await verdict("test", damaged), "malformed", damaged);
    }
  });
});

describe("verifyPassword", () => {
  it("reads {PLAIN-TRUNC} with its length as the beginning of the password", async () => {
    assert.equal(await verdict("test", "{PLAIN-TRUNC}2-te"), "ok");
    assert.equal(await verdict("te", "{PLAIN-TRUNC}2-te"), "ok");
    assert.equal(await verdict("t", "{PLAIN-TRUNC}2-te"), "mismatch");
    assert.equal(await verdict("tx", "{PLAIN-TRUNC}2-te"), "mismatch");
    assert.equal(await verdict("te", "{PLAIN-TRUNC}9-te"), "ok");
    assert.equal(await verdict("test", "{PLAIN-TRUNC}9-te"), "mismatch");
    assert.equal(await verdict("pä", "{PLAIN-TRUNC}3-pä"), "ok");
    assert.equal(await verdict("pät", "{PLAIN-TRUNC}3-pä"), "ok");
  });

  it("lets nobody in where Dovecot lets everybody in", async () => {
    const zeros = "0".repeat(40);
    for (const stored of [
      "{PLAIN-TRUNC}0-",
      "{PLAIN-TRUNC}-",
      "{PLAIN-TRUNC}00-",
      "{PLAIN-TRUNC.hex}302d",
      `{PBKDF2}$1$salt$0$${zeros}`,
      `{PBKDF2}0$c2FsdA$${"A".repeat(27)}`,
    ]) {
      for (const password of ["test", ""]) {
        assert.equal(await verdict(password, stored), "malformed", stored);
      }
    }
  });

  it("takes the name into {DIGEST-MD5}, parted at its last @", async () => {
    const values: readonly (readonly [string | undefined, string])[] = [
      ["user@example.org", "7144b992e97845f35a4772b6ac708a92"],
      ["user", "021272f0de53f23f4a7fa9fef219e731"],
      ["user@a@b", "48d33b037123acf178a951c83b6529b6"],
    ];
    for (const [username, hex] of values) {
      for (const [each] of values) {
        const given = await verdict("test", `{DIGEST-MD5}${hex}`, { username: each ?? "" });
        assert.equal(given, each === username ? "ok" : "mismatch");
      }
      assert.equal(await verdict("test", `{DIGEST-MD5}${hex}`), "mismatch");
    }
  });

  it("checks values without a scheme only with a default scheme", async () => {
    assert.equal(await verdict("secret", "secret"), "no-scheme");
    assert.equal(await verdict("secret", "secret", { defaultScheme: "PLAIN" }), "ok");
    assert.equal(await verdict("secret", "secret", { defaultScheme: "CRYPT" }), "malformed");
    assert.equal(await verdict("secret", "{SSHA}x", { defaultScheme: "PLAIN" }), "malformed");
    assert.equal(await verdict("{SSHA}x", "{SSHA}x", { defaultScheme: "PLAIN" }), "malformed");
  });

  it("checks chains of all three digests that {OTP} may name", async () => {
    // Made by the rules of RFC 2289, and accepted by doveadm.
    for (const value of [
      "md4 5 ab12cd34 acd874ac1f1b3f08",
      "md5 5 AbC1 a1355912e05eeac7",
      "sha1 0 a 7cd137e108901a6a",
    ]) {
      assert.equal(await verdict("test", `{OTP}${value}`), "ok", value);
      assert.equal(await verdict("tesT", `{OTP}${value}`), "mismatch");
    }
    assert.equal(await verdict("test", "{OTP}sha256 5 ab acd874ac1f1b3f08"), "malformed");
  });

  it("knows no password with a NUL, with half a character, or too long to be typed", async () => {
    const long = "x".repeat(4_096);
    const ssha512 = "{SHA512}1t+kYEPU9AbxNsOtgHkjeqNmuuzQmEQ6AW8Cl8zP7bJjOMD3PH+ACJw9MFTO/aB5";
    for (const [password, stored] of [
      ["a\0b", "{PLAIN.hex}610062"],
      ["a\0", "{PLAIN}a"],
      ["a", "{PLAIN.hex}6100"],
      ["\ud800", "{PLAIN.hex}efbfbd"],
      [`${long}x`, ssha512],
    ]) {
      assert.notEqual(await verdict(password, stored), "ok");
    }
    assert.equal(await verdict(long.slice(6), `{CLEAR}${long.slice(7)}`), "mismatch");
    assert.equal(await verdict("x".repeat(4_000), `{CLEAR}${"x".repeat(4_000)}`), "ok");
  });

  it("does not normalise: bytes are compared", async () => {
    assert.equal(await verdict("\u00e4", "{PLAIN}a\u0308"), "mismatch");
    assert.equal(await verdict("a\u0308", "{PLAIN}a\u0308"), "ok");
  });

  it("answers too-expensive at once, whatever the cost is called", async () => {
    const key = "A".repeat(43);
    const started = performance.now();
    for (const stored of [
      `{PBKDF2}$1$salt$2000001$${"0".repeat(40)}`,
      `{PBKDF2}$1$salt$9999999999$${"0".repeat(40)}`,
      `{PBKDF2}2000001$c2FsdA$${"A".repeat(27)}`,
      `{PBKDF2-SHA512}999999999$c2FsdA$${"A".repeat(86)}`,
      `{SCRAM-SHA-1}2147483647,c2FsdA==,${"A".repeat(27)}=,${"A".repeat(27)}=`,
      `{SCRAM-SHA-256}2000001,c2FsdA==,${key}=,${key}=`,
      `{SHA512-CRYPT}$6$rounds=999999999$salt$${"a".repeat(86)}`,
      `{BLF-CRYPT}$2y$31$${"a".repeat(53)}`,
      `{ARGON2ID}$argon2id$v=19$m=4194304,t=3,p=1$c2FsdHNhbHQ$${key}`,
      "{OTP}sha1 1000000000 abc 0011223344556677",
    ]) {
      assert.equal(await verdict("test", stored), "too-expensive", stored);
    }
    assert(performance.now() - started < 1_000);
  });

  it("is unavailable when there is no time left, and checks the cheap ones all the same", async () => {
    const dear = `{PBKDF2}$1$salt$5000$${"0".repeat(40)}`;
    for (const timeout of [0, -1, Number.NaN]) {
      assert.equal(await verdict("test", dear, { timeout }), "unavailable");
      assert.equal(await verdict("test", "{PLAIN}test", { timeout }), "ok");
    }
    assert.equal(await verdict("test", dear, { timeout: Number.POSITIVE_INFINITY }), "mismatch");
  });

  it("refuses what is no text, and never rejects", async () => {
    const odd = [
      undefined,
      null,
      7,
      Number.NaN,
      true,
      {},
      [],
      ["test"],
      Buffer.from("test"),
      () => "test",
    ];
    for (const each of odd) {
      assert.equal(await verdict("test", each), "malformed");
      assert.equal(await verdict(each, "{PLAIN}test"), "mismatch");
      assert.equal(await verdict(each, "{PLAIN}"), "mismatch");
      const options = { username: each, defaultScheme: each, timeout: each } as VerifyOptions;
      assert.equal(await verdict("test", "test", options), "no-scheme");
      assert.notEqual(await verdict("test", "{PLAIN}test", options), "unknown-scheme");
      assert.equal(await verdict("test", "{PLAIN}test", each as VerifyOptions), "ok");
    }
    const trap = {
      get defaultScheme(): string {
        throw new Error("no");
      },
    };
    assert.equal(await verdict("test", "{PLAIN}test", trap), "unavailable");
  });
});

describe("verifyPassword and damaged values", () => {
  const cheap = RECORDED_VALUES.filter(({ scheme }) => !/CRYPT|ARGON|PBKDF|SCRAM/.test(scheme));
  const dear = RECORDED_VALUES.filter(({ scheme }) => /CRYPT|ARGON|PBKDF|SCRAM|^MD5$/.test(scheme));
  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("{", "}", "$", ",", "=", " ", ".hex", ".b64", "0", "9", "-", "$1$", "\ufffd"),
  );

  /** The value with a piece of it replaced. */
  function damaged(values: readonly { readonly stored: string }[]): fc.Arbitrary<string> {
    return fc
      .tuple(
        fc.constantFrom(...values),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(6),
        noise,
      )
      .map(([{ stored }, place, cut, piece]) => {
        const at = Math.floor(place * stored.length);
        return stored.slice(0, at) + piece + stored.slice(at + cut);
      });
  }

  it("refuses anybody's password for them, whatever is damaged", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(cheap), async (stored) => {
        assert.notEqual(await verdict("not the password", stored), "ok");
        const asPlain = await verdict("not the password", stored, { defaultScheme: "PLAIN" });
        assert.notEqual(asPlain, "ok");
      }),
      { numRuns: 3_000 },
    );
  });

  it("neither rejects nor accepts when what is computed in threads is damaged", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(dear), async (stored) => {
        assert.notEqual(await verdict("not the password", stored, { timeout: PATIENT }), "ok");
      }),
      { numRuns: 150 },
    );
  });

  it("never accepts a scheme and data of pure chance", async () => {
    const schemes = [...new Set(RECORDED_VALUES.map(({ scheme }) => scheme))];
    const letters = fc.stringMatching(/^[-A-Za-z0-9+/=$,. ]{0,120}$/);
    const suffix = fc.constantFrom("", "", ".hex", ".b64");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...schemes),
        suffix,
        fc.oneof(letters, noise),
        async (scheme, end, data) => {
          const given = await verdict("not the password", `{${scheme}${end}}${data}`);
          assert.notEqual(given, "ok");
          assert.notEqual(given, "no-scheme");
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
