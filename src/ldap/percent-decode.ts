import { isUtf8 } from "node:buffer";

/**
 * Decodes the percent-escapes of a URL's part (RFC 3986 section 2.1) as UTF-8. Returns the place of the first escape
 * that is none, or of the part's start where the result is not UTF-8 text.
 */
export function percentDecode(
  part: string,
): { readonly text: string } | { readonly wrongAt: number } {
  const broken = part.search(/%(?![0-9A-Fa-f]{2})/);
  if (broken >= 0) return { wrongAt: broken };
  if (!part.includes("%")) return { text: part };
  const pieces = part
    .split(/((?:%[0-9A-Fa-f]{2})+)/)
    .map((piece, index) =>
      index % 2 === 0 ? Buffer.from(piece) : Buffer.from(piece.replaceAll("%", ""), "hex"),
    );
  const bytes = Buffer.concat(pieces);
  return isUtf8(bytes) ? { text: bytes.toString() } : { wrongAt: part.indexOf("%") };
}
