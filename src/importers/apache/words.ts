/** One word of a directive, and where the next one begins. */
export interface Word {
  readonly word: string;
  readonly next: number;
}

/**
 * The word at `from`, as httpd's ap_getword_conf takes it: blanks end it, or the quote it began with. Within quotes a backslash
 * stands before a quote or a backslash, outside only before a backslash; anywhere else it is a character like others. A quote
 * that is not closed ends with the line. Undefined at the end.
 */
export function wordAt(text: string, from: number): Word | undefined {
  const start = skipBlanks(text, from);
  if (start >= text.length) return undefined;
  const first = text[start];
  const quote = first === '"' || first === "'" ? first : undefined;
  let at = quote === undefined ? start : start + 1;
  let word = "";
  while (at < text.length) {
    const character = text.charAt(at);
    if (quote === undefined ? isBlank(character) : character === quote) break;
    const following = text[at + 1];
    if (
      character === "\\" &&
      following !== undefined &&
      (following === "\\" || following === quote)
    ) {
      word += following;
      at += 2;
    } else {
      word += character;
      at++;
    }
  }
  if (quote !== undefined && at < text.length) at++;
  return { word, next: skipBlanks(text, at) };
}

/** All words of a text. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (let found = wordAt(text, 0); found; found = wordAt(text, found.next)) words.push(found.word);
  return words;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charAt(at))) at++;
  return at;
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t";
}
