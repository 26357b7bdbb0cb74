import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { askTable } from "../support/ask-table.ts";
import { lookupExceptions } from "../support/lookup-exceptions.ts";
import {
  type PostfixServers,
  startPostfixServers,
  startRecordedSlapd,
} from "../support/postfix-servers.ts";
import { type Postmap, postmap, preparePostmap } from "../support/postmap.ts";
import { type RecordedLookup, recordedLookups } from "../support/recorded-lookups.ts";
import { slapd } from "../support/slapd.ts";

const GROUPS = "ou=Groups,dc=example,dc=org";
const BOB = "uid=bob,ou=People,dc=example,dc=org";
const OF_ALL = `search_base = ${GROUPS}\nquery_filter = (cn=%s)\n`;
const NESTED = `${OF_ALL}\
result_attribute = memberaddr
special_result_attribute = memberurl memberdn
leaf_result_attribute = mail
`;

/** What the recorded look-ups leave out, by the names of groups. */
const groups: Readonly<Record<string, readonly string[]>> = {
  options: [
    "mail;lang-en: en@example.org",
    "mail: plain@example.org",
    "maildrop;lang-en: drop@example.org",
    "memberaddr: addr@example.org",
  ],
  group: [
    "memberdn: uid=alice,ou=People,dc=example,dc=org",
    "mail: group@example.org",
    "maildrop;lang-de: de@example.org",
  ],
  latin: ["octets:: Y2Fm6Q=="],
  cut: ["octets:: Y2FmAOk="],
  sharp: ["exactKey: strasse@example.org"],
  "sharp-s": ["exactKey:: c3RyYcOfZUBleGFtcGxlLm9yZw=="],
  dotless: ["exactKey:: xLF4QGV4YW1wbGUub3Jn"],
  sigma: ["exactKey:: zrHPg0BleGFtcGxlLm9yZw=="],
};

/** LDAP URLs in a special attribute. */
const urls = [
  `<URL:ldap:///${BOB}?mail>`,
  `LDAPS://host:636/${BOB}?MAIL?BASE`,
  `ldap:///${BOB}?mail?base?mail=bob@example.org`,
  `ldap:///${BOB}?mail?base?(mail=bob@example.org)?x=y`,
  `ldap:///${BOB}?mail?base?(mail=bob@example.org)?x=y?z`,
  `ldap:///${BOB}?mail?base?(mail=bob@example.org)?`,
  `ldap://host:99999/${BOB}?mail`,
  "ldap:///uid=bob%2Cou=People,dc=example,dc=org?ma%69l",
  `ldap:///${BOB}?mail?weird`,
  `ldap:///${BOB}?*`,
  `ldap:///${BOB}?mail,cn?base?`,
  `ldapi://%2Ftmp/${BOB}?mail`,
  `ldap:///${BOB}?mail;lang-en`,
  `ldap:///cn=options,${GROUPS}?mail;lang-en`,
  `ldap:///cn=options,${GROUPS}??base?%28objectClass=*%29`,
  "ldap:///",
  "ldap://",
  `ldap:///${BOB}?mail?base?%zz`,
  `cldap:///${BOB}?mail`,
  "ldap:///ou=People,dc=example,dc=org?mail?one?(&(uid=bob)(mail=*))",
  `ldap:///${BOB}?mail,?one`,
];

const filters = [
  "&(cn=%s)",
  "!(cn=%s)",
  "(!(cn=x)(cn=%s))",
  "(cn:=%s)",
  "(:dn:cn:=%s)",
  "(cn=%s**)",
  "(=%s)",
  "(cn=%s)x",
  "(cn=\\zz%s)",
  "(|)",
  "(&)",
  "cn=*",
  "(CN;lang-en=%s)",
  "(|(cn=%s)(cn=latin))",
];

const cases: readonly (readonly [cf: string, key: string, ...args: string[]])[] = [
  ...["mail", "mail;lang-en", "mail;lang-de", "mail;LANG-EN mail", "mail mail;lang-en"].map(
    (attribute) => [`${OF_ALL}result_attribute = ${attribute}\n`, "options"] as const,
  ),
  ...["commonName", "2.5.4.3", "* cn", "1.1 cn", "+", "entryDN", "no_such cn"].map(
    (attribute) => [`${OF_ALL}result_attribute = ${attribute}\n`, "options"] as const,
  ),
  ...["options", "group"].flatMap((key) =>
    ["maildrop", "maildrop;lang-en"].flatMap((terminal) => [
      [`${NESTED}terminal_result_attribute = ${terminal}\n`, key] as const,
      [`${NESTED}terminal_result_attribute = ${terminal}\nleaf_result_attribute =\n`, key] as const,
    ]),
  ),
  [`${OF_ALL}result_attribute = octets\n`, "latin"],
  [`${OF_ALL}result_attribute = octets\n`, "cut"],
  ...["Straße", "STRASSE", "ıx", "IX", "ΑΣ", "ας"].flatMap((name) => {
    const cf = `search_base = ${GROUPS}\nquery_filter = (exactKey=%s)\nresult_attribute = cn\n`;
    const key = `${name}@example.org`;
    return [[cf, key] as const, [cf, key, "-f"] as const];
  }),
  ...urls.map((_, index) => [NESTED, `url${index}`] as const),
  ...filters.map(
    (filter) =>
      [
        `search_base = ${GROUPS}\nquery_filter = ${filter}\nresult_attribute = cn\n`,
        "cut",
      ] as const,
  ),
];

function ldif(): string {
  const all = [
    ...Object.entries(groups),
    ...urls.map((url, index) => [`url${index}`, [`memberurl: ${url}`]] as const),
  ];
  const entries = all.map(
    ([name, lines]) =>
      `dn: cn=${name},${GROUPS}\nobjectClass: oracleGroup\nobjectClass: oracleThing\ncn: ${name}\n${lines.join("\n")}\n`,
  );
  return entries.join("\n");
}

/** A failing postmap sleeps for a second: so many of the records that fail are enough. */
const FAILING = 12;
/** It mostly sleeps, too, while it waits for a name server. */
const AT_A_TIME = 40;

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

const skip = slapd.skip === false ? postmap.skip : slapd.skip;

describe("postmap, and a table", { skip }, () => {
  let servers: PostfixServers;
  let program: Postmap;
  before(async () => {
    servers = await startPostfixServers(startRecordedSlapd(ldif()));
    program = await preparePostmap();
  });
  after(() => Promise.all([servers?.close(), program?.close()]));

  async function compare(cf: string, key: string, ...args: readonly string[]): Promise<void> {
    const text = servers.fileText(cf);
    const real = await program.query(text, key, ...args);
    const { outcome, value } = await askTable({ text }, key, { foldKeys: !args.includes("-f") });
    assert.deepEqual({ outcome, value }, real, `${key} ${args} in\n${text}`);
  }

  it("say the same of the recorded keys", { timeout: 120_000 }, async () => {
    const usable = recordedLookups.filter(
      ({ id, cf, keyHex }) => cf !== null && keyHex === undefined && !lookupExceptions.has(id),
    );
    const failing = usable.filter(({ outcome }) => outcome === "error");
    const step = Math.floor(failing.length / FAILING);
    const chosen = [
      ...usable.filter(({ outcome }) => outcome !== "error"),
      ...failing.filter((_, index) => index % step === 0),
    ];
    assert(chosen.length > 330, String(chosen.length));
    await forEach(chosen, ({ cf, key }: RecordedLookup) => compare(cf ?? "", key));
  });

  it("say the same of options, letter case, URLs and filters", { timeout: 120_000 }, async () => {
    const server = "server_host = 127.0.0.1\nserver_port = 11110\ntimeout = 5\n";
    await forEach(cases, ([cf, key, ...args]) => compare(server + cf, key, ...args));
  });
});
