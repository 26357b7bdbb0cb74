import type { ScramExchange } from "../../authentication/mechanisms/scram-sha-256.ts";

/** For how long a challenge may be answered, in milliseconds. */
export const LIFETIME = 120_000;

/** A challenge that was given out, as a session holds it. */
export type ChallengeRecord = {
  /** Names it; nobody but the session knows it. */
  readonly id: string;
  /** Which `authnzLdap` gave it out. */
  readonly realm: string;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
} & Given;

/** What was given out. */
export type Given =
  | { readonly mechanism: "cram-md5"; readonly challenge: string }
  | { readonly mechanism: "scram-sha-256"; readonly exchange: ScramExchange };

/** Reads what a session holds: undefined for all that `JSON.stringify` did not make of a record. Never throws. */
export function parseChallengeRecord(stored: unknown): ChallengeRecord | undefined {
  if (typeof stored !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(stored);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ChallengeRecord {
  if (!has(value, { id: "string", realm: "string", madeAt: "number", mechanism: "string" })) {
    return false;
  }
  if (value.mechanism === "cram-md5") return has(value, { challenge: "string" });
  return value.mechanism === "scram-sha-256" && has(value.exchange, EXCHANGE);
}

const EXCHANGE: Readonly<Record<keyof ScramExchange, "string" | "number">> = {
  username: "string",
  clientFirstBare: "string",
  serverFirst: "string",
  gs2Header: "string",
  nonce: "string",
  salt: "string",
  iterations: "number",
};

function has(
  value: unknown,
  types: Readonly<Record<string, "string" | "number">>,
): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(types).every(
    ([key, type]) => Object.hasOwn(value, key) && typeof Reflect.get(value, key) === type,
  );
}
