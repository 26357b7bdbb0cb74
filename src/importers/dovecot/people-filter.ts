import type { Filter } from "../../ldap/filter.ts";
import { formatFilter } from "../../ldap/format-filter.ts";
import { configErrorAt } from "./config-error-at.ts";
import { type NameFilter, readNameFilter } from "./name-filter.ts";
import type { Notes } from "./notes.ts";
import { type Settings, settingOf, writtenOf } from "./settings.ts";

/** Whether a login in Dovecot looks the user up by `user_filter` too: `"require"` where its userdb is this file, `"ignore"` where it is another one. */
export type UserFilterUse = "require" | "ignore" | undefined;

/**
 * The filter of an AuthLDAPURL: `others` and, as `use` says, what user_filter demands beyond them. Undefined: nothing. Throws a `ConfigError` where
 * user_filter demands more and nobody said whether it counts.
 */
export function peopleFilter(
  all: Settings,
  { attribute, part, others }: NameFilter,
  use: UserFilterUse,
  notes: Notes,
): Filter | undefined {
  const filters = [...others, ...userFilters(all, { attribute, part, others }, use, notes)];
  if (part === "username") {
    // Dovecot never compares what has an @ in it, so that whose attribute has one could not sign in there.
    filters.push({
      type: "not",
      filter: { type: "substrings", attribute, any: [Buffer.from("@")] },
    });
  }
  const [only, another] = filters;
  return another === undefined ? only : { type: "and", filters };
}

function userFilters(
  all: Settings,
  { attribute, part, others }: NameFilter,
  use: UserFilterUse,
  notes: Notes,
): readonly Filter[] {
  const written = writtenOf(all, "user_filter");
  if (use === "ignore" || (use === undefined && written === undefined)) {
    if (written) notes.add(written, "the app says that it is not asked");
    return [];
  }
  const setting = settingOf(all, "user_filter");
  const demanded = readNameFilter(setting);
  const known = new Set(others.map(formatFilter));
  const more = demanded.others.filter((each) => !known.has(formatFilter(each)));
  const isSame =
    demanded.attribute.toLowerCase() === attribute.toLowerCase() && demanded.part === part;
  if (isSame && (more.length === 0 || use === "require")) return more;
  throw configErrorAt(
    setting,
    isSame
      ? 'it demands more than pass_filter: say userFilter: "require" where userdb is this file, else "ignore"'
      : 'it looks for another attribute than the login: say userFilter: "ignore" if userdb is not this file',
  );
}
