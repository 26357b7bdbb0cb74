/** What a client says first (RFC 5802 section 7, `client-first-message`). */
export interface ClientFirst {
  /** As the client spells it, `=2C` and `=3D` decoded. */
  readonly username: string;
  readonly clientNonce: string;
  /** `client-first-message-bare`, as it came. */
  readonly bare: string;
  /** As it came: `n,,`, `y,,`, or with an authorization id that is the name itself. */
  readonly gs2Header: string;
}

/** What a client says last (`client-final-message`). */
export interface ClientFinal {
  /** What it has made of `c=`: base64 of the GS2 header. */
  readonly channelBinding: string;
  readonly nonce: string;
  /** `client-final-message-without-proof`, as it came. */
  readonly withoutProof: string;
  /** 32 bytes. */
  readonly proof: Buffer;
}

/** More than any name that may be looked up takes, encoded, and a nonce. */
const LONGEST_MESSAGE = 8_192;
/** Ours has 24 letters, and what is signed grows with it. */
const LONGEST_NONCE = 256;
const PROOF_BYTES = 32;

/**
 * Reads a client's first message: undefined for all that is not one, and for what is not offered here: channel binding (`p=`), acting as somebody else
 * (an authorization id that is not the name), mandatory extensions (`m=`). Other extensions are ignored, as the RFC says. Never throws.
 */
export function readClientFirst(text: string): ClientFirst | undefined {
  if (!isMessage(text)) return undefined;
  const [, gs2Header, authorizationId, bare] = /^([ny],(?:a=([^,]+))?,)(.+)$/s.exec(text) ?? [];
  if (gs2Header === undefined || bare === undefined) return undefined;
  const [nameField, nonceField, ...extensions] = bare.split(",");
  const username = readSaslName(fieldValue(nameField, "n"));
  const clientNonce = readNonce(fieldValue(nonceField, "r"));
  if (username === undefined || clientNonce === undefined) return undefined;
  if (!extensions.every(isOptionalExtension)) return undefined;
  if (authorizationId !== undefined && readSaslName(authorizationId) !== username) return undefined;
  return { username, clientNonce, bare, gs2Header };
}

/** Reads a client's last message: undefined for all that is not one. Never throws. */
export function readClientFinal(text: string): ClientFinal | undefined {
  if (!isMessage(text)) return undefined;
  const end = text.lastIndexOf(",p=");
  if (end < 0) return undefined;
  const withoutProof = text.slice(0, end);
  const [bindingField, nonceField, ...extensions] = withoutProof.split(",");
  const channelBinding = fieldValue(bindingField, "c");
  const nonce = readNonce(fieldValue(nonceField, "r"));
  const proof = readBase64(text.slice(end + 3));
  if (channelBinding === undefined || nonce === undefined || proof === undefined) return undefined;
  if (readBase64(channelBinding) === undefined || proof.length !== PROOF_BYTES) return undefined;
  if (!extensions.every(isOptionalExtension)) return undefined;
  return { channelBinding, nonce, withoutProof, proof };
}

function isMessage(text: unknown): text is string {
  return typeof text === "string" && text.length <= LONGEST_MESSAGE && text.isWellFormed();
}

function fieldValue(field: string | undefined, name: string): string | undefined {
  return field?.startsWith(`${name}=`) ? field.slice(2) : undefined;
}

/** `saslname`: a comma and an equals sign are written `=2C` and `=3D`; every other `=` is an error. */
function readSaslName(text: string | undefined): string | undefined {
  if (text === undefined || !/^(?:[^=,\0]|=2C|=3D)+$/.test(text)) return undefined;
  return text.replace(/=2C/g, ",").replace(/=3D/g, "=");
}

/** `printable`: visible ASCII without a comma. */
function readNonce(text: string | undefined): string | undefined {
  if (text === undefined || text.length > LONGEST_NONCE) return undefined;
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text) ? text : undefined;
}

/** One spelling only, the RFC's: padded, without blanks. */
function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64") === text ? bytes : undefined;
}

/** `attr-val` of a letter that means nothing yet: what must be understood (`m=`) is not, and nothing is said twice. */
function isOptionalExtension(field: string): boolean {
  return /^[A-Zbdf-hj-loqt-uw-z]=[^\0]+$/.test(field);
}
