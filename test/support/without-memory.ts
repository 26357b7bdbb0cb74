import type { AuthnzLdapOptions } from "../../src/index.ts";

/** Options with which every question goes to the directory, at once and only then. */
export const WITHOUT_MEMORY: Pick<AuthnzLdapOptions, "cache" | "watch"> = {
  cache: false,
  watch: false,
};
