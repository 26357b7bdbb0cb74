import type { Credentials } from "./credentials.ts";

/** The most bytes of UTF-8 in a name or a password. */
export const LONGEST_CREDENTIAL = 1_024;

/** May this text go to a directory as a name or a password? Not empty, no NUL, at most 1,024 bytes of UTF-8. */
export function isAcceptable(text: unknown): text is string {
  return (
    typeof text === "string" &&
    text.length > 0 &&
    text.length <= LONGEST_CREDENTIAL &&
    !text.includes("\0") &&
    text.isWellFormed() &&
    Buffer.byteLength(text) <= LONGEST_CREDENTIAL
  );
}

/**
 * Whether credentials may be sent to a directory at all. An empty password is an *unauthenticated bind* there, which
 * many servers answer with success (RFC 4513 section 5.1.2); a NUL ends the text in a server written in C; a lone
 * surrogate has no UTF-8. `emptyPassword` is whether somebody may have none: in a password file, never in a directory.
 */
export function areAcceptable(
  credentials: unknown,
  emptyPassword = false,
): credentials is Credentials {
  if (typeof credentials !== "object" || credentials === null) return false;
  const { username, password } = credentials as Record<string, unknown>;
  return isAcceptable(username) && (isAcceptable(password) || (emptyPassword && password === ""));
}
