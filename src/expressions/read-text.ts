import { isUtf8 } from "node:buffer";
import {
  checkDepth,
  checkLength,
  type ExpressionReader,
  nested,
  read,
} from "./expression-reader.ts";
import { functionWord } from "./functions.ts";
import { variableWord } from "./server-variables.ts";
import { captureWord, constantWord, joinedWord, type Word } from "./word.ts";

/** What ends a text: its quote, the `}` of `%{function:…}`, or nothing but the end. */
export type TextEnd = "'" | '"' | "}" | undefined;

const UNTERMINATED = "Unterminated string or variable";

/** Reads a text with its `%{…}`, `$0` to `$9` and backslashes, up to its end, which is left to the caller. */
export function readText(reader: ExpressionReader, end: TextEnd): readonly Word[] {
  const words: Word[] = [];
  let bytes: Buffer[] = [];

  function finishPiece(): void {
    const piece = Buffer.concat(bytes);
    checkLength(reader, piece.length);
    if (!isUtf8(piece)) throw reader.wrong("Bytes that are not UTF-8 can't be honoured");
    if (piece.length > 0) words.push(constantWord(piece.toString()));
    bytes = [];
  }

  for (;;) {
    const plain = read(reader, /[^\\\n"'%}$]+/y);
    if (plain !== undefined) bytes.push(Buffer.from(plain));
    const character = reader.text[reader.at];
    if (character === end) break;
    if (character === undefined || character === "\n") throw reader.wrong(UNTERMINATED);
    const next = reader.text[reader.at + 1] ?? "";
    if (character === "\\") {
      bytes.push(readEscape(reader));
    } else if (character === "$" && /[0-9]/.test(next)) {
      finishPiece();
      if (reader.hasCaptures) words.push(captureWord(Number(next)));
      reader.at += 2;
    } else if (character === "%" && next === "{") {
      finishPiece();
      words.push(readVariable(reader));
    } else {
      // It makes httpd abort.
      if (end === "}" && /["']/.test(character)) {
        throw reader.wrong("A quote can't stand in %{function:…}");
      }
      bytes.push(Buffer.from(character));
      reader.at++;
    }
  }
  finishPiece();
  return words;
}

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["f", "\f"],
]);

/** A backslash and what is behind it: up to three octal digits are a byte, most other characters themselves. */
function readEscape(reader: ExpressionReader): Buffer {
  const start = reader.at;
  const digits = read(reader, /\\[0-9]+/y)?.slice(1);
  if (digits !== undefined) {
    if (!/^[0-7]{1,3}$/.test(digits)) throw reader.wrong("Bad escape sequence", start);
    const byte = Number.parseInt(digits, 8);
    if (byte > 0xff) throw reader.wrong("Escape sequence out of bound", start);
    // It would cut off the rest of the text in httpd.
    if (byte === 0) throw reader.wrong("A NUL can't be honoured", start);
    return Buffer.of(byte);
  }
  const character = read(reader, /\\./suy)?.slice(1);
  if (character === undefined) throw reader.wrong("A backslash needs a character behind it");
  return Buffer.from(CONTROLS.get(character) ?? character);
}

/** Reads `%{NAME}` or `%{function:text}`, whose `%{` is next. */
export function readVariable(reader: ExpressionReader): Word {
  const start = reader.at;
  reader.at += 2;
  const name = read(reader, /[a-zA-Z][a-zA-Z0-9_]*/y) ?? "";
  const character = reader.text[reader.at];
  if (character === undefined || character === "\n") throw reader.wrong(UNTERMINATED, start);
  if (character !== "}" && character !== ":") {
    const shown = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0);
    throw reader.wrong(`Invalid character in variable name '${shown}'`);
  }
  if (name === "") throw reader.wrong(`syntax error, unexpected '${character}': a name is missing`);
  reader.at++;
  if (character === "}") return variableWord(reader, name, start);

  const from = reader.at;
  const words = nested(reader, () => readText(reader, "}"));
  if (reader.at === from) throw reader.wrong("syntax error, unexpected '}': the text is missing");
  reader.at++;
  const word = functionWord(reader, name, joinedWord(words), start);
  checkDepth(reader, word.depth);
  return word;
}
