import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { rememberEmptyPasswords } from "../../../src/authentication/mechanisms/empty-password.ts";
import {
  readClientFinal,
  readClientFirst,
} from "../../../src/authentication/mechanisms/scram-messages.ts";
import {
  makeServerFirst,
  type ScramExchange,
  scramProof,
} from "../../../src/authentication/mechanisms/scram-sha-256.ts";
import { scramClientFinal, scramStored } from "../../support/scram-client.ts";

/** RFC 7677 section 3. */
const EXAMPLE = {
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  nonce: "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
  serverFirst:
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
} as const;

const SALT = Buffer.from("0123456789abcdef");
const STORED = scramStored("pencil", SALT, 4_096);
const MISMATCH = { ok: false, reason: "mismatch" };

function readFirst(text: string) {
  const read = readClientFirst(text);
  assert(read);
  return read;
}

function readFinal(text: string) {
  const read = readClientFinal(text);
  assert(read);
  return read;
}

/** A whole exchange; `change` tampers with the client's last message before it is signed. */
function exchangeWith(
  password: string,
  change?: (text: string) => string,
  first = "n,,n=user,r=abc",
) {
  const exchange = makeServerFirst(readFirst(first), { salt: SALT, iterations: 4_096 });
  const client = scramClientFinal(first, exchange.serverFirst, password, change);
  return { exchange, client, ...scramProof(exchange, readFinal(client.message)) };
}

describe("SCRAM-SHA-256", () => {
  it("answers the example of RFC 7677", async () => {
    const { clientNonce, bare, gs2Header, username } = readFirst(EXAMPLE.clientFirst);
    assert.equal(clientNonce, "rOprNGfwEbeRWgbNEkqO");
    const exchange: ScramExchange = {
      ...{ username, clientFirstBare: bare, gs2Header, nonce: EXAMPLE.nonce },
      ...{ serverFirst: EXAMPLE.serverFirst, salt: EXAMPLE.salt, iterations: 4_096 },
    };
    for (const stored of [
      "{PLAIN}pencil",
      "{CLEARTEXT}pencil",
      scramStored("pencil", Buffer.from(EXAMPLE.salt, "base64"), 4_096),
    ]) {
      const { proof, serverFinal } = scramProof(exchange, readFinal(EXAMPLE.clientFinal));
      assert.equal(serverFinal(), undefined);
      assert.deepEqual(await proof.check(stored), { ok: true });
      assert.equal(serverFinal(), EXAMPLE.serverFinal);
      assert.equal(proof.username, "user");
      assert.equal(proof.mechanism, "scram-sha-256");
    }
  });

  it("makes a nonce of the client's and one of its own, never the same twice", () => {
    const first = readFirst("n,,n=user,r=abc");
    const salt = { salt: SALT, iterations: 5_000 };
    const nonces = new Set<string>();
    for (let n = 0; n < 1_000; n++) {
      const { nonce, serverFirst } = makeServerFirst(first, salt);
      assert.match(nonce, /^abc[A-Za-z0-9+/]{24}$/);
      assert.equal(serverFirst, `r=${nonce},s=${SALT.toString("base64")},i=5000`);
      nonces.add(nonce);
    }
    assert.equal(nonces.size, 1_000);
  });

  it("can be kept as JSON between the steps", async () => {
    const { exchange, client } = exchangeWith("pencil");
    const kept = JSON.parse(JSON.stringify(exchange)) as ScramExchange;
    assert.deepEqual(kept, exchange);
    const { proof, serverFinal } = scramProof(kept, readFinal(client.message));
    assert.deepEqual(await proof.check(STORED), { ok: true });
    assert.equal(serverFinal(), client.serverFinal);
  });

  it("signs nothing for who does not know the password", async () => {
    for (const stored of [STORED, "{PLAIN}pencil"]) {
      const { proof, serverFinal } = exchangeWith("Pencil");
      assert.deepEqual(await proof.check(stored), MISMATCH);
      assert.equal(serverFinal(), undefined);
    }
  });

  it("takes no message of another exchange", async () => {
    const old = exchangeWith("pencil");
    const exchange = makeServerFirst(readFirst("n,,n=user,r=abc"), {
      salt: SALT,
      iterations: 4_096,
    });
    const { proof, serverFinal } = scramProof(exchange, readFinal(old.client.message));
    assert.deepEqual(await proof.check(STORED), MISMATCH);
    assert.equal(serverFinal(), undefined);
  });

  for (const [what, change] of [
    ["a nonce of the client's alone", (text: string) => text.replace(/r=.*$/, "r=abc")],
    ["a nonce with a letter more", (text: string) => `${text}x`],
    ["a nonce with a letter less", (text: string) => text.slice(0, -1)],
    [
      "a GS2 header that says another thing than the first message",
      (text: string) => text.replace("biws", "eSws"),
    ],
    [
      "a GS2 header that binds to a channel",
      (text: string) => text.replace("biws", Buffer.from("p=tls-exporter,,").toString("base64")),
    ],
  ] as const) {
    it(`refuses ${what}, although it is signed well`, async () => {
      const { proof, serverFinal } = exchangeWith("pencil", change);
      for (const stored of [STORED, "{PLAIN}pencil"]) {
        assert.deepEqual(await proof.check(stored), MISMATCH);
      }
      assert.equal(serverFinal(), undefined);
    });
  }

  it("refuses an exchange whose name was another one when it was signed", async () => {
    const { exchange, client } = exchangeWith("pencil");
    const other = { ...exchange, username: "admin", clientFirstBare: "n=admin,r=abc" };
    const { proof } = scramProof(other, readFinal(client.message));
    assert.deepEqual(await proof.check(STORED), MISMATCH);
  });

  it("notices each changed bit of a proof", async () => {
    const { exchange, client } = exchangeWith("pencil");
    const final = readFinal(client.message);
    for (let bit = 0; bit < 256; bit += 5) {
      const changed = Buffer.from(final.proof);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { proof } = scramProof(exchange, { ...final, proof: changed });
      assert.deepEqual(await proof.check(STORED), MISMATCH);
    }
    for (const size of [0, 31, 33]) {
      const { proof } = scramProof(exchange, { ...final, proof: randomBytes(size) });
      assert.deepEqual(await proof.check(STORED), MISMATCH);
    }
  });

  it("fits the stored salt and iterations only if it was told them", async () => {
    const stored = [
      scramStored("pencil", Buffer.from("another salt 16b"), 4_096),
      scramStored("pencil", SALT, 4_097),
    ];
    for (const value of stored) {
      const { proof } = exchangeWith("pencil");
      assert.deepEqual(await proof.check(value), MISMATCH);
    }
  });

  it("is not made of what is stored", async () => {
    for (const secret of [STORED, STORED.split(",")[2] ?? ""]) {
      const { proof } = exchangeWith(secret);
      assert.deepEqual(await proof.check(STORED), MISMATCH);
    }
  });

  it("computes nothing for a stored value that costs too much, and can't tell of what is damaged or another scheme", async () => {
    const [, salt, storedKey, serverKey] = STORED.split(",");
    const bomb = `{SCRAM-SHA-256}1000000000,${salt},${storedKey},${serverKey}`;
    const { proof, serverFinal } = exchangeWith("pencil");
    const began = performance.now();
    for (const [stored, reason] of [
      [bomb, "too-expensive"],
      [bomb.replace("1000000000", "99999999999"), "malformed"],
      [bomb.replace("1000000000", "1"), "malformed"],
      [bomb.replace("1000000000", "4096.0"), "malformed"],
      ["{SCRAM-SHA-256}", "malformed"],
      ["{SCRAM-SHA-256}4096,,,", "malformed"],
      [
        "{SCRAM-SHA-1}4096,9Bo9tcKQEu68iycbbYAuHg==,ZQaofTysV9/qF5KcOhYtFxguk/w=,M+to+XBJvL4OUzt29dySQBp2JS0=",
        "unknown-scheme",
      ],
      ["{SSHA}faTXXrIO3L9PEboLX7Fb0TcCbMxu98uN", "unknown-scheme"],
      ["{NOPE}pencil", "unknown-scheme"],
      ["pencil", "no-scheme"],
    ] as const) {
      assert.deepEqual(await proof.check(stored), { ok: false, reason }, stored);
    }
    assert(performance.now() - began < 1_000);
    assert.equal(serverFinal(), undefined);
  });

  it("does not derive keys of an exchange with too many iterations", async () => {
    const { exchange, client } = exchangeWith("pencil");
    const { proof } = scramProof(
      { ...exchange, iterations: 1_000_000_000 },
      readFinal(client.message),
    );
    const checked = await proof.check("{PLAIN}pencil");
    assert.deepEqual(checked, { ok: false, reason: "too-expensive" });
  });

  it("lets nobody in by the empty password, whatever is stored", async () => {
    for (const stored of ["{PLAIN}", scramStored("", SALT, 4_096)]) {
      const { proof, serverFinal } = exchangeWith("");
      assert.deepEqual(await proof.check(stored), MISMATCH);
      assert.equal(serverFinal(), undefined);
    }
  });

  it("finds out once whether keys are of the empty password, which takes as long as hashing one", async () => {
    const NO_TIME = 0;
    const isOfEmptyPassword = rememberEmptyPasswords();
    const check = (password: string, stored: string, timeout?: number) => {
      const { exchange, client } = exchangeWith(password);
      const { proof } = scramProof(exchange, readFinal(client.message), isOfEmptyPassword);
      return proof.check(stored, timeout);
    };
    const [empty, other] = [scramStored("", SALT, 4_096), scramStored("other", SALT, 4_096)];
    const unavailable = { ok: false, reason: "unavailable" };
    assert.deepEqual(await check("pencil", STORED, NO_TIME), unavailable);
    assert.deepEqual(await check("", empty, NO_TIME), unavailable);
    for (const timeout of [undefined, NO_TIME]) {
      assert.deepEqual(await check("pencil", STORED, timeout), { ok: true });
      assert.deepEqual(await check("", empty, timeout), MISMATCH);
    }
    assert.deepEqual(await check("other", other, NO_TIME), unavailable);
  });
});
