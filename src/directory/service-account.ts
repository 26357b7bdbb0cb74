import { readFile } from "node:fs/promises";
import { DirectoryError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Connection } from "./connection.ts";
import type { PasswordSource, ServiceAccount } from "./directory-settings.ts";
import { externalBind, type Request, simpleBind } from "./requests.ts";
import { isServerFailure, resultError, SUCCESS } from "./result-codes.ts";

/** Makes a fresh connection the service account's. Rejects with a `DirectoryError` (`service-account` among others). */
export type BindServiceAccount = (
  connection: Connection,
  server: string,
  timeout: number,
  signal: AbortSignal,
) => Promise<void>;

const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 60_000;

interface Refusal {
  readonly error: DirectoryError;
  readonly password: string | undefined;
  readonly pause: number;
  readonly until: number;
}

/**
 * The bind of the service account, for every connection that searches. After a refusal the same password is not
 * tried again for a growing while: directories lock an account after a handful of wrong ones.
 */
export function prepareServiceAccount(account: ServiceAccount, log: Log): BindServiceAccount {
  let refusal: Refusal | undefined;

  return async (connection, server, timeout, signal) => {
    if (account.kind === "anonymous" && !account.binds) return;
    const { request, password } = await prepareBind(account, signal);
    if (refusal && refusal.password === password && performance.now() < refusal.until) {
      throw refusal.error;
    }

    const { result } = await connection.request(request, timeout);
    if (result.code === SUCCESS) {
      refusal = undefined;
      return;
    }
    if (isServerFailure(result.code)) throw resultError(server, result);
    const error = refused(server, result.code);
    const pause = refusal ? Math.min(refusal.pause * 2, LONGEST_PAUSE) : FIRST_PAUSE;
    refusal = { error, password, pause, until: performance.now() + pause };
    log({
      level: "error",
      event: "service-account-refused",
      message: "Nobody can sign in: the directory refuses the service account.",
      details: {
        server,
        resultCode: result.code,
        ...(account.kind === "simple" && { dn: account.dn }),
      },
    });
    throw error;
  };
}

async function prepareBind(
  account: ServiceAccount,
  signal: AbortSignal,
): Promise<{ readonly request: Request; readonly password: string | undefined }> {
  // An empty name and password say that it is nobody, and nothing else.
  if (account.kind === "anonymous") return { request: simpleBind("", ""), password: undefined };
  if (account.kind === "external") return { request: externalBind(), password: undefined };
  const password = await readPassword(account.password, signal);
  if (account.dn.trim() === "") {
    // Some servers take it for an anonymous bind (RFC 4513 section 5.1.1), all get to see the password.
    const message = "The service account has a password and no name.";
    throw new DirectoryError(message, { code: "service-account" });
  }
  return { request: simpleBind(account.dn, password), password };
}

function refused(server: string, resultCode: number): DirectoryError {
  const message = `${server} refuses the service account (result code ${resultCode})`;
  return new DirectoryError(message, { code: "service-account", resultCode });
}

/** Never empty: a DN with an empty password would be an anonymous "success" (RFC 4513 section 5.1.2). */
async function readPassword(source: PasswordSource, signal: AbortSignal): Promise<string> {
  const password = await readSource(source, signal);
  if (typeof password !== "string" || password === "") {
    throw new DirectoryError("The service account's password is empty.", {
      code: "service-account",
    });
  }
  return password;
}

async function readSource(source: PasswordSource, signal: AbortSignal): Promise<unknown> {
  if (typeof source === "string") return source;
  try {
    if (typeof source === "function") return await unlessAborted(source, signal);
    // An editor's, or echo's, one line end does not belong to it.
    return (await readFile(source.file, { encoding: "utf8", signal })).replace(/\r?\n$/, "");
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    // A function's own message may hold anything.
    const reason = typeof source === "object" ? `: ${messageOf(cause)}` : ".";
    throw new DirectoryError(`The service account's password could not be read${reason}`, {
      code: "service-account",
      cause,
    });
  }
}

async function unlessAborted(
  ask: () => string | Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "unknown reason";
}
