import { prepareChain } from "./authentication/chain.ts";
import { prepareChangePassword } from "./authentication/change-password.ts";
import type { Changes } from "./authentication/changes.ts";
import type { AuthenticationResult, Credentials, Mechanism } from "./authentication/credentials.ts";
import { openPasswordFile } from "./authentication/files/password-file.ts";
import type { LookUp } from "./authentication/look-up.ts";
import { prepareScramSalt } from "./authentication/mechanisms/scram-salt.ts";
import { prepareProve } from "./authentication/prove.ts";
import type { Provider } from "./authentication/provider.ts";
import { type RememberedResult, rememberLogins } from "./authentication/remembered-logins.ts";
import { type Deadline, startDeadline } from "./directory/deadline.ts";
import type { DirectoryHealth } from "./directory/directory.ts";
import { mergeHealth } from "./directory/merge-health.ts";
import { rememberAnswers } from "./directory/remembered-answers.ts";
import { ConfigError } from "./errors.ts";
import type { Observe } from "./events.ts";
import { openPeople, type People } from "./open-people.ts";
import {
  type JudgeByTables,
  prepareRestrictions,
  type RestrictedResult,
} from "./open-restrictions.ts";
import type { Settings } from "./options/resolve.ts";
import type { LdapSettings } from "./options/resolve-ldap.ts";
import { FIRST, type OtherSettings } from "./options/resolve-other-providers.ts";
import { prepareNaming } from "./web/naming.ts";
import type { Asker, Realm } from "./web/realm.ts";
import { createShare } from "./web/share.ts";

/** What web/ is handed, and what else the handle offers. */
export interface OpenedRealm {
  readonly realm: Realm;
  /** Asks the providers, and not the memory. */
  authenticate(credentials: Credentials, deadline: Deadline): Promise<RestrictedResult>;
  /** What the tables of `restrictions` say of somebody. */
  readonly judge: JudgeByTables;
  /** Finds somebody in the directories, in turn, as a login does. */
  readonly lookUp: LookUp;
  health(): DirectoryHealth;
  /** Closes all connections to directories. */
  close(): Promise<void>;
}

/** Opens the directories and files that the settings name. Connects to nothing yet. Throws a `ConfigError`. */
export function openRealm(settings: Settings, observe: Observe, changes: Changes): OpenedRealm {
  const { ldap, others, levels, log, cache } = settings;
  const { url, exposed, timeout } = ldap;
  const first = open(ldap);
  const peopleOf = new Map([[FIRST, first]]);
  for (const other of others) {
    if (other.kind === "directory") peopleOf.set(other.name, open(other.ldap));
  }
  const wanted = [
    ...(exposed.length > 0 ? exposed : [url.loginAttribute]),
    ...(levels ? [levels.attribute] : []),
  ];
  const own = first.provider(FIRST, wanted);
  const providers = [
    own,
    ...others.map((other) =>
      other.kind === "file"
        ? openPasswordFile(other.file, { name: other.name, log })
        : openedProvider(peopleOf, other.name, wanted),
    ),
  ];
  const restrictions = prepareRestrictions(settings.restrictions, exposed, { log, observe });
  const authenticate = restrictions.aroundLogin(prepareChain(providers));
  const budget = () => startDeadline(timeout);
  const share = createShare<RememberedResult<RestrictedResult>>(budget);
  const { initialBind } = ldap;
  const changePassword =
    settings.web.passwordChange &&
    prepareChangePassword(first.directory, { name: FIRST, url, initialBind });
  const logins = rememberLogins({ authenticate, changes, observe, share }, cache);
  const { mechanisms } = settings.web;
  const offers = (mechanism: Mechanism) => mechanisms.includes(mechanism);
  const prove = prepareProve(own, mechanisms);
  const scramSalt = offers("scram-sha-256") && prepareScramSalt(own, settings.scramSecret);

  function open(one: LdapSettings): People {
    const memory = cache && rememberAnswers(cache, observe);
    const observed = { ...one, directory: { ...one.directory, observe } };
    return openPeople(observed, memory ? { memory, changes } : undefined);
  }

  let isFollowing = !settings.watches;
  function follow(): void {
    if (isFollowing) return;
    isFollowing = true;
    for (const { settings: one, directory } of peopleOf.values()) {
      const { base, scope } = one.url;
      const onMode = (mode = "away") => observe({ type: "watch", change: "mode", mode });
      directory.watch({ base, scope, onMode }, (change) => {
        changes.note(change);
        observe({ type: "watch", change: change.kind });
      });
    }
  }

  /** What a person's rules are asked of: the directory that identified them. Somebody of a file has none. */
  function subjectOf({ person, password, request }: Asker) {
    if (person === undefined) return { url };
    const people = peopleOf.get(person.provider ?? FIRST);
    if (people === undefined) return { person, url: undefined };
    const isNeeded = people === first && realm.asksAsUser && request !== undefined;
    if (isNeeded && password === undefined) throw passwordNeeded();
    return { person, url: people.settings.url, identities: people.identities(person, password) };
  }

  const realm: Realm = {
    id: realmId(ldap, others),
    attributes: exposed,
    naming: prepareNaming(url, ldap.remoteUser, ldap.authorizePrefix),
    asksAsUser: ldap.searchAsUser || ldap.compareAsUser,
    log,
    observe,
    changes,
    startDeadline: budget,
    follow,
    // Where passwords are not accepted none is looked at, whoever asks.
    authenticate: offers("plain") ? logins.authenticate : async () => NOT_OFFERED,
    ...(offers("plain") ? { recall: logins.recall } : {}),
    forget: logins.forget,
    ...(prove ? { prove: restrictions.aroundLogin(prove) } : {}),
    ...(scramSalt ? { scramSalt } : {}),
    ...(changePassword ? { changePassword } : {}),
    reread: restrictions.aroundReread(async (person, deadline) => {
      const name = person.provider ?? FIRST;
      const provider = providers.find((each) => each.name === name);
      // One that the application has no more says nothing about anybody.
      if (provider === undefined) return { ok: false, reason: "no-provider" };
      return provider.reread(person, deadline);
    }),
    decide: async (rule, asker, deadline) =>
      rule({
        ...subjectOf(asker),
        ...(asker.request && { request: asker.request }),
        deadline,
        levels,
      }),
  };

  const directories = () => [...peopleOf.values()].map(({ directory }) => directory);
  return {
    realm,
    authenticate,
    judge: restrictions.judge,
    lookUp: lookUpIn(peopleOf, wanted),
    health: () => mergeHealth(directories().map((directory) => directory.health())),
    close: async () => {
      await Promise.all(directories().map((directory) => directory.close()));
    },
  };
}

/** A session of one that takes people from elsewhere too is nobody's where these are not asked. */
function realmId({ urlText }: LdapSettings, others: readonly OtherSettings[]): string {
  if (others.length === 0) return urlText;
  const from = others.map((other) => [
    other.name,
    other.kind === "file" ? other.file : other.ldap.urlText,
  ]);
  return JSON.stringify([urlText, ...from]);
}

function lookUpIn(peopleOf: ReadonlyMap<string, People>, wanted: readonly string[]): LookUp {
  const lookUps = [...peopleOf].map(([provider, people]) => ({
    provider,
    lookUp: people.lookUp(wanted),
  }));
  return async (name, deadline) => {
    for (const { provider, lookUp } of lookUps) {
      const person = await lookUp(name, deadline);
      if (person) return { ...person, provider };
    }
    return undefined;
  };
}

function openedProvider(
  peopleOf: ReadonlyMap<string, People>,
  name: string,
  wanted: readonly string[],
): Provider {
  const people = peopleOf.get(name);
  if (people === undefined) throw new RangeError(`no directory ${name}`);
  return people.provider(name, wanted);
}

const NOT_OFFERED: AuthenticationResult = { ok: false, reason: "unacceptable-credentials" };

function passwordNeeded(): ConfigError {
  return new ConfigError(
    "searchAsUser and compareAsUser need the password with each request, and there is none: use HTTP Basic.",
    { option: "searchAsUser" },
  );
}
