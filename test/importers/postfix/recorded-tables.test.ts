import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serverName } from "../../../src/directory/directory-settings.ts";
import { ConfigError } from "../../../src/errors.ts";
import { readTable } from "../../../src/importers/postfix/read-table.ts";
import { isFatalAtOpen, recordedLookups, refusedAtOpen } from "../../support/recorded-lookups.ts";

const tables = recordedLookups.flatMap((record) =>
  record.cf === null ? [] : [{ ...record, cf: record.cf }],
);

/** What both say when a table is opened, as what it is about. */
const WARNINGS: readonly (readonly [about: string, postfix: RegExp, ours: RegExp])[] = [
  [
    "an earlier entry",
    /, line (\d+): overriding earlier entry: (\w+)=/,
    /, line (\d+): overriding earlier entry: (\w+)$/,
  ],
  [
    "a line that starts with a blank",
    /logical line must not start with whitespace/,
    /logical line must not start with whitespace/,
  ],
  [
    "the scope",
    /Unrecognized value (\w+) specified for scope; using sub/,
    /Unrecognized value "(\w+)" specified for scope; using sub/,
  ],
  [
    "a fixed filter",
    /Fixed query_filter .* ?is probably useless/,
    /Fixed query_filter is probably useless/,
  ],
  [
    "aliases",
    /Unrecognized value (\d+) specified for dereference; using 0/,
    /Unrecognized value (\d+) specified for dereference; using 0/,
  ],
  ["StartTLS", /start_tls requires protocol version 3/, /start_tls requires protocol version 3/],
  [
    "the scheme",
    /URL scheme (\w+) requires protocol version 3/,
    /URL scheme (\w+) requires protocol version 3/,
  ],
  ["the version", /Unknown version (\d+), using 3/, /Unknown version (\d+), using 3/],
  ["the cache", /ignoring (cache\w*)/, /ignoring (cache\w*)/],
];

function named(lines: readonly string[], which: "postfix" | "ours"): readonly string[] {
  return lines.flatMap((line) =>
    WARNINGS.flatMap(([about, postfix, ours]) => {
      const found = (which === "postfix" ? postfix : ours).exec(line);
      return found ? [[about, ...found.slice(1)].join(" ")] : [];
    }),
  );
}

describe("readTable and the recorded tables", () => {
  it("refuses what is fatal to Postfix, names file and line, and takes all others", () => {
    let fatal = 0;
    for (const record of tables) {
      const { id, cf } = record;
      const read = () => readTable({ text: cf, name: "FILE" });
      if (!isFatalAtOpen(record) && !refusedAtOpen.has(id)) {
        assert.doesNotThrow(read, id);
        continue;
      }
      fatal++;
      assert.throws(
        read,
        (error) => error instanceof ConfigError && /^FILE, line \d+: /.test(error.message),
        id,
      );
    }
    assert(fatal > 30, `${fatal} refused`);
  });

  it("names the parameter that Postfix names", () => {
    for (const record of tables.filter(isFatalAtOpen)) {
      const [, parameter] =
        / (?:configuration|< \d|value): (\w+) = /.exec(record.messages.join("\n")) ?? [];
      if (parameter === undefined) continue;
      assert.throws(
        () => readTable({ text: record.cf }),
        (error) => error instanceof ConfigError && error.option === parameter,
        record.id,
      );
    }
  });

  it("warns of what Postfix warns of", () => {
    let warned = 0;
    for (const record of tables) {
      if (isFatalAtOpen(record) || refusedAtOpen.has(record.id)) continue;
      const { warnings } = readTable({ text: record.cf, name: "FILE" });
      assert.deepEqual(named(warnings, "ours"), named(record.messages, "postfix"), record.id);
      if (named(warnings, "ours").length > 0) warned++;
    }
    assert(warned > 15, `${warned} warned`);
  });

  it("finds the servers and the protocol version that Postfix found", () => {
    let compared = 0;
    for (const record of tables) {
      const { id, cf, url, protocol } = record;
      if (typeof url !== "string" || isFatalAtOpen(record) || refusedAtOpen.has(id)) continue;
      const { servers, version } = readTable({ text: cf });
      const expected = url.split(" ").map(normalUrl);
      const found = servers.map(({ address, security }) => serverName(address, security));
      assert.deepEqual(found, expected, id);
      if (typeof protocol === "number") assert.equal(version, protocol, id);
      compared++;
    }
    assert(compared > 350, `${compared} compared`);
  });
});

/** What OpenLDAP's library makes of it. */
function normalUrl(url: string): string {
  const [, scheme = "", host = "", port = ""] =
    /^(ldap|ldaps|ldapi):\/\/([^/?]*?)(?::(\d+))?(?:[/?].*)?$/.exec(url) ?? [];
  if (scheme === "ldapi") return `ldapi://${decodeURIComponent(host)}`;
  return `${scheme}://${host || "localhost"}:${Number(port) || 389}`;
}
