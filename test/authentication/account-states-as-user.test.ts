import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type ChangePassword,
  prepareChangePassword,
} from "../../src/authentication/change-password.ts";
import { prepareDirectoryProvider } from "../../src/authentication/directory-provider.ts";
import type { Provider } from "../../src/authentication/provider.ts";
import { startDeadline } from "../../src/directory/deadline.ts";
import type { Directory } from "../../src/directory/directory.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import { resolveLdap } from "../../src/options/resolve-ldap.ts";
import {
  type PolicyDirectory,
  policyPerson,
  startPolicyDirectory,
} from "../support/password-policy.ts";

let server: PolicyDirectory;
let directory: Directory;
let people: Provider;
let change: ChangePassword;

before(async () => {
  server = await startPolicyDirectory();
  const { url, directory: settings } = resolveLdap(
    { url: `${server.ldapsUrl}/dc=domain,dc=org?uid?sub`, tls: { ca: server.ca } },
    () => {},
  );
  directory = openDirectory(settings);
  const how = { name: "ldap", url, initialBind: policyPerson };
  const more = { wanted: ["cn"], isAuthoritative: false, looksAtAccount: true };
  people = prepareDirectoryProvider(directory, { ...how, ...more });
  change = prepareChangePassword(directory, how);
});
after(async () => {
  await directory.close();
  await server.close();
});

const soon = () => startDeadline(5_000);
const login = (username: string, password: string) =>
  people.authenticate({ username, password }, soon());

describe("somebody whose own bind finds them", () => {
  for (const [name, state] of [
    ["reset", "must-change-password"],
    ["expired", "password-expired"],
  ] as const) {
    it(`is told ${state} with the right password only, and nobody else is asked`, async () => {
      const denied = await login(name, `${name}-pw`);
      assert.deepEqual(denied, { outcome: "denied", reason: state, state });
      assert.deepEqual(await login(name, "wrong"), {
        outcome: "unknown",
        reason: "wrong-password",
      });
    });

    it(`can't change a password here (${state}), which only the right one tells`, async () => {
      const order = { username: name, newPassword: "long enough" };
      assert.deepEqual(await change({ ...order, oldPassword: `${name}-pw` }, soon()), {
        outcome: "not-possible",
        state,
      });
      assert.deepEqual(await change({ ...order, oldPassword: "wrong" }, soon()), {
        outcome: "wrong-credentials",
        reason: "wrong-password",
      });
    });
  }

  it("is told nothing of a lockout", async () => {
    const unknown = { outcome: "unknown", reason: "wrong-password" };
    assert.deepEqual(await login("banned", "banned-pw"), unknown);
    assert.deepEqual(await login("banned", "wrong"), unknown);
  });

  it("logs in, and changes a password, where nothing is wrong", async () => {
    assert.equal((await login("fresh", "fresh-pw")).outcome, "granted");
    const order = { username: "fresh", oldPassword: "fresh-pw", newPassword: "long enough" };
    assert.equal((await change(order, soon())).outcome, "changed");
    assert.equal((await login("fresh", "long enough")).outcome, "granted");
  });
});
