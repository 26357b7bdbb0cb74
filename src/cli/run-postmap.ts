import { isUtf8 } from "node:buffer";
import { ConfigError, DirectoryError } from "../errors.ts";
import type { LogRecord } from "../log.ts";
import { ldapTable } from "../open-table.ts";
import type { LdapTable, TableSearch } from "../tables/ldap-table.ts";
import { printableLine } from "./printable.ts";
import type { PostmapRequest } from "./read-postmap-arguments.ts";

/** Where keys come from and answers go. */
export interface PostmapStreams {
  /** Only read for the key `-`. */
  readonly input: AsyncIterable<Buffer>;
  /** Standard output. */
  output(text: string): void;
  /** Standard error. */
  report(text: string): void;
}

/**
 * Looks keys up and prints what `postmap -q` prints. Resolves with its exit status: 0 where something was found, 1 for nothing and for every error. Rejects
 * for neither.
 */
export async function runPostmap(
  { file, key, foldKeys, isVerbose }: PostmapRequest,
  { input, output, report }: PostmapStreams,
): Promise<0 | 1> {
  const say = (text: string): void => report(`authnz-ldap: ${printableLine(text)}\n`);
  const sayIfAsked = (text: string): void => {
    if (isVerbose) say(text);
  };
  const log = ({ level, message }: LogRecord): void =>
    level === "info" ? sayIfAsked(message) : say(`warning: ${message}`);
  const onSearch = (search: TableSearch): void => {
    for (const line of describeSearch(search)) sayIfAsked(line);
  };

  async function lookup(table: LdapTable, name: string): Promise<string | undefined> {
    const values = await table.lookup(name);
    sayIfAsked(values === undefined ? "not found" : `found ${values.length}`);
    for (const value of values ?? []) sayIfAsked(`value: ${value}`);
    return values?.join(",");
  }

  let table: LdapTable | undefined;
  try {
    table = ldapTable({ file }, { log, foldKeys, onSearch });
    if (key !== "-") {
      const value = await lookup(table, key);
      if (value !== undefined) output(`${value}\n`);
      return value === undefined ? 1 : 0;
    }
    let status: 0 | 1 = 1;
    for await (const line of linesOf(input)) {
      if (line === undefined) {
        say("warning: a key is not valid UTF-8");
        continue;
      }
      const value = await lookup(table, line);
      if (value === undefined) continue;
      output(`${line}\t${value}\n`);
      status = 0;
    }
    return status;
  } catch (error) {
    if (error instanceof ConfigError) say(`fatal: ${error.message}`);
    else if (error instanceof DirectoryError) {
      say(`fatal: table ldap:${file}: query error: ${error.message} (${error.code})`);
    } else throw error;
    return 1;
  } finally {
    await table?.close();
  }
}

function describeSearch(search: TableSearch): readonly string[] {
  const { server = "no server", base, scope, filter, attributes, entries } = search;
  return [
    `server: ${server}`,
    `base: ${JSON.stringify(base)}, scope ${scope}`,
    `filter: ${filter}`,
    `attributes: ${attributes.join(", ") || "none"}`,
    `entries: ${entries}`,
  ];
}

/** Line by line, as C reads text: a NUL ends it. Undefined for bytes that are no UTF-8 text, which are in no table. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  let pieces: Buffer[] = [];
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield textOf(Buffer.concat([...pieces, chunk.subarray(start, end)]));
      pieces = [];
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
  }
  const last = Buffer.concat(pieces);
  if (last.length > 0) yield textOf(last);
}

function textOf(line: Buffer): string | undefined {
  const nul = line.indexOf(0);
  const bytes = nul < 0 ? line : line.subarray(0, nul);
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
