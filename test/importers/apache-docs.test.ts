import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { DIRECTIVES } from "../../src/importers/apache/directive-table.ts";

const page = readFileSync(new URL("../../docs/coming-from-apache.md", import.meta.url), "utf8");

/** What stands under a heading, down to the next of its kind. */
function partUnder(heading: string): string {
  const [, part = ""] = page.split(`\n## ${heading}\n`);
  return part.split("\n## ")[0] ?? "";
}

/** The last cell of the row that a directive stands in, in the table of directives. */
function fateOf(name: string): string | undefined {
  const rows = partUnder("Directives").split("\n");
  const row = rows.find((each) => each.split("|")[1]?.includes(`\`${name}\``));
  return row?.split("|").at(-2)?.trim();
}

describe("docs/coming-from-apache.md", () => {
  for (const { name, skipped, refused } of DIRECTIVES.values()) {
    const fate = refused ? "refused" : skipped ? "skipped" : "carried";
    it(`says that ${name} is ${fate}`, () => {
      assert.match(fateOf(name) ?? "not in the table", new RegExp(`\\b${fate}\\b`));
    });
  }

  it("names the sections and lines of mod_authz_core that the table of directives does not hold", () => {
    for (const name of [
      ...["Require", "<RequireAll>", "<RequireAny>", "<RequireNone>"],
      ...["<AuthzProviderAlias>", "<AuthnProviderAlias>"],
    ]) {
      assert.match(fateOf(name) ?? "not in the table", /^carried/, name);
    }
  });

  it("has every Require type", () => {
    const part = partUnder("Require");
    for (const type of [
      ...["valid-user", "user", "group", "ldap-user", "ldap-group", "ldap-dn", "ldap-attribute"],
      ...["ldap-filter", "ldap-search", "all granted", "ip", "expr", "host", "not"],
    ]) {
      assert.match(part, new RegExp(`\\| \`Require ${type}\\b`), type);
    }
    for (const type of ["all denied", "local", "method", "env", "forward-dns"]) {
      assert.ok(part.includes(`\`${type}\``), type);
    }
  });

  it("lists sixteen differences by their numbers", () => {
    const items = partUnder("What is different on purpose").match(/^\d+(?=\. \*\*)/gm);
    assert.deepEqual(
      items?.map(Number),
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  it("links to headings that are there", () => {
    const links = [...page.matchAll(/\]\(([\w-]+\.md)(?:#([\w-]+))?\)/g)];
    assert.ok(links.length > 10);
    for (const [, file = "", anchor] of links) {
      const other = readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");
      const anchors = [...other.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(anchor === undefined || anchors.includes(anchor), `${file}#${anchor}`);
    }
  });
});
