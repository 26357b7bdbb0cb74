/** For a terminal, which obeys control characters. Line breaks stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "\uFFFD");
}

/** The same for text that must not begin a line of its own. */
export function printableLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "\uFFFD");
}
