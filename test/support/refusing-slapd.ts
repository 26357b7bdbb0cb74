import { shaCrypt } from "../../src/passwords/crypt/sha-crypt.ts";
import { type Slapd, startSlapd } from "./slapd.ts";

/** What a check of a password costs the server: `usual` is {SSHA}, `slow` a hash that takes tens of milliseconds. */
export type HashCost = "usual" | "slow";

/** The names that are refused by `startRefusingSlapd`, by why. None of them has the password `wrong`. */
export const REFUSED = {
  "wrong password": "timing",
  "wrong password of who has signed in before": "known",
  "unknown user": "nobody",
  "disabled account": "disabled",
  "ambiguous user": "twin",
  "user without password": "nopw",
} as const;

/** About 10 ms of a processor. */
const ROUNDS = 20_000;
/** The right password of all of them that have one, by what its hash costs. */
export const RIGHT: Readonly<Record<HashCost, string>> = { usual: "alice-pw", slow: "timing-pw" };

/** People who have tried before, with hashes like everybody's: it is from them that a process knows how long a check takes. */
export const EARLIER: readonly string[] = ["early1", "early2", "early3", "early4"];
const PEOPLE = "ou=People,dc=domain,dc=org";

/** A slapd with the password policy overlay, which refuses a disabled account before it looks at the password. */
export async function startRefusingSlapd(cost: HashCost): Promise<Slapd> {
  const hash =
    cost === "usual"
      ? "{SSHA}fvevPd8vxtoCZBJpDdXGuxaqxxuP31MgkzTkPQ=="
      : `{CRYPT}$6$rounds=${ROUNDS}$saltsalt$${shaCrypt(RIGHT.slow, "saltsalt", "$6$", ROUNDS)}`;
  const person = (name: string, more = "") => `dn: uid=${name},${PEOPLE}
objectClass: inetOrgPerson
uid: ${name}
cn: ${name}
sn: ${name}
userPassword: ${hash}
${more}
`;
  return startSlapd({
    modules: ["ppolicy"],
    database: `overlay ppolicy\nppolicy_default "cn=policy,dc=domain,dc=org"`,
    ldif: `dn: cn=policy,dc=domain,dc=org
objectClass: organizationalRole
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 0

${["timing", "known", ...EARLIER].map((name) => person(name)).join("\n")}
${person("disabled", "pwdAccountLockedTime: 000001010000Z\n")}`,
  });
}
