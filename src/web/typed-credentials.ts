import { areAcceptable, isAcceptable } from "../authentication/acceptable-credentials.ts";
import type { Credentials } from "../authentication/credentials.ts";

const LONGEST_NAME = 300;

/**
 * May what a visitor typed be looked up at all? No name is blank, holds control characters, or is longer than 300
 * characters; the rest is what every directory refuses. Nothing is trimmed or normalised: what passes goes on as typed.
 */
export function mayBeLookedUp(credentials: Credentials): boolean {
  return areAcceptable(credentials) && isName(credentials.username);
}

/** The same for a name alone. */
export function mayNameBeLookedUp(username: string): boolean {
  return isAcceptable(username) && isName(username);
}

function isName(username: string): boolean {
  return username.length <= LONGEST_NAME && username.trim() !== "" && !/\p{Cc}/u.test(username);
}
