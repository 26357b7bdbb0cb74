import type { DereferenceAliases, ServerAddress } from "../directory/directory-settings.ts";

/** One step of a %-expansion, see ldap_table(5): literal text, or what is put in. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** `%s` the whole, `%u` the local part, `%d` the domain. `ofKey`: upper case; in a result format of the key and not of the value. */
  | { readonly kind: "whole" | "local" | "domain"; readonly ofKey: boolean }
  /** `%1` is the last label of the key's domain. */
  | { readonly kind: "label"; readonly number: number };

/** A text with %-expansions. */
export type Template = readonly TemplatePart[];

/** One of server_host, and how it is spoken to. */
export interface TableServer {
  readonly address: ServerAddress;
  readonly security: "none" | "starttls" | "tls";
}

/** ldap_table(5)'s parameters, checked and with Postfix's defaults filled in. Plain data; holds the service account's password. */
export interface TableSettings {
  readonly name: string;
  /** Tried in this order when connecting. */
  readonly servers: readonly TableServer[];
  /** For connecting and for each search, in milliseconds. 0 is a temporary error at each look-up, as in Postfix. */
  readonly timeout: number;
  readonly version: 2 | 3;
  readonly bind:
    | { readonly kind: "none" }
    /** Also with an empty DN or password, which are sent as they are. */
    | { readonly kind: "simple"; readonly dn: string; readonly password: string }
    | { readonly kind: "sasl"; readonly mechanisms: string };
  readonly tls: {
    /** tls_require_cert. Postfix's default, and so this one's, is no: everybody on the way can answer for the server. */
    readonly requireCertificate: boolean;
    readonly caFile: string | undefined;
    readonly caDirectory: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly cipherSuite: string | undefined;
  };
  readonly searchBase: Template;
  readonly scope: "base" | "one" | "sub";
  readonly queryFilter: Template;
  readonly resultFormat: Template;
  readonly resultAttributes: readonly string[];
  readonly specialResultAttributes: readonly string[];
  readonly terminalResultAttributes: readonly string[];
  readonly leafResultAttributes: readonly string[];
  /** `domain =`: undefined for no limit; lower case. */
  readonly domains: readonly string[] | undefined;
  readonly dereference: DereferenceAliases;
  readonly chaseReferrals: boolean;
  readonly recursionLimit: number;
  /** 0: none. */
  readonly expansionLimit: number;
  /** 0: none. */
  readonly sizeLimit: number;
  /** What Postfix warns of when it opens the file; never a password. */
  readonly warnings: readonly string[];
}
