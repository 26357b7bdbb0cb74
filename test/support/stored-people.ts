import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createChanges } from "../../src/authentication/changes.ts";
import {
  cramMd5Proof,
  newCramMd5Challenge,
  readCramMd5Response,
} from "../../src/authentication/mechanisms/cram-md5.ts";
import {
  readClientFinal,
  readClientFirst,
} from "../../src/authentication/mechanisms/scram-messages.ts";
import { makeServerFirst, scramProof } from "../../src/authentication/mechanisms/scram-sha-256.ts";
import type { AuthnzLdapOptions, LogRecord } from "../../src/index.ts";
import { escapeDnValue } from "../../src/ldap/dn.ts";
import { type OpenedRealm, openRealm } from "../../src/open-realm.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import { type AccessRequest, startDirectory, type TestDirectory } from "../../src/testing/index.ts";
import type { Realm, RealmResult } from "../../src/web/realm.ts";
import { scramClientFinal } from "./scram-client.ts";

/** What doveadm was recorded to make of the password "test". */
export function madeOfTest(scheme: string): string {
  const file = new URL("../fixtures/dovecot/vectors.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Record<string, string>[];
  const vector = vectors.find((each) => each.scheme === scheme && each.password === "test");
  if (vector?.stored === undefined) throw new RangeError(`nothing recorded of ${scheme}`);
  return vector.stored;
}

/** The account that may read what is stored; nobody else may. */
export const STORED_READER = {
  bindDn: "cn=reader,dc=example,dc=org",
  bindPassword: "reader-pw",
} as const;

/** Only that account may read passwords; everybody may check their own by a bind. */
export function storedAccess({ who, operation, attribute }: AccessRequest): boolean {
  if (operation === "bind") return true;
  if (operation !== "search" && operation !== "compare") return false;
  return attribute !== "userpassword" || who === STORED_READER.bindDn;
}

/** A directory of people with these stored passwords, by name, below `ou=stored,dc=example,dc=org`. */
export function startStoredPeople(people: People): Promise<TestDirectory> {
  return startDirectory({ ldif: storedLdif(people), access: storedAccess });
}

type People = Readonly<Record<string, readonly (string | Buffer)[]>>;

function storedLdif(people: People): string {
  const base = "dc=example,dc=org";
  const top = `dn: ${base}
objectClass: organization
objectClass: dcObject
o: Example
dc: example

dn: ${STORED_READER.bindDn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${STORED_READER.bindPassword}
`;
  return [top, storedPeopleLdif(people, base)].join("\n");
}

/** An `ou=stored` below this entry, and in it people with these passwords, as LDIF text. */
export function storedPeopleLdif(people: People, base: string): string {
  const entries = Object.entries(people).map(
    ([uid, values]) => `dn: uid=${escapeDnValue(uid)},ou=stored,${base}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: Test
mail: ${uid.replace(/\W/g, "")}@example.org
${values.map((value) => `userPassword:: ${Buffer.from(value).toString("base64")}\n`).join("")}`,
  );
  const unit = `dn: ou=stored,${base}\nobjectClass: organizationalUnit\nou: stored\n`;
  return [unit, ...entries].join("\n");
}

/** A realm on such a directory, with what it logged. */
export interface StoredRealm extends OpenedRealm {
  readonly records: readonly LogRecord[];
}

/** Opens one that reads stored passwords, as the account that may, or as nobody. */
export function openStoredRealm(
  { url }: Pick<TestDirectory, "url">,
  options: Partial<AuthnzLdapOptions> = {},
  account: Partial<AuthnzLdapOptions> = STORED_READER,
): StoredRealm {
  const records: LogRecord[] = [];
  const settings = resolveOptions({
    url: `${url}/ou=stored,dc=example,dc=org?uid,mail?sub`,
    ...account,
    passwords: "stored",
    watch: false,
    log: (record) => void records.push(record),
    ...options,
  });
  return { ...openRealm(settings, () => {}, createChanges()), records };
}

/** Signs in by CRAM-MD5 as a client does. */
export async function proveByCramMd5(
  realm: Realm,
  username: string,
  password: string,
): Promise<RealmResult> {
  const challenge = newCramMd5Challenge("localhost");
  const digest = createHmac("md5", password).update(challenge).digest("hex");
  const response = readCramMd5Response(`${username} ${digest}`);
  if (response === undefined || realm.prove === undefined) throw new Error("no CRAM-MD5");
  return realm.prove(cramMd5Proof({ ...response, challenge }), realm.startDeadline());
}

/** Signs in by SCRAM-SHA-256 as a client does, and says whether the server knew the stored password. */
export async function proveByScram(
  realm: Realm,
  username: string,
  password: string,
): Promise<RealmResult & { readonly serverIsKnown: boolean }> {
  const first = `n,,n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=clientnonce`;
  const clientFirst = readClientFirst(first);
  if (clientFirst === undefined || !realm.prove || !realm.scramSalt) throw new Error("no SCRAM");
  const deadline = realm.startDeadline();
  const salt = await realm.scramSalt(clientFirst.username, deadline);
  const exchange = makeServerFirst(clientFirst, salt);
  const { message, serverFinal } = scramClientFinal(first, exchange.serverFirst, password);
  const clientFinal = readClientFinal(message);
  if (clientFinal === undefined) throw new Error("no client-final-message");
  const { proof, serverFinal: ours } = scramProof(exchange, clientFinal);
  const result = await realm.prove(proof, deadline);
  return { ...result, serverIsKnown: ours() === serverFinal };
}
