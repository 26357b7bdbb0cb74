import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { askTable, type TableAnswer } from "./ask-table.ts";
import { lookupExceptions } from "./lookup-exceptions.ts";
import {
  type PostfixServers,
  type RecordedDirectory,
  startPostfixServers,
} from "./postfix-servers.ts";
import {
  isFatalAtOpen,
  type RecordedLookup,
  recordedLookups,
  refusedAtOpen,
} from "./recorded-lookups.ts";

/** Postfix opens these and then fails with every key; here they are wrong from the start. */
const wrongFromTheStart: ReadonlyMap<string, string> = new Map([
  ...refusedAtOpen,
  ["bind-007", "bind = sasl without a certificate or a Unix socket to prove who asks"],
  ["tls-010", "tls_ca_cert_file does not exist"],
  ["tls-011", "tls_ca_cert_file does not exist"],
  ["tls-014", "tls_cipher_suite names no cipher suite"],
  ["tls-015", "tls_cipher_suite names no cipher suite"],
]);

const agreeing = recordedLookups.filter(({ id }) => !lookupExceptions.has(id));
const groups = new Map<string, RecordedLookup[]>();
for (const record of agreeing) {
  groups.set(record.group, [...(groups.get(record.group) ?? []), record]);
}

/** Where the recorded look-ups are made. */
export interface LookupSuite {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<RecordedDirectory>;
  /** The order of entries is the server's own affair: whether this one has slapd's. */
  readonly isInOrder: boolean;
}

/** Makes all recorded look-ups on a directory and compares what comes of them. */
export function describeRecordedLookups({ name, skip, start, isInOrder }: LookupSuite): void {
  const ordered = (value: string) => (isInOrder ? value : value.split(",").sort().join(","));

  describe(`the recorded look-ups of postmap, on ${name}`, { skip }, () => {
    let servers: PostfixServers;
    before(async () => {
      servers = await startPostfixServers(start());
    });
    after(() => servers?.close());
    async function ask({ cf, key, keyHex }: RecordedLookup): Promise<TableAnswer> {
      const source =
        cf === null ? { file: "/nonexistent/postfix/ldap.cf" } : { text: servers.fileText(cf) };
      // Bytes that are no text are half a character here.
      const answer = await askTable(source, keyHex === undefined ? key : `${key}\ud800`);
      return { ...answer, value: ordered(answer.value) };
    }

    for (const [group, records] of groups) {
      describe(group, () => {
        for (const record of records) {
          const { id, key, note, outcome, stdout } = record;
          it(`${id}: ${JSON.stringify(key)} is ${outcome}${note ? ` (${note})` : ""}`, async () => {
            const answer = await ask(record);
            assert.deepEqual(answer, {
              outcome,
              value: ordered(stdout.replace(/\n$/, "")),
              isAtOpen: isFatalAtOpen(record) || wrongFromTheStart.has(id),
            });
          });
        }
      });
    }

    for (const record of recordedLookups) {
      const exception = lookupExceptions.get(record.id);
      if (!exception) continue;
      it(`${record.id} is not as recorded: ${exception.why}`, async () => {
        const { value } = exception;
        const outcome = value === undefined ? "notfound" : "found";
        assert.deepEqual(await ask(record), {
          outcome,
          value: ordered(value ?? ""),
          isAtOpen: false,
        });
        assert.notEqual(`${value}\n`, record.stdout);
      });
    }

    it("are all there, and few are exceptions", (test) => {
      assert.equal(recordedLookups.length, 428);
      assert.equal(agreeing.length, recordedLookups.length - lookupExceptions.size);
      test.diagnostic(`${agreeing.length} of ${recordedLookups.length} recorded look-ups agree`);
    });
  });
}
