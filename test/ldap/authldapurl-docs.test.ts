import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { formatAuthLdapUrl } from "../../src/ldap/format-auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";

const docs = readFileSync(new URL("../../docs/authldapurl.md", import.meta.url), "utf8");

/** The lines of the code blocks under the heading. */
function linesUnder(heading: string): readonly string[] {
  const [, section = ""] = docs.split(`\n## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  return text
    .split("```")
    .filter((_, index) => index % 2 === 1)
    .flatMap((block) => block.split("\n"));
}

it("reads the examples of docs/authldapurl.md without a warning", () => {
  const examples = linesUnder("Examples").filter((line) => line.startsWith("ldap"));
  assert.equal(examples.length, 5);
  for (const example of examples) assert.deepEqual(parseAuthLdapUrl(example).warnings, []);
});

it("reads the three quotations of docs/authldapurl.md alike", () => {
  const spellings = linesUnder("Quotes and spaces").filter((line) => line !== "");
  assert.equal(spellings.length, 3);
  const formatted = spellings.map((spelling) => formatAuthLdapUrl(parseAuthLdapUrl(spelling)));
  assert.equal(new Set(formatted).size, 1);
});

it("refuses with the words that docs/authldapurl.md shows", () => {
  const shown = linesUnder("Errors").join("\n");
  for (const url of [
    "ldap://h/dc=domain,dc=org?uid?(mail=*)",
    "ldap://h/dc=x???(&(mail=*)(title=Boss)",
  ]) {
    assert.throws(
      () => parseAuthLdapUrl(url),
      (error: Error) => shown.includes(error.message),
    );
  }
});
