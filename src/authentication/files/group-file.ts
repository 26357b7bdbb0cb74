import { fileLines, splitAtColon, trimBlanks } from "./file-lines.ts";
import { bytesOf, watchFile } from "./watched-file.ts";

/** The groups of an AuthGroupFile. */
export interface GroupFile {
  /** The groups that list this name, byte for byte. Rejects with a `DirectoryError` if the file can't be read. */
  groupsOf(username: string): Promise<ListedGroups>;
}

/** Some groups. */
export interface ListedGroups {
  /** In any letter case of ASCII, as in httpd. */
  has(group: string): boolean;
}

/**
 * Reads `group: alice bob "two words"` lines (AuthGroupFile), again when the file has changed. Several lines of one group add up. Opens nothing
 * until it is asked.
 */
export function openGroupFile(path: string): GroupFile {
  const groups = watchFile(path, parse);
  return {
    async groupsOf(username) {
      const listed = (await groups()).get(bytesOf(username));
      return { has: (group) => listed?.has(folded(bytesOf(group))) ?? false };
    },
  };
}

/** By member. */
function parse(bytes: string): ReadonlyMap<string, ReadonlySet<string>> {
  const groupsOf = new Map<string, Set<string>>();
  for (const line of fileLines(bytes)) {
    const [group, members] = splitAtColon(line);
    for (const member of wordsOf(members)) {
      const groups = groupsOf.get(member) ?? new Set();
      groupsOf.set(member, groups.add(folded(trimBlanks(group))));
    }
  }
  return groupsOf;
}

/** Words between blanks, or in quotes, where a backslash keeps a quote from ending one. */
const WORD = /"((?:\\["\\]|[^"])*)"?|'((?:\\['\\]|[^'])*)'?|([^ \t\v\f\r"'][^ \t\v\f\r]*)/g;

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(WORD)].map(([, inDouble, inSingle, plain = ""]) => {
    if (inDouble !== undefined) return inDouble.replace(/\\(["\\])/g, "$1");
    if (inSingle !== undefined) return inSingle.replace(/\\(['\\])/g, "$1");
    return plain.replaceAll("\\\\", "\\");
  });
}

function folded(group: string): string {
  return group.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
