// In your own project, this is "express-authnz-ldap".
import { hashPassword, type Mechanism } from "../../src/index.ts";
// In your own project, this is "express-authnz-ldap/testing".
import { type AccessRequest, defaultAccess } from "../../src/testing/index.ts";

/** The mail server's users, and what is special about them. Each password is the name and `-pw`. */
export const MAIL_USERS_TO_TRY: readonly (readonly [username: string, about: string])[] = [
  ["testuser1", "reads and sends mail"],
  ["testuser2", "is suspended: reads mail, but can't send any"],
];

/**
 * These users, as LDIF for the built-in directory. Their passwords are stored so that only a mail server can check them, not a bind: as `{SCRAM-SHA-256}`
 * for that mechanism, else as `{CRAM-MD5}`.
 */
export async function mailUsersLdif(mechanism: Mechanism): Promise<string> {
  const scheme = mechanism === "scram-sha-256" ? "SCRAM-SHA-256" : "CRAM-MD5";
  const users = await Promise.all(
    MAIL_USERS_TO_TRY.map(async ([username]) => {
      const stored = await hashPassword(`${username}-pw`, scheme);
      return userLdif(username, stored, username === "testuser2");
    }),
  );
  return `${TREE}\n${users.join("\n")}`;
}

/** Only Dovecot's account may read stored passwords. */
export function mayAccess(request: AccessRequest): boolean {
  const { who, operation, attribute } = request;
  const isDovecot = who === "cn=dovecot,ou=services,dc=example,dc=org";
  return (
    (isDovecot && operation === "search" && attribute === "userpassword") || defaultAccess(request)
  );
}

const TREE = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=People,dc=example,dc=org
objectClass: organizationalUnit
ou: People

dn: ou=Services,dc=example,dc=org
objectClass: organizationalUnit
ou: Services

dn: cn=dovecot,ou=Services,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: dovecot
userPassword: dovecot-pw
`;

function userLdif(username: string, stored: string, isSuspended: boolean): string {
  return `dn: uid=${username},ou=People,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${username}
cn: ${username}
sn: Test
mail: ${username}@example.org
userPassword: ${stored}
${isSuspended ? "smtpd_sender_restrictions: true\n" : ""}`;
}
