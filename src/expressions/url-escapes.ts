/** What httpd leaves as it is in a URL's path. */
const PLAIN = /[^A-Za-z0-9$\-_.+!*'(),:@&=/~;]+/gu;

/** httpd's `escape`: percent-escapes in lower case for what can't stand in a path. */
export function escapeUrl(text: string): string {
  return text.replace(PLAIN, (part) =>
    Array.from(Buffer.from(part), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}

/** httpd's `unescape`: `%2F` stays; empty where an escape is broken or is a NUL. */
export function unescapeUrl(text: string): string {
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(text)) return "";
  return decodePercents(text);
}

/** Decodes percent-escapes to UTF-8; `%2F`, `%00` and broken ones stay as they are. */
export function decodePercents(text: string): string {
  return text.replace(/(?:%(?!2[Ff]|00)[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString(),
  );
}
