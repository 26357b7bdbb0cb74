import { ConfigError } from "../../errors.ts";
import type { Filter } from "../../ldap/filter.ts";
import { parseFilter } from "../../ldap/parse-filter.ts";
import { configErrorAt } from "./config-error-at.ts";
import type { Setting } from "./setting.ts";
import { type NamePart, type Piece, readTemplate } from "./template.ts";

/** A pass_filter or user_filter, as far as an AuthLDAPURL can say it: `(&(part)…(attribute=name))`. */
export interface NameFilter {
  /** What the name is compared with, as spelled. */
  readonly attribute: string;
  /** What of the name is compared. */
  readonly part: NamePart;
  /** What else must hold; all of it. */
  readonly others: readonly Filter[];
}

// Private characters of Unicode that stand for the variables while the filter is parsed.
const MARKS: Readonly<Record<NamePart, string>> = { user: "\ue000", username: "\ue001" };
const ANY_MARK = /[\ue000\ue001]/;

/** What letter case makes no difference in. */
const CASELESS: ReadonlySet<string> = new Set([
  ...["uid", "mail", "cn", "samaccountname", "userprincipalname"],
]);

/**
 * Reads a filter with variables. It must demand, alone or in an AND, that one attribute equals the name: an AuthLDAPURL compares it with one
 * attribute, as a whole. Throws a `ConfigError` for any other filter, since one that is almost the same could find somebody else.
 */
export function readNameFilter(setting: Setting): NameFilter {
  const filter = parse(setting);
  const parts = partsOf(filter);
  const named = parts.filter(mentionsName);
  const [only, another] = named;
  if (only === undefined) {
    throw configErrorAt(setting, "there is no %u in it: it would find the same entry for any name");
  }
  if (another !== undefined) {
    throw configErrorAt(setting, "the name stands in it twice; here it is compared once");
  }
  if (only.type !== "equal") throw configErrorAt(setting, whyNot(only));
  const value = only.value.toString();
  const part = value === MARKS.user ? "user" : value === MARKS.username ? "username" : undefined;
  if (part === undefined) {
    throw configErrorAt(setting, "a name with other text around it is not carried: only (uid=%u)");
  }
  const { attribute } = only;
  const lowered = readTemplate(setting.value).some(
    (piece) => piece.type === "name" && piece.isLowerCase,
  );
  if (lowered && !CASELESS.has(attribute.toLowerCase())) {
    throw configErrorAt(setting, "%L is not carried where letter case could make a difference");
  }
  return { attribute, part, others: parts.filter((each) => each !== only) };
}

function parse(setting: Setting): Filter {
  const { value } = setting;
  if (ANY_MARK.test(value)) throw configErrorAt(setting, "there is a private character in it");
  const text = readTemplate(value)
    .map((piece) => marked(piece, setting))
    .join("");
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const cause = new ConfigError(
      error.message.replaceAll("\ue000", "%u").replaceAll("\ue001", "%n"),
    );
    throw configErrorAt(setting, "it is no filter such as (&(objectClass=person)(uid=%u))", cause);
  }
}

function marked(piece: Piece, setting: Setting): string {
  if (piece.type === "text") return piece.text;
  if (piece.type === "name") return MARKS[piece.part];
  throw configErrorAt(setting, `${shown(piece.variable)} is not carried: only %u and %n are`);
}

/** A variable for a message, if it looks like one. */
function shown(variable: string): string {
  return /^%[-.\w]{0,8}(?:\{[\w:;=-]{1,40}\})?$/.test(variable) ? variable : "a variable";
}

/** The parts of nested ANDs. */
function partsOf(filter: Filter): readonly Filter[] {
  return filter.type === "and" ? filter.filters.flatMap(partsOf) : [filter];
}

function mentionsName(filter: Filter): boolean {
  const values = (each: Filter): readonly Buffer[] => {
    switch (each.type) {
      case "and":
      case "or":
        return each.filters.flatMap(values);
      case "not":
        return values(each.filter);
      case "present":
        return [];
      case "substrings":
        return [each.initial ?? Buffer.alloc(0), ...each.any, each.final ?? Buffer.alloc(0)];
      default:
        return [each.value];
    }
  };
  return values(filter).some((value) => ANY_MARK.test(value.toString()));
}

function whyNot({ type }: Filter): string {
  switch (type) {
    case "or":
      return "an OR with the name in it is not carried: here the name is compared with one attribute";
    case "not":
      return "a negation of the name is not carried";
    case "substrings":
      return "a name with * around it is not carried: only (uid=%u)";
    default:
      return "the name is only ever compared by equality, as in (uid=%u)";
  }
}
