import { readFileSync } from "node:fs";
import type { Mechanism } from "../src/index.ts";
// In your own project, this is "express-authnz-ldap/testing".
import { startDirectory, type TestDirectory } from "../src/testing/index.ts";
import { accountsLdif } from "./accounts.ts";
import { mailUsersLdif, mayAccess } from "./mail/people.ts";

/** What is searched for a name, and what the app gets to see: `(WebAccess=…)` says who may come in at all. */
const BASE_AND_FILTER =
  "ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)" as const;

/** Names to try, and what is special about them. Each password is the name and `-pw`. */
export const PEOPLE_TO_TRY: readonly (readonly [username: string, about: string])[] = [
  ["web1", "level 1, and in the group of editors"],
  ["web2", "level 2"],
  ["web3", "level 3"],
  ["webmulti", "levels 1, 2 and 3, and in the group of editors"],
  ["webmixed", "level 2, and a level of another app"],
  ["webnomine", "may sign in, but has no level"],
  ["webother", "only a level of another app: can't sign in"],
  ["webnone", "no level at all: can't sign in"],
];

/** An LDAP server in this process, and how it is reached. */
export interface BuiltInDirectory {
  readonly directory: TestDirectory;
  /** The AuthLDAPURL that names it. */
  readonly url: string;
  /** The authority of its certificate, PEM: it was made on the spot, so that passwords can be changed under TLS. */
  readonly ca: string;
}

/** Starts an LDAP server, loaded with directory.ldif, the people of accounts.ts, and mail users whose passwords are stored for `mechanism`. */
export async function startBuiltInDirectory(
  mechanism: Mechanism = "plain",
): Promise<BuiltInDirectory> {
  const people = readFileSync(new URL("./directory.ldif", import.meta.url), "utf8");
  const ldif = `${people}\n${accountsLdif(new Date())}\n${await mailUsersLdif(mechanism)}`;
  const directory = await startDirectory({ ldif, tls: true, access: mayAccess });
  return { directory, url: `${directory.url}/${BASE_AND_FILTER}`, ca: directory.ca ?? "" };
}
