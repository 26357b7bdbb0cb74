import type { Deadline } from "./directory/deadline.ts";
import type { Directory, SearchQuery } from "./directory/directory.ts";
import type { DirectorySettings } from "./directory/directory-settings.ts";
import { openDirectory } from "./directory/open-directory.ts";
import { ConfigError, DirectoryError } from "./errors.ts";
import { readTable, type TableSource } from "./importers/postfix/read-table.ts";
import type { Entry } from "./ldap/entry.ts";
import { formatFilter } from "./ldap/format-filter.ts";
import { type Log, type LogRecord, logToStandardError } from "./log.ts";
import type { LdapTable, LdapTableOptions, TableSearch } from "./tables/ldap-table.ts";
import { prepareLookUp } from "./tables/look-up.ts";
import { tableDirectory } from "./tables/table-directory.ts";
import type { TableSettings } from "./tables/table-settings.ts";

/**
 * Opens a Postfix LDAP table (ldap_table(5)): its `.cf` file, the text of one, or an object of the same parameters. `lookup` answers what `postmap -q` answers.
 *
 * ```js
 * const senders = ldapTable({ file: "/etc/postfix/ldap-sender-restrictions.cf" });
 * await senders.lookup("testuser2@example.org"); // ["REJECT This account is not allowed to send emails"], or undefined
 * ```
 *
 * Nothing is connected until the first look-up; then one connection serves all look-ups, and is closed when it was idle for a minute. Throws a `ConfigError`
 * for what is fatal to Postfix, and for what can't be carried; what Postfix warns of goes to `log`, and so does tls_require_cert = no, which is Postfix's
 * default and takes any certificate.
 *
 * A look-up rejects with a `DirectoryError` where Postfix has a temporary error, and also after 10,000 searches, 100,000 values, or 30 seconds (twice
 * `timeout`, if that is longer). Where Postfix would wait for a server that accepts connections and does not answer, the next one of server_host is asked.
 */
export function ldapTable(source: TableSource, options: LdapTableOptions = {}): LdapTable {
  checkOptions(options);
  const { log = logToStandardError, foldKeys = true, onSearch } = options;
  const settings = readTable(source);
  const { name } = settings;
  const directorySettings = tableDirectory(settings, (record) => log(aboutTable(record, name)));
  const directory = open(directorySettings, name);
  for (const message of openingWarnings(settings)) {
    log({ level: "warn", event: "table-warning", message, details: { table: name } });
  }
  const lookup = prepareLookUp(settings, {
    search: onSearch ? telling(directory, onSearch) : directory.search,
    foldKeys,
    warn: warnOnce(name, log),
  });
  let closed: Promise<void> | undefined;

  return {
    name,
    async lookup(key) {
      if (closed !== undefined) throw new DirectoryError(`${name} is closed.`, { code: "closed" });
      return lookup(key);
    },
    close() {
      closed ??= directory.close();
      return closed;
    },
  };
}

function checkOptions(options: LdapTableOptions): void {
  const known: Readonly<Record<keyof LdapTableOptions, string>> = {
    log: "function",
    foldKeys: "boolean",
    onSearch: "function",
  };
  for (const [option, given] of Object.entries(options)) {
    const wanted = Object.hasOwn(known, option) && known[option as keyof LdapTableOptions];
    if (!wanted) throw new ConfigError(`ldapTable has no option ${option}.`, { option });
    if (given === undefined || typeof given === wanted) continue;
    throw new ConfigError(`${option} must be a ${wanted}.`, { option });
  }
}

function open(settings: DirectorySettings, name: string): Directory {
  try {
    return openDirectory(settings);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const reason = cause.cause instanceof Error ? cause.cause.message : "they are unusable";
    const message = `${name}: the tls_ parameters (files in PEM, tls_cipher_suite in OpenSSL's words) can't be used: ${reason}`;
    throw new ConfigError(message, { option: "tls_cipher_suite", cause });
  }
}

function openingWarnings(settings: TableSettings): readonly string[] {
  const { name, warnings, version } = settings;
  return [
    ...warnings,
    ...(version === 2 ? [`${name}: protocol version 3 is spoken, not 2`] : []),
    ...certificateWarning(settings),
  ];
}

function certificateWarning({ name, servers, tls, bind }: TableSettings): readonly string[] {
  const usesTls = servers.some(({ security }) => security !== "none");
  if (!usesTls || tls.requireCertificate) return [];
  const shows = bind.kind === "simple" && bind.password !== "" ? " and learn bind_pw" : "";
  return [
    `${name}: tls_require_cert = no: any certificate will do, so whoever is on the way can answer for the server${shows}`,
  ];
}

/** What the directory says of a service account is about a login elsewhere. */
function aboutTable(record: LogRecord, table: string): LogRecord {
  const isRefusal = record.event === "service-account-refused";
  const message = isRefusal ? "The directory refuses the bind of a table." : record.message;
  return { ...record, message, details: { ...record.details, table } };
}

function telling(directory: Directory, onSearch: (search: TableSearch) => void) {
  return async (query: SearchQuery, deadline: Deadline): Promise<readonly Entry[]> => {
    let server: string | undefined;
    const asking = directory.reporting((operation) => {
      server ??= operation.server;
    });
    const found = await asking.search(query, deadline);
    const { base, scope, filter, attributes } = query;
    const entries = found.length;
    onSearch({ server, base, scope, filter: formatFilter(filter), attributes, entries });
    return found;
  };
}

/** More would fill a log: visitors choose the keys. */
const MOST_WARNINGS = 100;

function warnOnce(table: string, log: Log): (message: string, about?: string) => void {
  const told = new Set<string>();
  return (message, about) => {
    const key = `${message} ${about}`;
    if (told.has(key) || told.size >= MOST_WARNINGS) return;
    told.add(key);
    const details = { table, ...(about !== undefined && { about }) };
    log({ level: "warn", event: "table-warning", message, details });
  };
}
