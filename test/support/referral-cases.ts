import { readFileSync } from "node:fs";
import type { Step } from "./conformance-cases.ts";

const BASE = "dc=domain,dc=org";
const HERE = `ou=Here,${BASE}`;
const ELSEWHERE = `ou=Elsewhere,${HERE}`;
const BARE = `ou=Bare,${HERE}`;
const SCOPES = ["base", "one", "sub"] as const;
const ADMIN = [`cn=admin,${BASE}`, "admin-pw"] as const;

/** Below the tests' tree: entries that stand for other servers' (RFC 3296). */
export const referralLdif = readFileSync(
  new URL("../fixtures/referrals.ldif", import.meta.url),
  "utf8",
);

/** What referrals come to, in each operation. */
export const referralCases: Readonly<Record<string, readonly Step[]>> = {
  "refers a search on, whatever the filter": [HERE, BASE].flatMap((search) =>
    SCOPES.flatMap((scope): readonly Step[] => [
      { search, scope, attributes: ["1.1"] },
      { search, scope, filter: "(uid=anna)", attributes: ["1.1"] },
      { search, scope, filter: "(uid=nobody)", attributes: ["1.1"] },
    ]),
  ),
  "refers to another server for what is there": [
    ELSEWHERE,
    BARE,
    `uid=x,${ELSEWHERE}`,
    `uid=x\\2Cy z,ou=Ü,${ELSEWHERE}`,
    `UID=X, OU=elsewhere, ${HERE}`,
  ].flatMap((dn): readonly Step[] => [
    ...SCOPES.map((scope) => ({ search: dn, scope, attributes: ["1.1"] })),
    { compare: [dn, "uid", "x"] },
    { compare: [dn, "unknownAttribute", "x"] },
    { bind: [dn, "secret"] },
  ]),
  "does not refer anybody where only a part of the name is alike": [
    { search: `ou=Elsewhere2,${HERE}`, attributes: ["1.1"] },
    { bind: [`uid=x,ou=Elsewhere2,${HERE}`, "secret"] },
  ],
  "refers whoever wants to change it": [
    { bind: ADMIN },
    { modify: `uid=x,${ELSEWHERE}`, changes: [{ change: "replace", name: "sn", values: ["y"] }] },
    { add: `uid=x,${ELSEWHERE}`, attributes: { objectClass: ["account"], uid: ["x"] } },
    { delete: `uid=x,${ELSEWHERE}` },
    { rename: `uid=x,${ELSEWHERE}`, to: "uid=y", deleteOldRdn: true },
    { delete: ELSEWHERE },
    { search: HERE, scope: "one", attributes: ["1.1"] },
  ],
  "shows the referrals themselves to whoever manages them": [
    ...SCOPES.map((scope) => ({
      search: HERE,
      scope,
      manageDsaIt: true,
      attributes: ["ref"],
    })),
    { search: ELSEWHERE, scope: "base", manageDsaIt: true, attributes: ["ref"] },
    { search: `uid=x,${ELSEWHERE}`, scope: "base", manageDsaIt: true, attributes: ["ref"] },
    { search: HERE, filter: "(objectClass=referral)", manageDsaIt: true, attributes: ["1.1"] },
    { search: HERE, filter: "(ou=bare)", manageDsaIt: true, attributes: ["1.1"] },
  ],
};
