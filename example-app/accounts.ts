const DAY = 86_400;

/** Names to try whose accounts are not as they should be, and what comes of it. Each password is the name and `-pw`. */
export const ACCOUNTS_TO_TRY: readonly (readonly [username: string, about: string])[] = [
  ["newcomer", "has to choose a new password first"],
  ["dutiful", "the password expires in 3 days"],
  ["forgetful", "the password has expired, and is accepted three more times"],
  ["leaver", "the account is disabled"],
];

/**
 * These people, as LDIF for the built-in directory, with a password policy: their passwords are as old as the day says. `pwdChangedTime` and the
 * like are the server's own attributes, which other directories do not take from a file.
 */
export function accountsLdif(now: Date): string {
  const ago = (days: number): string => {
    const date = new Date(now.getTime() - days * DAY * 1_000);
    return date.toISOString().replace(/[-:T]|\.\d+/g, "");
  };
  return [
    `dn: cn=policy,ou=Services,dc=domain,dc=org
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdMaxAge: ${90 * DAY}
pwdExpireWarning: ${14 * DAY}
pwdGraceAuthNLimit: 4
pwdCheckQuality: 2
pwdMinLength: 8
pwdInHistory: 5
`,
    personLdif("newcomer", "pwdReset: TRUE"),
    personLdif("dutiful", `pwdChangedTime: ${ago(86.99)}`),
    personLdif("forgetful", `pwdChangedTime: ${ago(100)}`),
    personLdif("leaver", "nsAccountLock: TRUE"),
  ].join("\n");
}

function personLdif(username: string, state: string): string {
  return `dn: uid=${username},ou=web,dc=domain,dc=org
objectClass: inetOrgPerson
objectClass: webAccessUser
uid: ${username}
cn: User ${username}
sn: Test
WebAccess: MyWebApp_Level_1
MyWebAccess: MyWebApp_Level_1
userPassword: ${username}-pw
pwdPolicySubentry: cn=policy,ou=Services,dc=domain,dc=org
${state}
`;
}
