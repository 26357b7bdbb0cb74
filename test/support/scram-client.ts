import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** What a client says last, and what the server must answer. */
export interface ClientAnswer {
  readonly message: string;
  readonly serverFinal: string;
}

const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * A client of SCRAM-SHA-256 of the tests' own, written after RFC 5802 section 3. `password` must be prepared (RFC 4013) already. `change` may tamper with what is said
 * before it is signed.
 */
export function scramClientFinal(
  clientFirst: string,
  serverFirst: string,
  password: string,
  change: (withoutProof: string) => string = (text) => text,
): ClientAnswer {
  const [, gs2Header = "", bare = ""] = /^([^,]*,[^,]*,)(.*)$/s.exec(clientFirst) ?? [];
  const [, nonce = "", salt = "", iterations = ""] =
    /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
  const salted = pbkdf2Sync(
    password,
    Buffer.from(salt, "base64"),
    Number(iterations),
    32,
    "sha256",
  );
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  const withoutProof = change(`c=${Buffer.from(gs2Header).toString("base64")},r=${nonce}`);
  const authMessage = `${bare},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  const serverSignature = hmac(hmac(salted, "Server Key"), authMessage);
  return {
    message: `${withoutProof},p=${proof.toString("base64")}`,
    serverFinal: `v=${serverSignature.toString("base64")}`,
  };
}

/** A stored `{SCRAM-SHA-256}` value, made here. */
export function scramStored(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest();
  const serverKey = hmac(salted, "Server Key");
  return `{SCRAM-SHA-256}${iterations},${[salt, storedKey, serverKey].map((part) => part.toString("base64")).join(",")}`;
}
