import { checkLength, type ExpressionReader } from "./expression-reader.ts";
import { compilePattern, type Pattern } from "./pattern/pattern.ts";

/** Reads a regular expression up to its delimiter, which no backslash can hide, and the flag behind it; `i` is all there is in httpd 2.4. */
export function readRegex(reader: ExpressionReader, opening: string): Pattern {
  const { text, at } = reader;
  const end = text.indexOf(opening.slice(-1), at);
  if (end < 0) throw reader.wrong("syntax error, unexpected the end of a regular expression");
  const source = text.slice(at, end);
  checkLength(reader, Buffer.byteLength(source));
  reader.at = end + 1;
  const ignoreCase = text[reader.at] === "i";
  if (ignoreCase) reader.at++;
  return compilePattern(source, { ignoreCase });
}
