import { readFileSync } from "node:fs";

/** A value that `doveadm pw -s SCHEME -p PASSWORD` of Dovecot 2.3.19 has made. */
export interface RecordedValue {
  readonly scheme: string;
  readonly password: string;
  readonly stored: string;
  /** Only with DIGEST-MD5. */
  readonly user?: string;
}

/** What `doveadm pw -t STORED -p PASSWORD -u USER` of Dovecot 2.3.19 said. */
export interface RecordedVerdict {
  readonly stored: string;
  readonly password: string;
  readonly user: string;
  /** How the value or the password was made wrong, or `right`. */
  readonly why: string;
  readonly ok: boolean;
  readonly stderr?: string;
}

function read(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../fixtures/dovecot/${name}.json`, import.meta.url), "utf8"),
  );
}

export const RECORDED_VALUES = read("vectors") as readonly RecordedValue[];
export const RECORDED_VERDICTS = read("verify") as readonly RecordedVerdict[];
/** Values that slapd's own modules and slappasswd have made; those in plain text have no `{SCHEME}`. */
export const SLAPPASSWD_VALUES = read("ldap-vectors") as readonly RecordedValue[];

/** Runs the checks a few at a time, so that none waits too long for its thread. */
export async function forEachRecorded<T>(
  records: readonly T[],
  check: (record: T) => Promise<void>,
): Promise<void> {
  const left = [...records].reverse();
  const work = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await check(next);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
