/** The most characters of a URL, a filter or a DN. Beyond about ten times as many, patterns run out of stack. */
export const LONGEST_TEXT = 1_000_000;
