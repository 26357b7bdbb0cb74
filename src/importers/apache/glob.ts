/** Whether a path pattern has wildcards, as httpd's apr_fnmatch_test sees it: `*`, `?`, or a `[` with a `]` behind it. */
export function isGlob(pattern: string): boolean {
  const plain = pattern.replace(/\\.?/gs, "");
  const bracket = plain.indexOf("[");
  return /[*?]/.test(plain) || (bracket >= 0 && plain.includes("]", bracket));
}

/**
 * Whether a text without slashes matches a pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `[^a-z]`, and a backslash before a character that stands
 * for itself. Takes at most the product of the two lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let seen = 0;
  let star: { readonly at: number; seen: number } | undefined;
  while (seen < text.length || at < pattern.length) {
    if (pattern[at] === "*") {
      star = { at: at + 1, seen };
      at++;
      continue;
    }
    const length = seen < text.length ? matchOne(pattern, at, text.charAt(seen)) : 0;
    if (length > 0) {
      at += length;
      seen++;
      continue;
    }
    // Only the last star can take one more: what stands before it has matched as early as it could.
    if (star === undefined || star.seen >= text.length) return false;
    star.seen++;
    at = star.at;
    seen = star.seen;
  }
  return true;
}

/** How many characters of the pattern match this one; 0 if they don't. */
function matchOne(pattern: string, at: number, character: string): number {
  const first = pattern[at];
  if (first === undefined) return 0;
  if (first === "?") return 1;
  if (first === "[") {
    const end = endOfSet(pattern, at);
    if (end !== undefined) return isInSet(pattern.slice(at + 1, end), character) ? end + 1 - at : 0;
  }
  if (first === "\\" && at + 1 < pattern.length) return pattern[at + 1] === character ? 2 : 0;
  return first === character ? 1 : 0;
}

/** Where the `]` stands; one at the very beginning is part of the set. */
function endOfSet(pattern: string, start: number): number | undefined {
  let at = start + 1;
  if (pattern[at] === "!" || pattern[at] === "^") at++;
  const first = at;
  while (at < pattern.length) {
    if (pattern[at] === "]" && at > first) return at;
    at += pattern[at] === "\\" ? 2 : 1;
  }
  return undefined;
}

function isInSet(set: string, character: string): boolean {
  const isTurned = set.startsWith("!") || set.startsWith("^");
  let at = isTurned ? 1 : 0;
  let isIn = false;
  while (at < set.length) {
    if (set[at] === "\\" && at + 1 < set.length) at++;
    const low = set.charAt(at);
    at++;
    let high = low;
    if (set[at] === "-" && at + 1 < set.length) {
      at++;
      if (set[at] === "\\" && at + 1 < set.length) at++;
      high = set.charAt(at);
      at++;
    }
    if (character >= low && character <= high) isIn = true;
  }
  return isIn !== isTurned;
}
