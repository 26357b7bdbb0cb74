import { ratios } from "./statistics.ts";

/** What one figure should be at least, as a ratio to another one of the same round. */
export interface Target {
  readonly what: string;
  readonly to: string;
  readonly least: number;
  readonly where?: string;
}

const SESSION = "ours, session";
const HIT = "ours, Basic, cache hit";
const RANDOM = "ours, Basic, random users";
const KNOWN = "ours, Basic, known users";
const WRONG = "ours, Basic, wrong passwords";
const RAW = "raw ldapts, random users";
const APACHE = "Apache, random users";
const APACHE_ON_ONE_CORE = "Apache on one core, random users";

/** With the directory on the same machine. */
export const NEAR_TARGETS: readonly Target[] = [
  { what: SESSION, to: "bare Express, express-session", least: 0.9 },
  { what: HIT, to: "bare Express", least: 0.75 },
  { what: HIT, to: "Apache, cache hit", least: 1 },
  { what: HIT, to: "Apache on one core, cache hit", least: 1 },
  { what: RANDOM, to: RAW, least: 0.5 },
  { what: RANDOM, to: APACHE, least: 1.1 },
  { what: RANDOM, to: APACHE_ON_ONE_CORE, least: 1.1 },
  { what: WRONG, to: "Apache, wrong passwords", least: 1.5 },
  { what: WRONG, to: "Apache on one core, wrong passwords", least: 1.5 },
  { what: WRONG, to: RANDOM, least: 1 },
  { what: WRONG, to: "raw ldapts, wrong passwords", least: 0 },
  { what: KNOWN, to: RANDOM, least: 0 },
  { what: RANDOM, to: "passport-ldapauth, random users", least: 0 },
  { what: RANDOM, to: "ldap-authentication, random users", least: 0 },
];

/** With the directory some milliseconds away. */
export const FAR_TARGETS: readonly Target[] = [
  { what: RANDOM, to: RAW, least: 0.95, where: "far" },
  { what: KNOWN, to: RAW, least: 1.7, where: "far" },
  { what: RANDOM, to: APACHE, least: 1.6, where: "far" },
  { what: KNOWN, to: APACHE, least: 1.6, where: "far" },
  { what: WRONG, to: RANDOM, least: 1, where: "far" },
];

/** A row of the table; a target of 0 is none. Contestants that are not there (Apache) are not judged. */
export function judge(
  { what, to, least, where = "near" }: Target,
  measured: ReadonlyMap<string, readonly number[]>,
): string {
  // The raw one's name goes on with what it found best.
  const find = (name: string) =>
    [...measured].find(([each]) => each === name || each.startsWith(`${name}, `))?.[1];
  const [numbers, others] = [find(what), find(to)];
  const label = `${where}: ${what} / ${to}`;
  if (numbers === undefined || others === undefined) return `| ${label} | | | | not here |`;
  const { median, least: low, most } = ratios(numbers, others);
  const verdict = least === 0 ? "" : median >= least ? "PASS" : "MISS";
  const target = least === 0 ? "" : `≥ ${least.toFixed(2)}`;
  const range = `${low.toFixed(2)}–${most.toFixed(2)}`;
  return `| ${label} | ${median.toFixed(2)} | ${range} | ${target} | ${verdict} |`;
}
