import {
  startDirectory,
  type TestDirectory,
  type TestDirectoryOptions,
} from "../../src/testing/index.ts";

export const MAIL_BASE = "dc=example,dc=org";
export const MAIL_SERVICE = { dn: `uid=svc,${MAIL_BASE}`, password: "svc-canary-pw" } as const;

const person = (uid: string, ...lines: readonly string[]) =>
  `dn: uid=${uid},ou=People,${MAIL_BASE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@example.org\n${lines.map((line) => `${line}\n`).join("")}`;

/** A group entry; its members are uids of people or, with `cn=`, other groups. */
export const mailGroup = (cn: string, ...members: readonly string[]): string => {
  const dns = members.map((member) =>
    member.startsWith("cn=")
      ? `${member},ou=Groups,${MAIL_BASE}`
      : `uid=${member},ou=People,${MAIL_BASE}`,
  );
  return `dn: cn=${cn},ou=Groups,${MAIL_BASE}\nobjectClass: groupOfNames\ncn: ${cn}\n${dns.map((dn) => `member: ${dn}\n`).join("")}`;
};

const LDIF: readonly string[] = [
  `dn: ${MAIL_BASE}\nobjectClass: domain\ndc: example\n`,
  `dn: ou=People,${MAIL_BASE}\nobjectClass: organizationalUnit\nou: People\n`,
  `dn: ou=Groups,${MAIL_BASE}\nobjectClass: organizationalUnit\nou: Groups\n`,
  `dn: ${MAIL_SERVICE.dn}\nobjectClass: account\nuid: svc\nuserPassword: ${MAIL_SERVICE.password}\n`,
  person("alice"),
  person("bob", "userPassword: bob-pw"),
  person("testuser2", "smtpd_sender_restrictions: true"),
  mailGroup("staff", "alice", "bob"),
  mailGroup("all", "cn=staff", "testuser2"),
];

/** The built-in directory with the mail users of a small site. */
export function startMailDirectory(
  more: readonly string[] = [],
  options: Partial<TestDirectoryOptions> = {},
): Promise<TestDirectory> {
  return startDirectory({ ldif: [...LDIF, ...more].join("\n"), ...options });
}

/** A table's file for it: who has which mail address, as `uid`. Later lines stand for earlier ones of the same name. */
export function mailTable(host: string, ...lines: readonly string[]): string {
  const all = [
    `server_host = ${host}`,
    `search_base = ou=People,${MAIL_BASE}`,
    "query_filter = (mail=%s)",
    "result_attribute = uid",
    "timeout = 2",
    ...lines,
  ];
  const byName = new Map(all.map((line) => [line.split(" ")[0], line]));
  return [...byName.values(), ""].join("\n");
}

/** The members of a group, as mail addresses. */
export function groupTable(host: string, ...lines: readonly string[]): string {
  return mailTable(
    host,
    `search_base = ou=Groups,${MAIL_BASE}`,
    "query_filter = (cn=%s)",
    "result_attribute = mail",
    "special_result_attribute = member",
    ...lines,
  );
}
