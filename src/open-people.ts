import { prepareDirectoryProvider } from "./authentication/directory-provider.ts";
import { type LookUp, prepareLookUp } from "./authentication/look-up.ts";
import type { Provider } from "./authentication/provider.ts";
import type { Identities } from "./authorization/question.ts";
import type { Directory } from "./directory/directory.ts";
import { openDirectory } from "./directory/open-directory.ts";
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
  identities(dn: string, password: string | undefined): Identities;
}

/** Opens a directory as its options say. Connects to nothing yet. Throws a `ConfigError` if its certificates can't be used. */
export function openPeople(settings: LdapSettings): People {
  const { url, searchAsUser, compareAsUser, isAuthoritative, initialBind } = settings;
  const directory = openDirectory(settings.directory);
  // The name may be made of the login attribute (`remoteUser`), also where the URL lists none.
  const read = url.attributes.length > 0 ? url.attributes : [url.loginAttribute];
  return {
    settings,
    directory,
    provider: (name, wanted = read) =>
      prepareDirectoryProvider(directory, { name, url, wanted, isAuthoritative, initialBind }),
    lookUp: (wanted = read) => prepareLookUp(directory, url, wanted),
    identities(dn, password) {
      if (password === undefined || !(searchAsUser || compareAsUser)) {
        return { compare: directory, search: directory, groups: directory };
      }
      const asUser = directory.as(dn, password);
      return {
        compare: compareAsUser ? asUser : directory,
        search: searchAsUser ? asUser : directory,
        // httpd looks into nested groups as the person only with both on.
        groups: compareAsUser && searchAsUser ? asUser : directory,
      };
    },
  };
}
