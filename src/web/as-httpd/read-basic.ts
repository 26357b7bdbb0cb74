import type { Request } from "express";

/** The bytes of a Basic header, before anybody has said which charset they are in. */
export interface RawCredentials {
  readonly name: Buffer;
  readonly password: Buffer;
}

/**
 * The credentials of an `Authorization: Basic` header as httpd reads them: base64 ends at the first character that is none,
 * padding is optional, and without a colon the password is empty. `"refused"` where there is a NUL, at which httpd would end
 * the text. Undefined where there is no such header, or another scheme.
 */
export function readBasicAsHttpd(req: Request): RawCredentials | "refused" | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]*)/i.exec(req.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.includes(0)) return "refused";
  const colon = bytes.indexOf(":");
  if (colon < 0) return { name: bytes, password: Buffer.alloc(0) };
  return { name: bytes.subarray(0, colon), password: bytes.subarray(colon + 1) };
}
