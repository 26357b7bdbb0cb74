import type { Answer, LdapClient, ModifyOptions, SearchOptions } from "./ldap-client.ts";

/** One operation of the conformance suite, as plain data. */
export type Step =
  | { readonly bind: readonly [dn: string, password: string] }
  | ({ readonly search: string; readonly manageDsaIt?: boolean } & Omit<SearchOptions, "base">)
  | { readonly compare: readonly [dn: string, attribute: string, value: string] }
  | { readonly modify: string; readonly changes: readonly ModifyOptions[] }
  | { readonly add: string; readonly attributes: Readonly<Record<string, readonly string[]>> }
  | { readonly delete: string }
  | {
      readonly rename: string;
      readonly to: string;
      readonly deleteOldRdn: boolean;
      readonly newSuperior?: string;
    }
  | { readonly extended: string; readonly value?: string };

/** What a directory answered, without what may differ: texts, order, times and ids. */
export interface Outcome {
  readonly code: number;
  readonly matchedDn?: string;
  readonly entries?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly referral?: readonly string[];
  readonly references?: readonly (readonly string[])[];
  readonly value?: string;
}

const BASE = "dc=domain,dc=org";
const PEOPLE = `ou=People,${BASE}`;
const GROUPS = `ou=Groups,${BASE}`;
const ALIASES = `ou=Aliases,${BASE}`;
const ADMIN = ["cn=admin,dc=domain,dc=org", "admin-pw"] as const;
const ALICE = [`uid=alice,${PEOPLE}`, "alice-pw"] as const;
const READER = [`cn=reader,ou=Services,${BASE}`, "reader-pw"] as const;
const NOREAD = [`cn=noread,ou=Services,${BASE}`, "noread-pw"] as const;

/** RFC 3296: referrals are to be treated as the entries that they are. */
const MANAGE_DSA_IT = "2.16.840.1.113730.3.4.2";

const find = (filter: string, options: Partial<SearchOptions> = {}): Step => ({
  search: BASE,
  attributes: ["1.1"],
  ...options,
  filter,
});

const filters = (...texts: readonly string[]): readonly Step[] => texts.map((text) => find(text));

/** Each on a connection of its own; steps in order. */
export const conformanceCases: Readonly<Record<string, readonly Step[]>> = {
  "binds with the right password": [
    { bind: ALICE },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    { bind: [`UID=Alice, OU=people,DC=domain , dc=ORG`, "alice-pw"] },
    { bind: [`0.9.2342.19200300.100.1.1=alice,${PEOPLE}`, "alice-pw"] },
    { bind: [`userid=alice,${PEOPLE}`, "alice-pw"] },
    { bind: [`uid=al\\69ce,${PEOPLE}`, "alice-pw"] },
    { bind: [`uid=spacepw,${PEOPLE}`, " lead and trail "] },
    { bind: [`uid=blankpw,${PEOPLE}`, " "] },
    { bind: [`uid=colonpw,${PEOPLE}`, "a:b:c"] },
    { bind: [`uid=utf8pw,${PEOPLE}`, "pässwörd€"] },
    { bind: [`uid=comma\\2Cuser,${PEOPLE}`, "comma,user-pw"] },
    { bind: [`uid=\\ lead,${PEOPLE}`, "lead-pw"] },
    { bind: [`cn=Multi Rdn+uid=multi,${PEOPLE}`, "multi-pw"] },
    { bind: [`uid=in ner,${PEOPLE}`, "inner-pw"] },
    { bind: [`uid=JOSÉ,${PEOPLE}`, "José-pw"] },
    { bind: [`uid=ωMEGA,${PEOPLE}`, "Ωmega-pw"] },
    { bind: [`uid=twin,ou=Staff,${BASE}`, "twin-pw"] },
  ],
  "refuses every other bind": [
    { bind: [ALICE[0], "wrong"] },
    { bind: [ALICE[0], "ALICE-PW"] },
    { bind: [ALICE[0], "alice-pw "] },
    { bind: [ALICE[0], "alice-pw\0"] },
    { bind: [ALICE[0], ""] },
    { bind: [`uid=nobody,${PEOPLE}`, "x"] },
    { bind: [`uid=nobody,${PEOPLE}`, ""] },
    { bind: ["dc=elsewhere", "x"] },
    { bind: [`uid=nopw,${PEOPLE}`, "x"] },
    { bind: [`ou=People,${BASE}`, "x"] },
    { bind: [`uid=al-test,${ALIASES}`, "testuser2-pw"] },
    { bind: ["alice", "alice-pw"] },
    { bind: ["uid=alice,", "alice-pw"] },
    { bind: ["", "x"] },
    { bind: ["cn=admin,dc=domain,dc=org", "wrong"] },
    { bind: [`uid=straSSe,${PEOPLE}`, "Straße-pw"] },
    { bind: [`uid=utf8pw,${PEOPLE}`, "pa\u0308sswo\u0308rd€"] },
    { bind: [`cn=Multi Rdn,${PEOPLE}`, "multi-pw"] },
  ],
  "is anonymous again after a bind that failed": [
    { bind: ALICE },
    find("(cn=secretgroup)"),
    { bind: [ALICE[0], "wrong"] },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    find("(cn=secretgroup)"),
    { bind: ALICE },
    { bind: ["", ""] },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
  ],
  "is anonymous after an unauthenticated bind was refused": [
    { bind: ALICE },
    { bind: [ALICE[0], ""] },
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    find("(uid=priv1)"),
  ],
  "finds by equality": [
    ...filters(
      "(uid=alice)",
      "(uid=ALICE)",
      "(uid= alice )",
      "(userid=alice)",
      "(0.9.2342.19200300.100.1.1=alice)",
      "(rfc822Mailbox=ALICE@DOMAIN.ORG)",
      "(commonName=alice   adams)",
      "(cn=Alice\u00a0Adams)",
      "(cn=ａｌｉｃｅ adams)",
      "(cn=al\u00adice adams)",
      "(uid=ADMİN)",
      "(uid=MİXEDCASE)",
      "(uid=two2)",
      "(uid=a\\2ab)",
      "(uid=paren\\28x\\29)",
      "(uid=back\\5cslash)",
      "(uid=in ner)",
      "(uid=\\20lead)",
      "(uid=lead)",
      "(uid=trail)",
      "(uid=josé)",
      "(uid=jose)",
      "(uid=jose\u0301)",
      "(uid=ωMEGA)",
      "(uid=straße)",
      "(uid=strasse)",
      "(uid=😀user)",
      "(uid=)",
      "(exactCode=CaseMatters)",
      "(exactCode=casematters)",
      "(memberUid=alice)",
      "(memberUid=ALICE)",
      "(homeDirectory=/home/testuser3)",
      "(homeDirectory=/HOME/testuser3)",
      "(uidNumber=10003)",
      "(uidNumber=010003)",
      "(uidNumber=ten)",
      "(telephoneNumber=+15550100)",
      "(telephoneNumber=+1-555-0100)",
      "(objectClass=person)",
      "(objectClass=2.5.6.6)",
      "(objectClass=WEBACCESSUSER)",
      "(objectClass=nonsense)",
      "(noMatchAttr=nomatch)",
      "(jpegPhoto=x)",
      "(userPassword=x)",
      "(secretCode=alice-secret)",
      "(name=Alice Adams)",
      "(description;lang-en=English text)",
      "(description=English text)",
      "(description;lang-de=English text)",
      "(unknownAttribute=x)",
      "(description=line1\\0aline2)",
      "(description=padded)",
    ),
  ],
  "finds DNs however they are spelled": filters(
    `(member=uid=alice,${PEOPLE})`,
    `(member=UID=Alice , ou=PEOPLE, dc=domain,dc=org)`,
    `(member=uid=mixedcase,${PEOPLE})`,
    `(uniqueMember=uid=bob,${PEOPLE})`,
    `(member=cn=Doe\\5c, Jane,${PEOPLE})`,
    `(member=cn=Doe\\5c2c Jane,${PEOPLE})`,
    "(member=alice)",
    `(member=uid=ali*)`,
    `(distinguishedName=uid=alice,${PEOPLE})`,
    `(roleOccupant=uid=alice,${PEOPLE})`,
  ),
  "finds by presence, order, substrings and rules": filters(
    "(mail=*)",
    "(jpegPhoto=*)",
    "(userPassword=*)",
    "(description;lang-en=*)",
    "(unknownAttribute=*)",
    "(uid=web*)",
    "(uid=*1)",
    "(uid=*e*i*)",
    "(uid=w*b*1)",
    "(uid=WEB*I*)",
    "(cn=al*ad*s)",
    "(cn=alice *)",
    "(cn=* adams)",
    "(cn=alice*adams*)",
    "(uid=\\20lead*)",
    "(cn=*  lead*)",
    "(member=uid=al*)",
    "(secretCode=*ice*)",
    "(memberUid=Mixed*)",
    "(memberUid=mixed*)",
    "(telephoneNumber=*5550*)",
    "(uidNumber>=10003)",
    "(uidNumber<=10002)",
    "(uidNumber>=9)",
    "(uid>=web)",
    "(cn<=b)",
    "(uid~=alice)",
    "(uid:=alice)",
    "(uid:caseExactMatch:=alice)",
    "(uid:caseExactMatch:=Alice)",
    "(cn:2.5.13.5:=Alice Adams)",
    "(uid:nonsenseMatch:=alice)",
    "(ou:dn:=People)",
    "(ou:dn:=people)",
    "(dc:dn:caseIgnoreIA5Match:=domain)",
    "(uid:dn:=alice)",
    "(:caseExactMatch:=CaseMatters)",
    "(createTimestamp>=20000101000000Z)",
    `(entryDN=uid=alice,${PEOPLE})`,
    "(structuralObjectClass=groupOfNames)",
    "(hasSubordinates=TRUE)",
  ),
  "combines in three-valued logic": filters(
    "(&(uid=alice)(mail=*))",
    "(|(uid=alice)(uid=bob))",
    "(!(objectClass=inetOrgPerson))",
    "(&(objectClass=inetOrgPerson)(!(mail=*)))",
    "(!(unknownAttribute=x))",
    "(|(unknownAttribute=x)(uid=alice))",
    "(&(uid=alice)(!(unknownAttribute=x)))",
    "(!(&(uid=alice)(unknownAttribute=x)))",
    "(!(|(uid=alice)(unknownAttribute=x)))",
    "(!(uidNumber=ten))",
    "(&(uid=alice)(!(title=x)))",
    "(&(uid=alice)(!(uidNumber=5)))",
    "(&(uid=alice)(!(noMatchAttr=nomatch)))",
    "(&(uid=alice)(!(secretCode=alice-secret)))",
    "(&)",
    "(|)",
    "(&(uid=alice)(&))",
    "(!(&))",
  ),
  "searches the scope that was asked for": [
    { search: BASE, scope: "base", attributes: ["1.1"] },
    { search: BASE, scope: "one", attributes: ["1.1"] },
    { search: `ou=web,${BASE}`, scope: "one", attributes: ["1.1"] },
    { search: `ou=web,${BASE}`, scope: "sub", attributes: ["1.1"] },
    { search: `OU=WEB, ${BASE}`, scope: "base", attributes: ["1.1"] },
    { search: `ou=nowhere,${BASE}`, attributes: ["1.1"] },
    { search: `uid=x,ou=nowhere,${BASE}`, attributes: ["1.1"] },
    { search: `uid=x,ou=Private,${BASE}`, attributes: ["1.1"] },
    { search: `cn=secretgroup,${GROUPS}`, attributes: ["1.1"] },
    { search: `uid=priv1,ou=Private,${BASE}`, attributes: ["1.1"] },
    { search: `cn=x,cn=secretgroup,${GROUPS}`, attributes: ["1.1"] },
    { search: "dc=elsewhere", attributes: ["1.1"] },
    { search: "", scope: "sub", attributes: ["1.1"] },
    { search: "", scope: "one", attributes: ["1.1"] },
    { search: "nonsense", attributes: ["1.1"] },
    { search: "", scope: "base", attributes: ["namingContexts", "supportedLDAPVersion"] },
    { search: "", scope: "base", filter: "(objectClass=nonsense)", attributes: ["1.1"] },
  ],
  "returns the attributes that were asked for": [
    find("(uid=alice)", { attributes: [] }),
    find("(uid=alice)", { attributes: ["*"] }),
    find("(uid=alice)", { attributes: ["uid", "MAIL"] }),
    find("(uid=alice)", { attributes: ["userid", "rfc822Mailbox"] }),
    find("(uid=alice)", { attributes: ["2.5.4.3"] }),
    find("(uid=alice)", { attributes: ["name"] }),
    find("(uid=alice)", { attributes: ["description"] }),
    find("(uid=alice)", { attributes: ["description;lang-fr"] }),
    find("(uid=alice)", { attributes: ["description;lang-de"] }),
    find("(uid=alice)", { attributes: ["nonsense", "uid"] }),
    find("(uid=alice)", { attributes: ["1.1", "uid"] }),
    find("(uid=alice)", { attributes: ["userPassword", "secretCode", "uid"] }),
    find("(uid=alice)", { attributes: ["uid", "mail"], typesOnly: true }),
    find("(uid=alice)", { attributes: ["structuralObjectClass", "hasSubordinates"] }),
    find("(uid=photo)", { attributes: ["jpegPhoto", "audio"] }),
    find("(uid=semi)", { attributes: ["description", "title"] }),
    find("(uid=many)", { attributes: ["description"] }),
    find("(uid=testuser2)", { attributes: ["smtpd-sender-restrictions"] }),
    find("(uid=testuser2)", { attributes: ["smtpdSenderRestrictions"] }),
    find("(uid=paren\\28x\\29)", { attributes: ["uid", "uid"] }),
    find("(cn=admins)", { attributes: ["member"] }),
    find("(cn=Web, Admins & Co)", { attributes: ["member"] }),
  ],
  "limits what it returns": [
    find("(uid=alice)", { sizeLimit: 1 }),
    find("(cn=Dup Name)", { sizeLimit: 2 }),
    find("(uid=nobody)", { sizeLimit: 1 }),
  ],
  "lets each see what the rules say": [
    find("(uid=priv*)"),
    find("(cn=secret*)"),
    { bind: NOREAD },
    find("(objectClass=*)"),
    { search: BASE, scope: "base", attributes: ["1.1"] },
    { bind: READER },
    find("(uid=priv*)"),
    find("(cn=secret*)"),
    find("(secretCode=alice-secret)"),
    find("(uid=alice)", { attributes: ["secretCode"] }),
    { bind: ALICE },
    find("(cn=secret*)"),
    find("(secretCode=*)"),
    find("(uid=alice)", { attributes: ["secretCode", "userPassword"] }),
    { bind: ADMIN },
    find("(uid=alice)", { attributes: ["secretCode", "userPassword"] }),
    find("(userPassword=*)"),
  ],
  compares: [
    { compare: [ALICE[0], "uid", "ALICE"] },
    { compare: [ALICE[0], "uid", "bob"] },
    { compare: [ALICE[0], "title", "head  OF it"] },
    { compare: [ALICE[0], "exactCode", "casematters"] },
    { compare: [ALICE[0], "exactCode", "CaseMatters"] },
    { compare: [ALICE[0], "mobile", "1"] },
    { compare: [ALICE[0], "nonsense", "1"] },
    { compare: [ALICE[0], "noMatchAttr", "nomatch"] },
    { compare: [ALICE[0], "uidNumber", "ten"] },
    { compare: [ALICE[0], "secretCode", "alice-secret"] },
    { compare: [ALICE[0], "userPassword", "alice-pw"] },
    { compare: [ALICE[0], "description", "English text"] },
    { compare: [ALICE[0], "description;lang-en", "English text"] },
    { compare: [ALICE[0], "objectClass", "person"] },
    { compare: [ALICE[0], "objectClass", "posixAccount"] },
    { compare: [`uid=nobody,${PEOPLE}`, "uid", "nobody"] },
    { compare: ["nonsense", "uid", "nobody"] },
    { compare: [`cn=admins,${GROUPS}`, "member", `UID=ALICE,${PEOPLE}`] },
    { compare: [`cn=admins,${GROUPS}`, "member", `uid=bob,${PEOPLE}`] },
    { compare: [`cn=admins,${GROUPS}`, "member", "alice"] },
    { compare: [`cn=secretgroup,${GROUPS}`, "cn", "secretgroup"] },
    { compare: [`uid=priv1,ou=Private,${BASE}`, "uid", "priv1"] },
    { compare: [`uid=al-test,${ALIASES}`, "uid", "testuser2"] },
    { bind: READER },
    { compare: [ALICE[0], "secretCode", "ALICE-SECRET"] },
    { compare: [ALICE[0], "secretCode", "x"] },
    { compare: [`cn=reader,ou=Services,${BASE}`, "secretCode", "x"] },
  ],
  "follows aliases as told": (["never", "searching", "finding", "always"] as const).flatMap(
    (dereference): readonly Step[] => [
      { search: ALIASES, scope: "sub", dereference, attributes: ["1.1"] },
      { search: ALIASES, scope: "one", dereference, attributes: ["1.1"] },
      { search: ALIASES, scope: "base", dereference, attributes: ["1.1"] },
      { search: `uid=al-test,${ALIASES}`, scope: "base", dereference, attributes: ["1.1"] },
      { search: `uid=al-test,${ALIASES}`, scope: "sub", dereference, attributes: ["1.1"] },
      { search: `uid=al-test,${ALIASES}`, scope: "one", dereference, attributes: ["1.1"] },
      { search: `uid=al-broken,${ALIASES}`, scope: "base", dereference, attributes: ["1.1"] },
      { search: `ou=al-Staff,${BASE}`, scope: "sub", dereference, attributes: ["1.1"] },
      { search: `ou=al-Staff,${BASE}`, scope: "one", dereference, attributes: ["1.1"] },
      { search: `uid=sam,ou=al-Staff,${BASE}`, scope: "base", dereference, attributes: ["1.1"] },
      { search: BASE, scope: "sub", dereference, filter: "(uid=sam)", attributes: ["1.1"] },
      { search: BASE, scope: "one", dereference, filter: "(ou=*)", attributes: ["1.1"] },
      { search: BASE, scope: "sub", dereference, filter: "(uid=testuser2)", attributes: ["1.1"] },
    ],
  ),
  "refuses changes by those who may not make them": [
    { modify: ALICE[0], changes: [{ change: "replace", name: "title", values: ["x"] }] },
    { delete: ALICE[0] },
    { add: `ou=x,${BASE}`, attributes: { objectClass: ["organizationalUnit"], ou: ["x"] } },
    { rename: ALICE[0], to: "uid=alicia", deleteOldRdn: true },
    { bind: ALICE },
    { modify: ALICE[0], changes: [{ change: "replace", name: "title", values: ["x"] }] },
    { delete: ALICE[0] },
    { add: `ou=x,${BASE}`, attributes: { objectClass: ["organizationalUnit"], ou: ["x"] } },
    { rename: ALICE[0], to: "uid=alicia", deleteOldRdn: true },
    { modify: `uid=nobody,${PEOPLE}`, changes: [{ change: "delete", name: "title", values: [] }] },
  ],
  "adds, modifies, renames and deletes": [
    { bind: ADMIN },
    {
      add: `uid=new,${PEOPLE}`,
      attributes: { objectClass: ["inetOrgPerson"], uid: ["new"], cn: ["New"], sn: ["One"] },
    },
    {
      add: `uid=new,${PEOPLE}`,
      attributes: { objectClass: ["inetOrgPerson"], uid: ["new"], cn: ["New"], sn: ["One"] },
    },
    {
      add: `uid=other,ou=nowhere,${BASE}`,
      attributes: { objectClass: ["inetOrgPerson"], uid: ["other"], cn: ["New"], sn: ["One"] },
    },
    {
      add: `uid=other,${PEOPLE}`,
      attributes: { objectClass: ["inetOrgPerson"], cn: ["New"], sn: ["One"] },
    },
    {
      add: `uid=other,${PEOPLE}`,
      attributes: { objectClass: ["inetOrgPerson"], uid: ["other"], cn: ["a", "A"], sn: ["One"] },
    },
    {
      add: "nonsense",
      attributes: { objectClass: ["inetOrgPerson"], uid: ["other"], cn: ["a"], sn: ["One"] },
    },
    find("(uid=new)", { attributes: [] }),
    find("(uid=other)"),
    {
      modify: `uid=new,${PEOPLE}`,
      changes: [
        { change: "add", name: "mail", values: ["new@domain.org", "n@domain.org"] },
        { change: "replace", name: "title", values: ["Boss"] },
        { change: "replace", name: "mobile", values: [] },
      ],
    },
    find("(uid=new)", { attributes: [] }),
    {
      modify: `uid=new,${PEOPLE}`,
      changes: [{ change: "add", name: "mail", values: ["NEW@domain.org"] }],
    },
    {
      modify: `uid=new,${PEOPLE}`,
      changes: [
        { change: "replace", name: "title", values: ["Changed"] },
        { change: "delete", name: "mail", values: ["nobody@domain.org"] },
      ],
    },
    { modify: `uid=new,${PEOPLE}`, changes: [{ change: "delete", name: "mobile", values: [] }] },
    { modify: `uid=new,${PEOPLE}`, changes: [{ change: "add", name: "mobile", values: [] }] },
    { modify: `uid=new,${PEOPLE}`, changes: [{ change: "delete", name: "uid", values: ["new"] }] },
    { modify: `uid=new,${PEOPLE}`, changes: [{ change: "add", name: "member", values: ["x"] }] },
    { modify: `uid=no,${PEOPLE}`, changes: [{ change: "add", name: "title", values: ["x"] }] },
    {
      modify: `uid=new,${PEOPLE}`,
      changes: [{ change: "delete", name: "mail", values: ["N@domain.org"] }],
    },
    {
      modify: `uid=new,${PEOPLE}`,
      changes: [{ change: "replace", name: "userPassword", values: ["pw", "pw2"] }],
    },
    find("(uid=new)", { attributes: [] }),
    { bind: [`uid=new,${PEOPLE}`, "pw2"] },
    { bind: [`uid=new,${PEOPLE}`, "pw3"] },
    { bind: ADMIN },
    {
      modify: `uid=testuser3,${PEOPLE}`,
      changes: [{ change: "increment", name: "uidNumber", values: ["5"] }],
    },
    find("(uid=testuser3)", { attributes: ["uidNumber"] }),
    {
      modify: `uid=testuser3,${PEOPLE}`,
      changes: [{ change: "increment", name: "uidNumber", values: ["-5"] }],
    },
    { rename: `uid=new,${PEOPLE}`, to: "uid=newer", deleteOldRdn: true },
    find("(uid=newer)", { attributes: ["uid", "cn"] }),
    { rename: `uid=newer,${PEOPLE}`, to: "cn=New", deleteOldRdn: false },
    find("(uid=newer)", { attributes: ["uid", "cn"] }),
    { rename: `cn=New,${PEOPLE}`, to: "uid=alice", deleteOldRdn: false },
    { rename: `cn=New,${PEOPLE}`, to: "nonsense", deleteOldRdn: false },
    { rename: `cn=Nobody,${PEOPLE}`, to: "cn=x", deleteOldRdn: false },
    {
      rename: `cn=New,${PEOPLE}`,
      to: "cn=New",
      deleteOldRdn: false,
      newSuperior: `ou=nowhere,${BASE}`,
    },
    {
      rename: `cn=New,${PEOPLE}`,
      to: "cn=NEW",
      deleteOldRdn: false,
      newSuperior: `ou=Staff,${BASE}`,
    },
    find("(uid=newer)", { attributes: ["uid", "cn"] }),
    { rename: `ou=Staff,${BASE}`, to: "ou=Crew", deleteOldRdn: true },
    { search: `ou=Crew,${BASE}`, attributes: ["ou", "uid"] },
    {
      rename: `ou=Crew,${BASE}`,
      to: "ou=Crew",
      deleteOldRdn: false,
      newSuperior: `uid=sam,ou=Crew,${BASE}`,
    },
    { rename: `ou=Crew,${BASE}`, to: "ou=Staff", deleteOldRdn: true },
    { delete: `ou=Staff,${BASE}` },
    { delete: `cn=New,ou=Staff,${BASE}` },
    { delete: `cn=New,ou=Staff,${BASE}` },
    { delete: "nonsense" },
    { search: `ou=Staff,${BASE}`, attributes: ["1.1"] },
  ],
  "answers extended operations": [
    { extended: "1.3.6.1.4.1.4203.1.11.3" },
    { extended: "1.2.3.4.5" },
    { extended: "1.3.6.1.4.1.4203.1.11.1" },
  ],
};

/** Does a step and keeps what can be compared. */
export async function runStep(client: LdapClient, step: Step): Promise<Outcome> {
  if ("bind" in step) return outcome(await client.bind(...step.bind));
  if ("search" in step) {
    const controls = step.manageDsaIt ? [{ oid: MANAGE_DSA_IT, critical: true }] : [];
    const answer = await client.search({ ...step, base: step.search }, controls);
    const entries = answer.entries.map(({ dn, attributes }) => {
      const sorted = Object.entries(attributes).map(
        ([name, values]) => [name, [...values].sort()] as const,
      );
      return [dn, Object.fromEntries(sorted.sort())] as const;
    });
    const references = answer.references.map((urls) => [...urls].sort()).sort();
    return {
      ...outcome(answer),
      entries: Object.fromEntries(entries.sort()),
      ...(references.length > 0 && { references }),
    };
  }
  if ("compare" in step) return outcome(await client.compare(...step.compare));
  if ("modify" in step) return outcome(await client.modify(step.modify, step.changes));
  if ("add" in step) return outcome(await client.add(step.add, step.attributes));
  if ("delete" in step) return outcome(await client.delete(step.delete));
  if ("rename" in step) {
    const { rename, to, deleteOldRdn, newSuperior } = step;
    return outcome(await client.modifyDn(rename, to, deleteOldRdn, newSuperior));
  }
  const answer = await client.extended(
    step.extended,
    step.value ? Buffer.from(step.value) : undefined,
  );
  return {
    ...outcome(answer),
    ...(answer.value && { value: answer.value.toString().toLowerCase() }),
  };
}

function outcome({ code, matchedDn, referral }: Answer): Outcome {
  return {
    code,
    ...(matchedDn !== "" && { matchedDn: matchedDn.toLowerCase() }),
    ...(referral.length > 0 && { referral: [...referral].sort() }),
  };
}
