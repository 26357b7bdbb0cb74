import type { Person } from "../authentication/person.ts";

/** What a session holds of a login: who and what and when, never a password. Times are `Date.now()`. */
export interface LoginRecord {
  /** A random name for this very login, so that it can be ended for good. */
  readonly login: string;
  /** Which directory said so: a digest of the realm's id. */
  readonly realm: string;
  readonly person: Person;
  readonly authenticatedAt: number;
  /** When the entry was last read. */
  readonly checkedAt: number;
  /** When the last request came, give or take a little. */
  readonly seenAt: number;
}

/** Clocks of several servers that share a store may differ by this much. */
const CLOCK_SKEW = 60_000;

/** The form in which a session holds it: one text, as express-session looks through all that a session holds several times for each request. */
export function formatLoginRecord(record: LoginRecord): string {
  return JSON.stringify(record);
}

/** Reads a record, see `parseLoginRecord`. */
export type ParseLoginRecord = (stored: unknown, now: number) => LoginRecord | undefined;

/** Records that are kept as they were read: a session comes back with each request. */
const MOST = 1_000;

/** Prepares the reading of records: each is parsed once, and found again by its text. */
export function prepareLoginRecords(): ParseLoginRecord {
  const known = new Map<string, LoginRecord>();
  return (stored, now) => {
    const found = typeof stored === "string" ? known.get(stored) : undefined;
    if (found !== undefined) return isPast(found, now) ? found : undefined;
    const record = parseLoginRecord(stored, now);
    if (record === undefined || typeof stored !== "string") return undefined;
    if (known.size >= MOST) known.clear();
    known.set(stored, record);
    return record;
  };
}

/** Reads a record back out of the store; undefined if it is not one, whatever else stands there. */
export function parseLoginRecord(stored: unknown, now: number): LoginRecord | undefined {
  const value = typeof stored === "string" ? parseJson(stored) : undefined;
  if (!isObject(value)) return undefined;
  const { login, realm, authenticatedAt, checkedAt, seenAt } = value;
  const person = parsePerson(value.person);
  if (!isText(login) || !isText(realm) || !person) return undefined;
  if (!isTime(authenticatedAt) || !isTime(checkedAt) || !isTime(seenAt)) return undefined;
  const record = { login, realm, person, authenticatedAt, checkedAt, seenAt };
  return isPast(record, now) ? record : undefined;
}

function isTime(time: unknown): time is number {
  return typeof time === "number" && time >= 0;
}

function isPast({ authenticatedAt, checkedAt, seenAt }: LoginRecord, now: number): boolean {
  return Math.max(authenticatedAt, checkedAt, seenAt) <= now + CLOCK_SKEW;
}

function parsePerson(value: unknown): Person | undefined {
  if (!isObject(value)) return undefined;
  const { dn, username, otherNames, id, provider, withNul } = value;
  if (!isText(username) || !isObject(value.attributes)) return undefined;
  if (id !== undefined && !isText(id)) return undefined;
  if (provider !== undefined && !isText(provider)) return undefined;
  if (withNul !== undefined && !isTexts(withNul)) return undefined;
  if (otherNames !== undefined && !isTexts(otherNames)) return undefined;
  // Only somebody of a password file has no entry, and then it is said which file.
  if (!isText(dn) && !(dn === "" && provider !== undefined)) return undefined;
  const attributes = Object.entries(value.attributes).filter((entry): entry is [string, string[]] =>
    isTexts(entry[1]),
  );
  if (attributes.length < Object.keys(value.attributes).length) return undefined;
  return {
    dn,
    username,
    ...(otherNames === undefined ? {} : { otherNames }),
    ...(id === undefined ? {} : { id }),
    ...(provider === undefined ? {} : { provider }),
    ...(withNul === undefined ? {} : { withNul }),
    attributes: Object.fromEntries(attributes),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
