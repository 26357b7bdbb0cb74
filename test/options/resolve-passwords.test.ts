import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/errors.ts";
import { otherDirectory, passwordFile } from "../../src/index.ts";
import type { LogRecord } from "../../src/log.ts";
import { resolveOptions } from "../../src/options/resolve.ts";

const URL = "ldaps://ldap.example.org/dc=example?uid";
const STORED = { passwords: "stored" } as const;

function resolve(options: object) {
  return resolveOptions({ url: URL, log: () => {}, ...options });
}

function refuses(options: object, option: string, message: RegExp) {
  assert.throws(
    () => resolve(options),
    (error: unknown) => {
      assert(error instanceof ConfigError);
      assert.equal(error.option, option, error.message);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("passwords", () => {
  it("are checked by a bind by default", () => {
    assert.equal(resolve({}).ldap.passwords, "bind");
    assert.equal(resolve({ passwords: "bind" }).ldap.passwords, "bind");
  });

  it("are read from userPassword where they are stored, without a default scheme, the first value only", () => {
    const usual = { attribute: "userPassword", defaultScheme: undefined, allValues: false };
    assert.deepEqual(resolve(STORED).ldap.passwords, usual);
    assert.deepEqual(resolve({ passwords: {} }).ldap.passwords, usual);
    const passwords = { attribute: "mailPassword;x-a", defaultScheme: "ssha.hex", allValues: true };
    assert.deepEqual(resolve({ passwords }).ldap.passwords, passwords);
  });

  it("refuse what is none of these", () => {
    for (const passwords of ["", "plain", "Stored", 1, true, null]) {
      refuses({ passwords }, "passwords", /must be "bind", "stored", or/);
    }
    refuses({ passwords: [] }, "passwords", /must be an object/);
    refuses({ passwords: { atribute: "x" } }, "passwords.atribute", /did you mean "attribute"/);
    refuses({ passwords: { attribute: "a b" } }, "passwords.attribute", /attribute's name/);
    refuses({ passwords: { attribute: "" } }, "passwords.attribute", /not empty/);
    refuses({ passwords: { attribute: "*" } }, "passwords.attribute", /attribute's name/);
    refuses({ passwords: { allValues: "yes" } }, "passwords.allValues", /true or false/);
    refuses({ passwords: { defaultScheme: "" } }, "passwords.defaultScheme", /not empty/);
    refuses({ passwords: { defaultScheme: "SSAH" } }, "passwords.defaultScheme", /did you mean "S/);
    refuses(
      { passwords: { defaultScheme: "{SSHA}" } },
      "passwords.defaultScheme",
      /can't be checked/,
    );
    refuses(
      { passwords: { defaultScheme: "PLAIN}" } },
      "passwords.defaultScheme",
      /can't be checked/,
    );
  });

  it("can't be stored where something else needs a bind", () => {
    refuses(
      { ...STORED, searchAsUser: true },
      "searchAsUser",
      /can't go with searchAsUser: guards/,
    );
    refuses({ ...STORED, compareAsUser: true }, "compareAsUser", /can't go with/);
    refuses({ ...STORED, initialBindAsUser: true }, "initialBindAsUser", /can't go with/);
    const pattern = { pattern: "^(.+)$", dn: "uid=$1" };
    refuses({ ...STORED, initialBindAsUser: pattern }, "initialBindAsUser", /can't go with/);
    refuses({ ...STORED, passwordChange: true }, "passwordChange", /can't go with/);
    refuses({ ...STORED, passwordChange: {} }, "passwordChange", /can't go with/);
    resolve({ ...STORED, searchAsUser: false, initialBindAsUser: false, passwordChange: false });
  });

  it("may be stored in another directory", () => {
    const { others } = resolve({
      otherProviders: [otherDirectory({ url: URL, passwords: { allValues: true } })],
    });
    const [other] = others;
    assert(other?.kind === "directory" && other.ldap.passwords !== "bind");
    assert.equal(other.ldap.passwords.allValues, true);
    const both = otherDirectory({ url: URL, passwords: "stored", initialBindAsUser: true });
    refuses({ otherProviders: [both] }, "initialBindAsUser", /can't go with/);
  });

  it("that are read in clear text from another machine are warned of, besides what is sent", () => {
    const warned = (options: object) => {
      const records: LogRecord[] = [];
      resolve({ ...options, log: (record: LogRecord) => void records.push(record) });
      return records.map(({ event }) => event);
    };
    const far = "ldap://ldap.example.org/dc=example?uid";
    assert.deepEqual(warned({ ...STORED, url: far, tls: "none" }), [
      "cleartext-directory",
      "cleartext-stored-passwords",
    ]);
    assert.deepEqual(warned({ url: far, tls: "none" }), ["cleartext-directory"]);
    assert.deepEqual(warned({ ...STORED, url: far }), []);
    assert.deepEqual(warned({ ...STORED, url: "ldap://127.0.0.1/dc=example?uid" }), []);
    assert.deepEqual(warned({ ...STORED, url: "ldapi://%2frun%2fldapi/dc=example?uid" }), []);
  });
});

describe("mechanisms", () => {
  it("are plain passwords by default", () => {
    assert.deepEqual(resolve({}).web.mechanisms, ["plain"]);
    assert.equal(resolve({}).web.basic, true);
  });

  it("go with stored passwords, and without plain not with HTTP Basic", () => {
    const mechanisms = ["scram-sha-256", "cram-md5", "plain"];
    const { web } = resolve({ ...STORED, mechanisms });
    assert.deepEqual(web.mechanisms, mechanisms);
    assert.equal(web.basic, true);
    const without = resolve({ ...STORED, mechanisms: ["cram-md5"] }).web;
    assert.deepEqual(without.mechanisms, ["cram-md5"]);
    resolve({ ...STORED, mechanisms: ["cram-md5"], basic: false });
    refuses({ ...STORED, mechanisms: ["cram-md5"], basic: true }, "basic", /needs "plain"/);
    assert.equal(resolve({ ...STORED, mechanisms, basic: true }).web.basic, true);
  });

  it("refuse what is no list of them", () => {
    for (const mechanisms of [[], {}, "plain", null, 5]) {
      refuses(
        { mechanisms },
        "mechanisms",
        /must be a list of some of plain, cram-md5, scram-sha-256/,
      );
    }
    refuses({ ...STORED, mechanisms: ["CRAM-MD5"] }, "mechanisms", /did you mean "cram-md5"/);
    refuses(
      { ...STORED, mechanisms: ["scram-sha256"] },
      "mechanisms",
      /did you mean "scram-sha-256"/,
    );
    refuses({ ...STORED, mechanisms: ["login"] }, "mechanisms", /known are plain/);
    refuses({ ...STORED, mechanisms: ["plain", 5] }, "mechanisms", /known are plain/);
    refuses({ ...STORED, mechanisms: ["plain", "plain"] }, "mechanisms", /names one twice/);
  });

  it("with a challenge need one directory's stored passwords", () => {
    for (const mechanism of ["cram-md5", "scram-sha-256"]) {
      const mechanisms = ["plain", mechanism];
      refuses({ mechanisms }, "mechanisms", /needs passwords: "stored"/);
      refuses({ mechanisms, passwords: "bind" }, "mechanisms", /needs passwords: "stored"/);
      for (const other of [
        passwordFile({ file: "/x" }),
        otherDirectory({ url: URL, passwords: "stored" }),
      ]) {
        refuses(
          { ...STORED, mechanisms, otherProviders: [other] },
          "mechanisms",
          /can't go with otherProviders/,
        );
      }
      resolve({ ...STORED, mechanisms, otherProviders: [] });
    }
    resolve({ mechanisms: ["plain"] });
  });
});

describe("scramSecret", () => {
  const secret = "x".repeat(32);

  it("goes with scram-sha-256, where it is long enough", () => {
    const scram = { ...STORED, mechanisms: ["scram-sha-256"] };
    assert.equal(resolve(scram).scramSecret, undefined);
    assert.equal(resolve({ ...scram, scramSecret: secret }).scramSecret, secret);
    for (const scramSecret of ["", "x".repeat(31), 5, null, Buffer.alloc(40)]) {
      refuses({ ...scram, scramSecret }, "scramSecret", /at least 32 letters/);
    }
  });

  it("is of no use elsewhere, and never shown", () => {
    refuses({ scramSecret: secret }, "scramSecret", /which mechanisms does not name/);
    assert.throws(
      () => resolve({ ...STORED, mechanisms: ["cram-md5"], scramSecret: secret }),
      (error) => error instanceof ConfigError && !error.message.includes(secret),
    );
  });
});
