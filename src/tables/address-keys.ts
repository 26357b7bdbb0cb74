import { ConfigError } from "../errors.ts";

/** How addresses are looked up. */
export interface AddressKeysOptions {
  /** What separates a name from its extension, each letter of it: `+` (recipient_delimiter). Default: addresses have no extensions. */
  readonly recipientDelimiter?: string;
  /** The domain of addresses without one (myorigin). Default: such an address has no domain to be looked up. */
  readonly origin?: string;
}

/** The keys of an address, to be tried in order until one is found. `[]`: this is no address that could be looked up. */
export type AddressKeys = (address: string) => readonly string[];

/** More than any address that mail can be sent to has (RFC 5321 section 4.5.3.1). */
const LONGEST_LOCAL_PART = 500;
const LONGEST_DOMAIN = 255;

/**
 * The keys that Postfix' check_sender_access looks up, in its order: `user+ext@domain`, `user@domain`, `domain`, then each parent domain, `user+ext@`,
 * `user@`; those with `+ext` only where there is one. The null sender, an empty text or `<>`, is looked up as `<>`. Quotes are taken off as Postfix takes
 * them off, so that `"user"@domain` is `user@domain`; what would be an address only with quotes (blanks, commas, several addresses in one text), has control
 * characters, or is longer than addresses are has no keys. Letter case is left to the table, which folds it. Throws a `ConfigError` for wrong options.
 */
export function addressKeys(options: AddressKeysOptions = {}): AddressKeys {
  const { recipientDelimiter = "", origin, ...unknown } = options;
  const [key] = Object.keys(unknown);
  if (key !== undefined) {
    const message = `addressKeys takes recipientDelimiter and origin, not ${JSON.stringify(key)}.`;
    throw new ConfigError(message, { option: key });
  }
  if (typeof recipientDelimiter !== "string") {
    throw new ConfigError('recipientDelimiter must be text such as "+".', {
      option: "recipientDelimiter",
    });
  }
  if (origin !== undefined && !isDomain(origin)) {
    throw new ConfigError("origin must be a domain.", { option: "origin" });
  }

  return (address) => {
    if (typeof address !== "string") return [];
    if (address === "" || address === "<>") return ["<>"];
    const parts = splitAddress(address);
    if (parts === undefined) return [];
    const { local, domain = origin } = parts;
    const bare = withoutExtension(local, recipientDelimiter);
    const names = bare === undefined ? [local] : [local, bare];
    return [
      ...names.map((name) => (domain === undefined ? name : `${name}@${domain}`)),
      ...(domain === undefined ? [] : domainAndParents(domain)),
      ...names.map((name) => `${name}@`),
    ];
  };
}

interface AddressParts {
  readonly local: string;
  readonly domain: string | undefined;
}

function splitAddress(address: string): AddressParts | undefined {
  if (address.length > LONGEST_LOCAL_PART + 1 + LONGEST_DOMAIN) return undefined;
  const at = address.lastIndexOf("@");
  const local = unquoted(at < 0 ? address : address.slice(0, at));
  // As the root's dot is taken off in Postfix.
  const domain = at < 0 ? undefined : address.slice(at + 1).replace(/\.$/, "");
  if (local === undefined || local === "" || local.length > LONGEST_LOCAL_PART) return undefined;
  if (domain !== undefined && !isDomain(domain)) return undefined;
  return { local, domain };
}

/** The name that a local part means; undefined where it is none (RFC 5322 section 3.4.1). */
function unquoted(text: string): string | undefined {
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) return undefined;
  if (!/^(?:"(?:[^"\\]|\\.)*"|\\.|[^\s"\\(),:;<>[\]])*$/u.test(text)) return undefined;
  return text.replace(/\\(.)|"/gu, "$1");
}

function isDomain(text: unknown): text is string {
  return (
    typeof text === "string" &&
    text !== "" &&
    text.length <= LONGEST_DOMAIN &&
    text.isWellFormed() &&
    /^(?:\[[^\s[\]@]+\]|[^\p{Cc}\s"\\(),:;<>@[\]]+)$/u.test(text)
  );
}

function domainAndParents(domain: string): readonly string[] {
  const found = [domain];
  if (domain.startsWith("[")) return found;
  for (let dot = domain.indexOf("."); dot >= 0; dot = domain.indexOf(".", dot + 1)) {
    const parent = domain.slice(dot + 1);
    if (parent !== "") found.push(parent);
  }
  return found;
}

/** The name before its extension; undefined where it has none. */
function withoutExtension(local: string, delimiters: string): string | undefined {
  if (
    delimiters.includes("-") &&
    /^owner-|.-request$|^(?:mailer-daemon|double-bounce)$/i.test(local)
  ) {
    return undefined;
  }
  const at = [...local].findIndex((letter) => delimiters.includes(letter));
  return at > 0 ? [...local].slice(0, at).join("") : undefined;
}
