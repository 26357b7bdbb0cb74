import { DirectoryError } from "../errors.ts";
import { formatDn, normalizeDn, parseDn } from "../ldap/dn.ts";

/**
 * Another server was named for a part of the tree. Throws `protocol` if it speaks of what is not in that part: else whoever runs it could give out
 * entries under the names of the directory's own people.
 */
export function demandWithin(dn: string, base: string, server: string): void {
  if (isWithin(dn, base)) return;
  const message = `${server} was asked about ${base || "everything"}, and speaks of ${dn || "all"}`;
  throw new DirectoryError(message, { code: "protocol" });
}

/** Whether the one DN is the other, or below it. False if either is none. */
export function isWithin(dn: string, base: string): boolean {
  const parts = partsOf(dn);
  const above = partsOf(base);
  if (parts === undefined || above === undefined || parts.length < above.length) return false;
  return formatDn(parts.slice(parts.length - above.length)) === formatDn(above);
}

/** Not compared as text: an escaped comma separates nothing. */
function partsOf(dn: string): ReturnType<typeof parseDn> {
  const normal = normalizeDn(dn);
  return normal === undefined ? undefined : parseDn(normal);
}
