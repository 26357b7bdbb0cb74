import { readFileSync } from "node:fs";
import { describePeople } from "../support/people-suite.ts";
import { slapd, startSlapd } from "../support/slapd.ts";

// All its people are in the tests' tree too; only this group is the example's own.
const LDIF = readFileSync(new URL("../../example-app/directory.ldif", import.meta.url), "utf8");
const editors = LDIF.split(/\n{2,}/).find((record) => record.startsWith("dn: cn=editors,")) ?? "";

describePeople("slapd", slapd.skip, async () => {
  const server = await startSlapd({ ldif: `${editors}\n` });
  const url = `${server.url}/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)`;
  return { ldapOptions: { url }, close: () => server.close() };
});
