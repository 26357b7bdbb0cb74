/** Every byte (of a text: of its UTF-8) as a backslash and two hex digits, which filters and DNs read alike. */
export function escapeBytes(value: string | Buffer): string {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return bytes.toString("hex").replace(/../g, "\\$&");
}
