import { readFileSync } from "node:fs";
import { conformanceCases, type Outcome, runStep, type Step } from "./conformance-cases.ts";
import { fixtureLdif, startFixtureDirectory } from "./fixture-directory.ts";
import { LdapClient } from "./ldap-client.ts";
import { referralCases, referralLdif } from "./referral-cases.ts";
import { startSlapd } from "./slapd.ts";

/** Somewhere to run cases against. */
export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

/** Cases for servers that are set up alike. */
export interface ConformanceSuite {
  readonly name: string;
  readonly cases: Readonly<Record<string, readonly Step[]>>;
  startBuiltIn(): Promise<Server>;
  startReal(): Promise<Server>;
}

const BASE = "dc=domain,dc=org";
const anonymousCases: Readonly<Record<string, readonly Step[]>> = {
  "lets nobody in who does not say who": [
    { search: BASE, scope: "base", attributes: ["1.1"] },
    { search: "", scope: "base", attributes: ["1.1"] },
    { compare: [`uid=alice,ou=People,${BASE}`, "uid", "alice"] },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    { bind: ["", ""] },
    { bind: [`uid=alice,ou=People,${BASE}`, ""] },
    { bind: [`uid=alice,ou=People,${BASE}`, "wrong"] },
    { search: BASE, scope: "base", attributes: ["1.1"] },
    { delete: `uid=alice,ou=People,${BASE}` },
    { bind: [`uid=alice,ou=People,${BASE}`, "alice-pw"] },
    { search: BASE, scope: "base", attributes: ["1.1"] },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    { bind: ["", ""] },
    { search: BASE, scope: "base", attributes: ["1.1"] },
  ],
};

const limitCases: Readonly<Record<string, readonly Step[]>> = {
  "cuts off at its own limit": [
    { search: `ou=web,${BASE}`, sizeLimit: 100, filter: "(uid=web1)", attributes: ["1.1"] },
    { search: `ou=Private,${BASE}`, filter: "(uid=*)", attributes: ["1.1"] },
    { bind: [`uid=alice,ou=People,${BASE}`, "alice-pw"] },
    { search: `ou=Private,${BASE}`, filter: "(objectClass=*)", attributes: ["1.1"] },
    { search: `ou=Private,${BASE}`, filter: "(objectClass=*)", sizeLimit: 3, attributes: ["1.1"] },
  ],
};

export const conformanceSuites: readonly ConformanceSuite[] = [
  {
    name: "as it is",
    cases: conformanceCases,
    startBuiltIn: () => startFixtureDirectory({ tls: true }),
    startReal: () => startSlapd(),
  },
  {
    name: "anonymous refused",
    cases: anonymousCases,
    startBuiltIn: () => startFixtureDirectory({ tls: true, anonymous: "refuse" }),
    startReal: () => startSlapd({ global: "disallow bind_anon\nrequire authc" }),
  },
  {
    name: "three entries at most",
    cases: limitCases,
    startBuiltIn: () => startFixtureDirectory({ tls: true, sizeLimit: 3 }),
    startReal: () => startSlapd({ global: "sizelimit 3" }),
  },
  {
    name: "with referrals",
    cases: referralCases,
    startBuiltIn: () => startFixtureDirectory({ ldif: `${fixtureLdif}\n${referralLdif}` }),
    startReal: () => startSlapd({ ldif: referralLdif }),
  },
];

/** What slapd 2.5.13 answered, by suite and case. Written by record-slapd-answers.ts. */
export function readRecordedAnswers(): Record<string, Record<string, readonly Outcome[]>> {
  const file = new URL("../fixtures/slapd-answers.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Runs a case's steps on a connection of its own. */
export async function runCase(server: Server, steps: readonly Step[]): Promise<Outcome[]> {
  const client = await LdapClient.connect(server.port);
  try {
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await runStep(client, step));
    return outcomes;
  } finally {
    client.close();
  }
}
