const assert = require("node:assert/strict");
const { authnzLdap, requireLevel, ConfigError } = require("express-authnz-ldap");
const { startDirectory } = require("express-authnz-ldap/testing");

async function main() {
  const directory = await startDirectory({
    ldif: "dn: dc=org\nobjectClass: domain\ndc: org\n\ndn: uid=web1,dc=org\nobjectClass: person\nuid: web1\nuserPassword: web1-pw\n",
  });
  const ldap = authnzLdap({ url: `${directory.url}/dc=org?uid?sub`, log: () => {} });
  const right = await ldap.authenticate({ username: "web1", password: "web1-pw" });
  const wrong = await ldap.authenticate({ username: "web1", password: "wrong" });
  assert.equal(right.ok, true);
  assert.equal(wrong.ok, false);
  assert.throws(() => requireLevel(-1), ConfigError);
  await ldap.close();
  await directory.close();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
