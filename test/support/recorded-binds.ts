import { readFileSync } from "node:fs";

/** What slapd 2.5 with argon2, pw-sha2, pw-pbkdf2 and pw-apr1 answered to a simple bind. */
export interface RecordedBind {
  readonly kind: string;
  /** The values of userPassword. */
  readonly stored?: string | readonly string[];
  /** Where it is the DN that matters; u0 is the first entry. */
  readonly dn?: string;
  readonly why: string;
  readonly password: string;
  readonly ok: boolean;
  readonly result: string;
}

const RECORDED = JSON.parse(
  readFileSync(new URL("../fixtures/dovecot/ldap-binds.json", import.meta.url), "utf8"),
) as readonly RecordedBind[];

const keyOf = ({ stored }: RecordedBind): string => JSON.stringify(stored);
const people = [...new Set(RECORDED.filter(({ stored }) => stored !== undefined).map(keyOf))].sort(
  (a, b) => Number(b === '"test"') - Number(a === '"test"'),
);

const personOf = (values: readonly string[], uid: string, base: string): string => `
dn: uid=${uid},${base}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
${values.map((value) => `userPassword:: ${Buffer.from(value).toString("base64")}\n`).join("")}`;

/** One entry below `base`, an organizational unit, for each stored value; u0's password is `test`. */
export function recordedPeople(base: string): string {
  const entries = people.map((key, index) => personOf([JSON.parse(key)].flat(), `u${index}`, base));
  return `dn: ${base}\nobjectClass: organizationalUnit\n${entries.join("")}`;
}

/** All recorded binds, each with the DN that it is made with: below `base` where it is a person's. */
export function recordedBinds(
  base: string,
): readonly (RecordedBind & { readonly bindDn: string })[] {
  return RECORDED.map((recorded) => {
    const bindDn = recorded.dn ?? `uid=u${people.indexOf(keyOf(recorded))},${base}`;
    return { ...recorded, bindDn };
  });
}

/** The code of a recorded result: `Invalid credentials (49)`; `anonymous` is what an anonymous bind is answered. */
export function recordedCode({ result }: RecordedBind): number {
  return result === "anonymous" ? 0 : Number(/\(([0-9]+)\)$/.exec(result)?.[1]);
}
