import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ldapOptionsOf } from "../../example-app/ldap-options.ts";
import { describePeople } from "../support/people-suite.ts";
import { slapd, startSlapd } from "../support/slapd.ts";

const SEARCH = "ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)";

// All its people are in the tests' tree too; only this group is the example's own.
const LDIF = readFileSync(new URL("../../example-app/directory.ldif", import.meta.url), "utf8");
const editors = LDIF.split(/\n{2,}/).find((record) => record.startsWith("dn: cn=editors,")) ?? "";

describePeople("slapd", slapd.skip, async () => {
  const server = await startSlapd({ ldif: `${editors}\n` });
  return { ldapOptions: { url: `${server.url}/${SEARCH}` }, close: () => server.close() };
});

describePeople("slapd over ldaps, as the environment names it", slapd.skip, async () => {
  const server = await startSlapd({ ldif: `${editors}\n`, global: "disallow bind_anon" });
  const folder = mkdtempSync(join(tmpdir(), "example-app-"));
  const [caFile, bindPasswordFile] = [join(folder, "ca.pem"), join(folder, "password")];
  writeFileSync(caFile, server.ca);
  writeFileSync(bindPasswordFile, "reader-pw\n");
  const environment = {
    ...{ caFile, bindPasswordFile, bindDn: "cn=reader,ou=Services,dc=domain,dc=org" },
    ...{ ldapUrl: undefined, host: "127.0.0.1", port: 0, sessionSecret: "test" },
  };
  return {
    ldapOptions: ldapOptionsOf(`${server.ldapsUrl}/${SEARCH}`, environment),
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
});
