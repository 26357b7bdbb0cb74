const BLANKS = /[ \t\r\n]+/g;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 as Dovecot takes it: RFC 4648 section 4 with its padding, blanks and line ends anywhere ignored. Undefined for all else. */
export function decodeBase64(text: string): Buffer | undefined {
  const letters = text.replace(BLANKS, "");
  if (letters.length % 4 !== 0 || !BASE64.test(letters)) return undefined;
  return Buffer.from(letters, "base64");
}

/** Hexadecimal digits in pairs, in either case, and nothing else. */
export function decodeHex(text: string): Buffer | undefined {
  if (text.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(text)) return undefined;
  return Buffer.from(text, "hex");
}
