import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What a client of CRAM-MD5 answers. */
export function cramMd5(username: string, password: string, challenge: string): string {
  return `${username} ${createHmac("md5", password).update(challenge).digest("hex")}`;
}

/** A client of SCRAM-SHA-256, of which nothing is ours: all messages in base64. */
export interface ScramClient {
  readonly clientFirst: string;
  /** What it answers to the server's first message, and what it wants to hear last. */
  finish(serverFirst: string): { readonly clientFinal: string; readonly serverFinal: string };
}

export function scramClient(username: string, password: string): ScramClient {
  const name = username.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const bare = `n=${name},r=${randomBytes(18).toString("base64")}`;
  return {
    clientFirst: base64(`n,,${bare}`),
    finish(serverFirst) {
      const first = Buffer.from(serverFirst, "base64").toString();
      const [, nonce = "", salt = "", count = ""] = /^r=(.+),s=(.+),i=(\d+)$/.exec(first) ?? [];
      const key = Buffer.from(salt, "base64");
      const salted = pbkdf2Sync(password, key, Number(count), 32, "sha256");
      const clientKey = hmac(salted, "Client Key");
      const storedKey = createHash("sha256").update(clientKey).digest();
      const withoutProof = `c=biws,r=${nonce}`;
      const said = `${bare},${first},${withoutProof}`;
      const signature = hmac(storedKey, said);
      const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
      const server = hmac(hmac(salted, "Server Key"), said);
      return {
        clientFinal: base64(`${withoutProof},p=${proof.toString("base64")}`),
        serverFinal: base64(`v=${server.toString("base64")}`),
      };
    },
  };
}
