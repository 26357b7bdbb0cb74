/**
 * The client's side of CRAM-MD5 (RFC 2195) and SCRAM-SHA-256 (RFC 5802), for browsers. Passwords are the UTF-8 of what was typed, not normalised, as in Dovecot. Needs
 * `hmacMd5`, and for SCRAM WebCrypto, which browsers have over HTTPS and on loopback.
 */
export const MECHANISMS_SCRIPT: string = String.raw`
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function cramMd5Response(username, password, challenge) {
  const digest = hmacMd5(utf8(password), utf8(challenge));
  return username + " " + Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function hmacSha256(key, text) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8(text)));
}

async function saltPassword(password, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

// Two messages to send, the second one made of the answer to the first, and what the server has to say last.
function startScram(username, password, nonce = base64(crypto.getRandomValues(new Uint8Array(18)))) {
  const name = username.replace(/=/g, "=3D").replace(/,/g, "=2C");
  const bare = "n=" + name + ",r=" + nonce;
  async function finish(serverFirst) {
    const read = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+=*),i=([1-9]\d{0,7})(,|$)/.exec(serverFirst);
    if (!read || !read[1].startsWith(nonce) || read[1] === nonce) throw new Error("Not an answer to our message.");
    const salted = await saltPassword(password, fromBase64(read[2]), Number(read[3]));
    const clientKey = await hmacSha256(salted, "Client Key");
    const storedKey = new Uint8Array(await crypto.subtle.digest("SHA-256", clientKey));
    const withoutProof = "c=biws,r=" + read[1];
    const said = bare + "," + serverFirst + "," + withoutProof;
    const signature = await hmacSha256(storedKey, said);
    const proof = clientKey.map((byte, i) => byte ^ signature[i]);
    const expected = await hmacSha256(await hmacSha256(salted, "Server Key"), said);
    return { clientFinal: withoutProof + ",p=" + base64(proof), serverFinal: "v=" + base64(expected) };
  }
  return { clientFirst: "n,," + bare, finish };
}
`;
