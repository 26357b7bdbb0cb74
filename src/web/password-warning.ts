import type { Request } from "express";
import type { PasswordWarning } from "../directory/account-answer.ts";
import { sessionOf, type WebSession } from "./session.ts";
import { visitOf } from "./visit.ts";

const WARNING = "authnzLdapWarning";

/** What a session holds of a warning. Times are `Date.now()`. */
interface KeptWarning {
  readonly expiresAt?: number;
  readonly graceLogins?: number;
  readonly isShown: boolean;
}

/**
 * What somebody who is signed in should know of their password, as their last login said: that it expires in so many seconds, or that it
 * has expired and is accepted so many more times. Undefined where there is nothing to tell, and where nobody is signed in.
 */
export function passwordWarning(req: Request): PasswordWarning | undefined {
  const visit = visitOf(req);
  if (visit?.by !== "session") return visit?.warning;
  const kept = keptWarning(sessionOf(req));
  return kept && remaining(kept);
}

/** Keeps it in the session of a new login. */
export function keepWarning(session: WebSession, warning: PasswordWarning): void {
  const { expiresIn, graceLogins } = warning;
  write(session, {
    ...(expiresIn === undefined ? {} : { expiresAt: Date.now() + expiresIn * 1_000 }),
    ...(graceLogins === undefined ? {} : { graceLogins }),
    isShown: false,
  });
}

/** The warning of a login, if it has not been shown; `shown` notes that it is now. */
export function freshWarning(
  req: Request,
): { readonly warning: PasswordWarning; shown(): void } | undefined {
  const session = sessionOf(req);
  const kept = keptWarning(session);
  if (session === undefined || kept === undefined || kept.isShown) return undefined;
  return {
    warning: remaining(kept),
    shown: () => write(session, { ...kept, isShown: true }),
  };
}

/** As a header says it to who signs in by JSON: a dictionary of RFC 9651. */
export function warningHeader({ expiresIn, graceLogins }: PasswordWarning): string {
  const parts = [
    ...(expiresIn === undefined ? [] : [`expires-in=${Math.trunc(expiresIn)}`]),
    ...(graceLogins === undefined ? [] : [`grace-logins=${Math.trunc(graceLogins)}`]),
  ];
  return parts.join(", ");
}

function remaining({ expiresAt, graceLogins }: KeptWarning): PasswordWarning {
  const seconds = expiresAt === undefined ? undefined : (expiresAt - Date.now()) / 1_000;
  return {
    ...(seconds === undefined ? {} : { expiresIn: Math.max(0, Math.round(seconds)) }),
    ...(graceLogins === undefined ? {} : { graceLogins }),
  };
}

function write(session: WebSession, kept: KeptWarning): void {
  session[WARNING] = JSON.stringify(kept);
}

/** Undefined for what is no warning, whatever else stands there. */
function keptWarning(session: WebSession | undefined): KeptWarning | undefined {
  const stored = session?.[WARNING];
  if (typeof stored !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(stored);
    return isKeptWarning(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isKeptWarning(value: unknown): value is KeptWarning {
  if (typeof value !== "object" || value === null || !("isShown" in value)) return false;
  const isNumber = (key: string) => {
    const found = (value as Record<string, unknown>)[key];
    return found === undefined || typeof found === "number";
  };
  return typeof value.isShown === "boolean" && isNumber("expiresAt") && isNumber("graceLogins");
}
