import { fixtureAccess, fixtureLdif, startFixtureDirectory } from "./fixture-directory.ts";
import { type SlapdOptions, slapd, startSlapd } from "./slapd.ts";

/** A time of so many seconds ago, as LDAP writes it. */
function ago(seconds: number): string {
  const text = new Date(Date.now() - seconds * 1_000).toISOString();
  return `${text.replace(/[-:T]|\.\d+Z$/g, "")}Z`;
}

const HOUR = 3_600;
const POLICIES = "ou=policies,dc=domain,dc=org";

function policy(name: string, more: string): string {
  return `dn: cn=${name},${POLICIES}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: ${name}
pwdAttribute: userPassword
pwdAllowUserChange: TRUE
pwdMustChange: TRUE
${more}`;
}

function person(name: string, policyName: string, more: readonly string[] = []): string {
  const lines = [
    `dn: ${policyPerson(name)}`,
    "objectClass: inetOrgPerson",
    "objectClass: shadowAccount",
    `uid: ${name}`,
    `cn: ${name}`,
    `sn: ${name}`,
    `userPassword: ${name}-pw`,
    `pwdPolicySubentry: cn=${policyName},${POLICIES}`,
  ];
  return [...lines, ...more].join("\n");
}

/** The DN of one of these people; the password is the name and `-pw`. */
export function policyPerson(name: string): string {
  return `uid=${name},ou=people,dc=domain,dc=org`;
}

/** OpenLDAP with its password policy: an hour for a password, and people in each state of it. */
export const passwordPolicySlapd: SlapdOptions = {
  modules: ["ppolicy"],
  access: `access to attrs=userPassword by self write by anonymous auth by * none
access to attrs=pwdAccountLockedTime,shadowExpire by * read`,
  database: `overlay ppolicy
ppolicy_use_lockout
ppolicy_hash_cleartext`,
  ldif: [
    `dn: ${POLICIES}\nobjectClass: organizationalUnit\nou: policies`,
    policy(
      "hourly",
      `pwdMaxAge: ${HOUR}\npwdExpireWarning: 600\npwdGraceAuthNLimit: 2\npwdMinLength: 6\npwdCheckQuality: 2\npwdInHistory: 3`,
    ),
    policy("strict", `pwdMaxAge: ${HOUR}`),
    policy("lockout", "pwdLockout: TRUE\npwdMaxFailure: 3\npwdLockoutDuration: 600"),
    policy("young", "pwdMinAge: 3600"),
    policy("fixed", "pwdMaxFailure: 0").replace(
      "pwdAllowUserChange: TRUE",
      "pwdAllowUserChange: FALSE",
    ),
    person("fresh", "hourly", [`pwdChangedTime: ${ago(60)}`]),
    person("other", "hourly", [`pwdChangedTime: ${ago(60)}`]),
    person("reset", "hourly", [`pwdChangedTime: ${ago(60)}`, "pwdReset: TRUE"]),
    person("soon", "hourly", [`pwdChangedTime: ${ago(HOUR - 300)}`]),
    person("grace", "hourly", [`pwdChangedTime: ${ago(HOUR + 60)}`]),
    person("expired", "strict", [`pwdChangedTime: ${ago(HOUR + 60)}`]),
    person("guessed", "lockout"),
    person("banned", "lockout", ["pwdAccountLockedTime: 000001010000Z"]),
    person("young", "young", [`pwdChangedTime: ${ago(60)}`]),
    person("fixed", "fixed"),
    person("left", "hourly", ["shadowExpire: 1"]),
  ].join("\n\n"),
};

/** A directory with those people, reached over TLS. */
export interface PolicyDirectory {
  readonly ldapsUrl: string;
  readonly ca: string;
  close(): Promise<void>;
}

/** The same people in the built-in directory, closed by whoever starts it. */
export async function startPolicyDirectory(): Promise<PolicyDirectory> {
  const {
    ldapsUrl = "",
    ca = "",
    close,
  } = await startFixtureDirectory({
    ldif: `${fixtureLdif}\n${passwordPolicySlapd.ldif}`,
    tls: true,
    access: (request) =>
      request.operation === "password-modify" ? request.who === request.dn : fixtureAccess(request),
  });
  return { ldapsUrl, ca, close };
}

/** Both. */
export const policyDirectories: readonly {
  readonly name: string;
  readonly skip: string | false;
  start(): Promise<PolicyDirectory>;
}[] = [
  { name: "the built-in directory", skip: false, start: startPolicyDirectory },
  { name: "OpenLDAP", skip: slapd.skip, start: () => startSlapd(passwordPolicySlapd) },
];
