/**
 * Folds letter case as Postfix folds keys: Unicode's full case folding, for which `straße` is `strasse`, and not lower case. Text that is ASCII is the same in
 * both.
 */
export function foldKey(key: string): string {
  const lower = key.toLowerCase();
  return /^[\0-\x7f]*$/.test(lower) ? lower : Array.from(key, foldCharacter).join("");
}

/** Lower case of upper case is what CaseFolding.txt says, but for what follows. */
function foldCharacter(character: string): string {
  // It has no dot, the lower case of its upper case has one.
  if (character === "\u0131") return character;
  // These were upper case only, at first, and stay so.
  if (/^\p{Script=Cherokee}$/u.test(character)) return character.toUpperCase();
  // Of each by itself: what stands at the end of a word makes no difference.
  const upper = character.toLowerCase().toUpperCase();
  return Array.from(upper, (part) => part.toLowerCase()).join("");
}
