import type { Changes } from "./authentication/changes.ts";
import { prepareDirectoryProvider } from "./authentication/directory-provider.ts";
import { type LookUp, prepareLookUp } from "./authentication/look-up.ts";
import type { Person } from "./authentication/person.ts";
import type { Provider } from "./authentication/provider.ts";
import { prepareStoredProvider } from "./authentication/stored/stored-provider.ts";
import type { Identities } from "./authorization/question.ts";
import type { Directory, Searches } from "./directory/directory.ts";
import { openDirectory } from "./directory/open-directory.ts";
import type { AnswerMemory } from "./directory/remembered-answers.ts";
import type { LdapSettings } from "./options/resolve-ldap.ts";

/** One directory, opened, and the questions about people that are prepared on it. */
export interface People {
  readonly settings: LdapSettings;
  readonly directory: Directory;
  /** Checks passwords here, under a name in a chain. `wanted` are the attributes to keep of an entry. */
  provider(name: string, wanted?: readonly string[]): Provider;
  /** Finds somebody without a password. */
  lookUp(wanted?: readonly string[]): LookUp;
  /** As whom rules ask about somebody: as themselves where the settings say so and there is a password, else as the service account. */
  identities(person: Person, password: string | undefined): Identities;
}

/** What may answer in a directory's stead for a while, and until when. */
export interface AnswersInMemory {
  readonly memory: AnswerMemory;
  readonly changes: Changes;
}

/**
 * Opens a directory as its options say. Connects to nothing yet. Without `answers` each question of a rule is asked of it. Throws a `ConfigError`
 * if its certificates can't be used, or if stored passwords would be shown.
 */
export function openPeople(settings: LdapSettings, answers?: AnswersInMemory): People {
  const { url, searchAsUser, compareAsUser } = settings;
  const { isAuthoritative, initialBind, looksAtAccount, passwords } = settings;
  const directory = openDirectory(settings.directory);
  const nobodyElse = { compare: directory, search: directory, groups: directory };
  // The name may be made of the login attribute (`remoteUser`), also where the URL lists none.
  const read = url.attributes.length > 0 ? url.attributes : [url.loginAttribute];

  function asAccount(person: Person): Identities {
    if (answers === undefined) return nobodyElse;
    const { memory, changes } = answers;
    // Most rules ask nothing.
    let opened: Searches | undefined;
    const open = () => {
      opened ??= memory.of(directory, () => changes.lastOf(person));
      return opened;
    };
    return {
      get compare() {
        return open();
      },
      get search() {
        return open();
      },
      get groups() {
        return open();
      },
    };
  }

  return {
    settings,
    directory,
    provider: (name, wanted = read) => {
      const asked = { name, url, wanted, isAuthoritative, looksAtAccount };
      if (passwords === "bind")
        return prepareDirectoryProvider(directory, { ...asked, initialBind });
      return prepareStoredProvider(directory, { ...asked, passwords, log: settings.directory.log });
    },
    lookUp: (wanted = read) => prepareLookUp(directory, url, wanted),
    identities(person, password) {
      if (password === undefined || !(searchAsUser || compareAsUser)) return asAccount(person);
      const asUser = directory.as(person.dn, password);
      return {
        compare: compareAsUser ? asUser : directory,
        search: searchAsUser ? asUser : directory,
        // httpd looks into nested groups as the person only with both on.
        groups: compareAsUser && searchAsUser ? asUser : directory,
      };
    },
  };
}
