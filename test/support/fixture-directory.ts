import { readFileSync } from "node:fs";
import {
  type AccessRequest,
  startDirectory,
  type TestDirectory,
  type TestDirectoryOptions,
} from "../../src/testing/index.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");

/** The tree that all tests share: `dc=domain,dc=org` with its people, groups, aliases and services. */
export const fixtureLdif = read("directory.ldif");

/** Its attributes that no standard defines: WebAccess, MyWebAccess, exactCode, … */
export const fixtureSchema = read("custom.schema");

/** May do everything; not an entry of the tree. */
export const administrator = { dn: "cn=admin,dc=domain,dc=org", password: "admin-pw" };

const READER = "cn=reader,ou=services,dc=domain,dc=org";
const NOREAD = "cn=noread,ou=services,dc=domain,dc=org";
const ALICE = "uid=alice,ou=people,dc=domain,dc=org";

/** The same rules as the slapd of the tests has. */
export function fixtureAccess({
  who,
  operation,
  dn,
  attribute,
}: AccessRequest): boolean | "disclose" {
  if (operation === "bind") return true;
  if (operation !== "search" && operation !== "compare") return false;
  if (attribute === "userpassword") return false;
  if (attribute === "secretcode") {
    return who === dn || (who === READER && operation === "compare");
  }
  if (dn === "ou=private,dc=domain,dc=org" || dn.endsWith(",ou=private,dc=domain,dc=org")) {
    return who === "" ? "disclose" : who !== NOREAD;
  }
  if (/^cn=secret(group|parent),ou=groups,dc=domain,dc=org$/.test(dn)) return who === ALICE;
  return who === NOREAD ? "disclose" : true;
}

/** Starts the built-in directory on that tree, with those attributes, rules and administrator. */
export function startFixtureDirectory(
  options: Partial<TestDirectoryOptions> = {},
): Promise<TestDirectory> {
  return startDirectory({
    ldif: fixtureLdif,
    schema: fixtureSchema,
    access: fixtureAccess,
    administrator,
    ...options,
  });
}
