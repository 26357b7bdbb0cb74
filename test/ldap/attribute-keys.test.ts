import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AttributeKeys } from "../../src/ldap/attribute-keys.ts";
import { exposedAttributes } from "../../src/ldap/auth-ldap-url.ts";
import { parseAuthLdapUrl } from "../../src/ldap/parse-auth-ldap-url.ts";

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function keysAtRunTime(url: string): readonly string[] {
  return exposedAttributes(parseAuthLdapUrl(url)).map((name) => name.toUpperCase());
}

/** `tsc` checks that `keys` are the type's keys, all of them; the run checks that they are the parser's. */
function sameKeys<const Url extends string, const Keys extends readonly string[]>(
  url: Url,
  keys: Equal<AttributeKeys<Url>, Keys[number]> extends true ? Keys : never,
): void {
  assert.deepEqual(keysAtRunTime(url), keys);
}

/** The type promises nothing about this URL; the parser reads it. */
function anyKeys<const Url extends string>(
  url: Equal<AttributeKeys<Url>, Uppercase<string>> extends true ? Url : never,
  keys: readonly string[],
): void {
  assert.deepEqual(keysAtRunTime(url), keys);
}

describe("the attribute keys of a literal URL", () => {
  it("are its attributes in upper case", () => {
    sameKeys(
      "ldap://ldap.domain.org/ou=web,dc=domain,dc=org?uid,MyWebAccess?one?(WebAccess=MyWebApp_Level_*)",
      ["UID", "MYWEBACCESS"],
    );
    sameKeys("ldaps://h/dc=x?mail", ["MAIL"]);
    sameKeys("ldap://h1 h2:3890,[::1]:389/dc=x?uid,cn;lang-en,my_attribute?sub", [
      "UID",
      "CN;LANG-EN",
      "MY_ATTRIBUTE",
    ]);
    sameKeys("ldap://h/?uid", ["UID"]);
    sameKeys("ldap:///dc=x?0.9.2342.19200300.100.1.1", ["0.9.2342.19200300.100.1.1"]);
    sameKeys("ldapi://%2frun%2fldapi/dc=x?uid,cn?one", ["UID", "CN"]);
  });

  it("are none where the URL lists no attribute, as in httpd", () => {
    sameKeys("ldap://h/dc=x", []);
    sameKeys("ldap://h", []);
    sameKeys("ldap://h/dc=x?", []);
    sameKeys("ldap://h/dc=x??sub?(mail=*)", []);
    sameKeys("ldap://h/dc=x?,,?one", []);
    sameKeys('"ldap://h/dc=x?" STARTTLS', []);
    sameKeys("ldap://h/dc=x? SSL", []);
  });

  it("leave out * and +, empty elements and repetitions", () => {
    sameKeys("ldap://h/dc=x?uid,*", ["UID"]);
    sameKeys("ldap://h/dc=x?uid,+,mail,%2a,%2B", ["UID", "MAIL"]);
    sameKeys("ldap://h/dc=x?,uid,,mail,", ["UID", "MAIL"]);
    sameKeys("ldap://h/dc=x?uid,UID,mail,MaIl", ["UID", "MAIL"]);
  });

  it("do not hold the quotes, the brackets and the connection mode", () => {
    sameKeys('"ldap://h/dc=x?uid,cn" STARTTLS', ["UID", "CN"]);
    sameKeys("'ldap://h/dc=x?uid,cn'", ["UID", "CN"]);
    sameKeys('"ldap://h1 h2/dc=x?uid,cn?one" "SSL"', ["UID", "CN"]);
    sameKeys("ldap://h/dc=x?uid,cn TLS", ["UID", "CN"]);
    sameKeys("  ldap://h/dc=x?uid,cn\tnone \n", ["UID", "CN"]);
    sameKeys("<URL:ldap://h/dc=x?uid,cn>", ["UID", "CN"]);
    sameKeys('"<ldap://h/dc=x?uid,cn>" SSL', ["UID", "CN"]);
    sameKeys("URL:ldap://h/dc=x?uid,cn", ["UID", "CN"]);
    sameKeys('"ldap://h/cn=a\\\\5c\\\\22b?uid"', ["UID"]);
  });

  it("have their percent-escapes decoded", () => {
    sameKeys("ldap://h/dc=x?%75id,ma%69l,c%6E%3Blang%2den", ["UID", "MAIL", "CN;LANG-EN"]);
    sameKeys("ldap://h/ou=a%3fb%3Fc?%55%49%44", ["UID"]);
  });

  it("are not guessed from an escape that can't stand in a name", () => {
    const promised: Equal<AttributeKeys<"ldap://h/dc=x?uid,a%2Cb">, Uppercase<string>> = true;
    assert.ok(promised);
    assert.throws(() => parseAuthLdapUrl("ldap://h/dc=x?uid,a%2Cb"), { name: "ConfigError" });
  });

  it("do not compile with a typo", () => {
    type Keys = AttributeKeys<"ldap://h/dc=x?uid,MyWebAccess?one?(WebAccess=*)">;
    const authenticated: Readonly<Record<Keys, string>> = { UID: "web1", MYWEBACCESS: "1" };
    assert.equal(authenticated.MYWEBACCESS, "1");
    // @ts-expect-error one S too few
    assert.equal(authenticated.MYWEBACESS, undefined);
    // @ts-expect-error the keys are in upper case
    assert.equal(authenticated.uid, undefined);
  });
});

describe("the attribute keys of a URL that is not one literal", () => {
  it("are any upper-case text", () => {
    const fromEnvironment: string = "ldap://h/dc=x?uid,cn";
    anyKeys(fromEnvironment, ["UID", "CN"]);
    const host: string = "h";
    anyKeys(`ldap://${host}/dc=x?uid,cn` as const, ["UID", "CN"]);
    anyKeys<"ldap://h/dc=x?uid,cn" | "ldap://h/dc=x?uid">("ldap://h/dc=x?uid", ["UID"]);
  });

  it("are any upper-case text for any and never", () => {
    // biome-ignore lint/suspicious/noExplicitAny: what a JavaScript caller's types may be
    const any: Equal<AttributeKeys<any>, Uppercase<string>> = true;
    const never: Equal<AttributeKeys<never>, Uppercase<string>> = true;
    assert.ok(any && never);
  });
});
