/** Reads a text word by word, the way httpd does (ap_getword_conf). */
export interface WordReader {
  readonly atEnd: boolean;
  /** Up to a character, which is skipped with its repetitions (ap_getword); all that is left if there is none. */
  until(stop: string): string;
  /** The next word: quotes group, and a backslash stands before themselves and before another one. */
  word(): string;
}

export function readWords(text: string): WordReader {
  let at = 0;

  function skipBlanks(): void {
    while (isBlank(text[at])) at++;
  }

  function wordTo(isEnd: (character: string) => boolean, quote?: string): string {
    let word = "";
    while (at < text.length && !isEnd(text.charAt(at))) {
      const next = text[at + 1];
      if (text[at] === "\\" && next !== undefined && (next === "\\" || next === quote)) at++;
      word += text.charAt(at++);
    }
    return word;
  }

  skipBlanks();
  return {
    get atEnd() {
      return at >= text.length;
    },
    until(stop) {
      const start = at;
      while (at < text.length && text[at] !== stop) at++;
      const before = text.slice(start, at);
      while (text[at] === stop) at++;
      return before;
    },
    word() {
      skipBlanks();
      const quote = text[at];
      let word: string;
      if (quote === '"' || quote === "'") {
        at++;
        word = wordTo((character) => character === quote, quote);
        at++;
      } else {
        word = wordTo(isBlank);
      }
      skipBlanks();
      return word;
    },
  };
}

/** C's isspace: not what else Unicode calls a space. */
function isBlank(character: string | undefined): boolean {
  return character !== undefined && /^[ \t\n\v\f\r]$/.test(character);
}
