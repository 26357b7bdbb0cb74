/**
 * One spelling for all those of a name that a directory may take for the same one (RFC 4518: letter case, width, spaces, invisible characters; Active
 * Directory: accents too). Two people's names may have one: never take them for each other because of it.
 */
export function foldName(typed: string): string {
  return typed
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
}
