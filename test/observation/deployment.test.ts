import { it } from "node:test";
import { documented } from "../support/documented.ts";

/** What the pages leave to the reader. */
const AROUND = "declare function readSecret(): string;\nexport { readSecret };\n";

for (const holding of ["RedisStore", "healthCheck(ldap: AuthnzLdap"]) {
  it(`docs/deployment.md: the code with ${holding} compiles`, async () => {
    const code = documented("deployment.md", holding, (text) => AROUND + text);
    try {
      await code.check();
    } finally {
      code.remove();
    }
  });
}
