import type { Request } from "express";
// In your own project, this is "express-authnz-ldap".
import type { Guard } from "../src/index.ts";

/** What a guard says: it lets in, it refuses, or the directory could not be asked. */
export type Verdict = "granted" | "refused" | "unknown";

/** For menus and explanations; the route itself still has the guard. */
export async function mayPass(guard: Guard, req: Request): Promise<Verdict> {
  try {
    return (await guard.allows(req)) ? "granted" : "refused";
  } catch {
    return "unknown";
  }
}
