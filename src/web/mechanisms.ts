import type { Mechanism } from "../authentication/credentials.ts";
import type { WebSettings } from "./web-settings.ts";

/** A mechanism with a challenge. */
export type ChallengeMechanism = Exclude<Mechanism, "plain">;

/** As IANA has them (RFC 4422 section 6), the one that is worth most first. */
const SASL_NAMES: readonly (readonly [Mechanism, name: string])[] = [
  ["scram-sha-256", "SCRAM-SHA-256"],
  ["cram-md5", "CRAM-MD5"],
  ["plain", "PLAIN"],
];

/** Whether a name and a password may be sent at all. */
export function takesPasswords({ mechanisms }: WebSettings): boolean {
  return mechanisms.includes("plain");
}

/** Whether they may be sent by HTTP Basic. */
export function takesBasic(settings: WebSettings): boolean {
  return settings.basic && takesPasswords(settings);
}

/** Those with a challenge that are offered. */
export function challengesOf({ mechanisms }: WebSettings): readonly ChallengeMechanism[] {
  return mechanisms.filter((each): each is ChallengeMechanism => each !== "plain");
}

/** What is offered, as clients call it, the one that is worth most first. */
export function saslNames({ mechanisms }: WebSettings): readonly string[] {
  return SASL_NAMES.flatMap(([mechanism, name]) => (mechanisms.includes(mechanism) ? [name] : []));
}

/** What a client calls it. */
export function saslName(mechanism: ChallengeMechanism): string {
  return mechanism.toUpperCase();
}

/** The one with a challenge that a client means, in any letter case; undefined where it is not offered. */
export function offeredChallenge(
  settings: WebSettings,
  name: string,
): ChallengeMechanism | undefined {
  return challengesOf(settings).find((each) => each === name.toLowerCase());
}
