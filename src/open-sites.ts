import { prepareChain } from "./authentication/chain.ts";
import { openPasswordFile } from "./authentication/files/password-file.ts";
import type { Person } from "./authentication/person.ts";
import type { Provider } from "./authentication/provider.ts";
import { compileRule } from "./authorization/compile-rule.ts";
import { levelsOfUrl } from "./authorization/level.ts";
import { startDeadline } from "./directory/deadline.ts";
import type { DirectoryHealth } from "./directory/directory.ts";
import type { Observe } from "./events.ts";
import type { Access, AccessProvider, LdapAccess } from "./importers/apache/access.ts";
import type { Log } from "./log.ts";
import { openPeople, type People } from "./open-people.ts";
import { resolveLdap } from "./options/resolve-ldap.ts";
import { resolveWeb } from "./options/resolve-web.ts";
import { prepareEnvironment } from "./web/as-httpd/environment-steps.ts";
import type { Site, SiteDirectory } from "./web/as-httpd/site.ts";
import { type Naming, prepareNaming } from "./web/naming.ts";
import type { Realm } from "./web/realm.ts";

/** The sites of a configuration, opened. */
export interface Sites {
  /** One that `openSites` was not given is opened here, once. */
  of(access: Access): Site;
  health(): readonly DirectoryHealth[];
  close(): Promise<void>;
}

/**
 * Opens what the configuration names: each directory and password file once, whatever number of sections use it. Connects to
 * nothing yet. Throws a `ConfigError` if a rule, a file or a certificate can't be used.
 */
export function openSites(accesses: readonly Access[], log: Log, observe: Observe): Sites {
  const opened = new Map<string, People>();
  const files = new Map<string, Provider>();
  const sites = new WeakMap<Access, Site>();

  function peopleOf({ options }: LdapAccess): People {
    // httpd asks about nothing but the password.
    return remembered(opened, JSON.stringify(options), () => {
      const settings = resolveLdap(options, log);
      const directory = { ...settings.directory, observe };
      return openPeople({ ...settings, directory, looksAtAccount: false });
    });
  }

  function providerOf(provider: AccessProvider): Provider {
    const { name } = provider;
    if (provider.kind === "ldap") return peopleOf(provider.ldap).provider(name);
    const { file } = provider;
    return remembered(files, `${name}\0${file}`, () => openPasswordFile(file, { name, log }));
  }

  const warn = (message: string) => log({ level: "warn", event: "rule-never-holds", message });

  function open(access: Access): Site {
    const { authName, authType, rule, providers } = access;
    const people = access.ldap && peopleOf(access.ldap);
    const directories = providers.filter((each) => each.kind === "ldap");
    const chain = providers.map(providerOf);
    const authenticate = prepareChain(chain, { emptyPasswords: true });
    const own = access.ldap && JSON.stringify(access.ldap.options);
    // Whose password this very directory checked.
    const names = new Set(
      directories.flatMap(({ name, ldap }) => (JSON.stringify(ldap.options) === own ? name : [])),
    );
    const namings = new Map(
      directories.map(({ name, ldap }) => [name, namingFor(peopleOf(ldap), ldap)]),
    );
    const directory = people && access.ldap && siteDirectory(people, access.ldap, names);
    const peopleByName = new Map(directories.map(({ name, ldap }) => [name, peopleOf(ldap)]));
    const realm: Realm = {
      id: "apache",
      attributes: people?.settings.exposed ?? [],
      naming: directory?.naming ?? NAMELESS,
      asksAsUser: false,
      log,
      observe,
      startDeadline: () => startDeadline(people?.settings.timeout ?? TIMEOUT),
      authenticate,
      // There are no sessions here: each request is a login.
      reread: async (person) => ({ ok: true, person }),
      // Guards of the application ask the directory that knows the person, and of a file's people nobody.
      decide: (compiled, { person, password, request }, deadline) => {
        const theirs = person ? peopleByName.get(person.provider ?? "") : people;
        return compiled({
          ...(person && { person }),
          ...(person && theirs && { identities: theirs.identities(person, password) }),
          ...(request && { request }),
          url: theirs?.settings.url,
          levels: theirs && levelsOfUrl(theirs.settings.url),
          deadline,
        });
      },
    };
    return {
      realm,
      settings: resolveWeb({
        throttle: false,
        // httpd takes a password over whatever it comes.
        requireTls: false,
        ...(authName === undefined ? {} : { realm: authName }),
      }),
      rule: rule && compileRule(rule, warn),
      asksForPassword: authType === "basic",
      isAuthoritative: access.authoritative,
      sendsForbidden: access.sendForbidden,
      charsets: access.charsets,
      environment: prepareEnvironment(access.environment),
      authenticate,
      askAboutNobody: async (deadline) => chain[0]?.decoy(deadline),
      namingOf: ({ provider = "" }) => namings.get(provider),
      directory,
    };
  }

  const of = (access: Access) => remembered(sites, access, () => open(access));
  for (const access of accesses) of(access);
  return {
    of,
    health: () => [...opened.values()].map(({ directory }) => directory.health()),
    close: async () => {
      await Promise.all([...opened.values()].map(({ directory }) => directory.close()));
    },
  };
}

/** Of somebody whom no directory knows. */
const NAMELESS: Naming = {
  attributes: [],
  exposed: [],
  authorizePrefix: "AUTHORIZE_",
  remoteUser: (_, name) => name,
};

/** The time that one request may spend on password files where there is no directory, in milliseconds. */
const TIMEOUT = 5_000;

function remembered<Key extends WeakKey | string, Value>(
  known: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  const old = known.get(key);
  if (old !== undefined) return old;
  const made = make();
  known.set(key, made);
  return made;
}

/** `names` are the providers that are directories: whose password they checked, this module knows. */
function siteDirectory(
  people: People,
  ldap: LdapAccess,
  names: ReadonlySet<string>,
): SiteDirectory {
  const { url } = people.settings;
  const knows = ({ provider }: Person) => provider !== undefined && names.has(provider);
  return {
    url,
    naming: namingFor(people, ldap),
    knows,
    identities: (person, password) =>
      people.identities(person, knows(person) ? password : undefined),
    lookUp: people.lookUp(),
  };
}

function namingFor({ settings }: People, { blankAttributes = [], bindsAs }: LdapAccess): Naming {
  const { url, remoteUser, authorizePrefix, initialBind } = settings;
  const naming = prepareNaming(url, remoteUser, authorizePrefix);
  return {
    ...naming,
    attributes: [...naming.attributes, ...blankAttributes],
    ...(bindsAs && initialBind ? { bindAs: initialBind } : {}),
  };
}
