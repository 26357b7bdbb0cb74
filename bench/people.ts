import { createHash } from "node:crypto";

/** How many people the benchmark's directory has. */
export const PEOPLE = 10_000;

/** The base of the tree, and the account that searches. */
export const BASE = "dc=bench,dc=test";
export const SERVICE = { dn: `cn=service,${BASE}`, password: "service-pw" } as const;

export function usernameOf(number: number): string {
  return `user${number}`;
}

export function passwordOf(number: number): string {
  return `secret-${number}`;
}

/** Neighbours in time are nobody near in the index: all come once before anybody comes again. */
export function personAt(turn: number): number {
  // Has no factor in common with PEOPLE.
  return (turn * 7_919) % PEOPLE;
}

/** The whole tree as LDIF. */
export function writeLdif(): string {
  const tree = [
    `dn: ${BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: bench\no: Bench\n`,
    `dn: ou=people,${BASE}\nobjectClass: organizationalUnit\nou: people\n`,
    [
      `dn: ${SERVICE.dn}`,
      "objectClass: organizationalRole",
      "objectClass: simpleSecurityObject",
      "cn: service",
      `userPassword: ${SERVICE.password}\n`,
    ].join("\n"),
  ];
  for (let number = 0; number < PEOPLE; number++) {
    const uid = usernameOf(number);
    tree.push(
      [
        `dn: uid=${uid},ou=people,${BASE}`,
        "objectClass: inetOrgPerson",
        `uid: ${uid}`,
        `cn: User ${number}`,
        `sn: ${number}`,
        `mail: ${uid}@bench.test`,
        `userPassword: ${saltedHash(passwordOf(number))}\n`,
      ].join("\n"),
    );
  }
  return tree.join("\n");
}

function saltedHash(password: string): string {
  const salt = createHash("sha1").update(`salt ${password}`).digest().subarray(0, 8);
  const digest = createHash("sha1").update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString("base64")}`;
}
