import { ConfigError } from "../errors.ts";
import { ACCOUNT_STATES, type AccountTexts } from "../web/account-texts.ts";
import type { AuthnzLdapOptions } from "./authnz-ldap-options.ts";
import { checkKeys, text } from "./check.ts";

/** The application's words for account states and warnings; only those that it has. */
export function resolveTexts(option: AuthnzLdapOptions["texts"] = {}): AccountTexts {
  checkKeys(option, [...ACCOUNT_STATES, "warning"], "texts");
  const { warning } = option;
  if (warning !== undefined && typeof warning !== "function") {
    throw new ConfigError("texts.warning must be a function that returns text.", {
      option: "texts.warning",
    });
  }
  const words = ACCOUNT_STATES.flatMap((state) => {
    const said = text(option[state], `texts.${state}`);
    return said === undefined ? [] : [[state, said] as const];
  });
  return { ...Object.fromEntries(words), ...(warning && { warning }) };
}
