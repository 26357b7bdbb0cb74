import { type ConditionToken, readToken } from "./condition-token.ts";
import type { Condition } from "./expression.ts";
import {
  checkDepth,
  type ExpressionReader,
  expressionReader,
  nested,
} from "./expression-reader.ts";
import { functionWord } from "./functions.ts";
import { binaryTest, comparison, type Test, unaryTest } from "./operators.ts";
import { readRegex } from "./read-regex.ts";
import { readText, readVariable } from "./read-text.ts";
import { captureWord, constantWord, joinedWord, type Word } from "./word.ts";

/** A test and how deep httpd's evaluation goes for it. */
interface Part {
  readonly test: Test;
  readonly depth: number;
}

/**
 * Parses a condition of httpd (`Require expr`, `SetEnvIfExpr`) once, as its version 2.4 reads it. Throws a `ConfigError` with httpd's
 * words for what is wrong, and for what can't be honoured: look-ups in files and the DNS, and what only a response has.
 */
export function parseCondition(text: string): Condition {
  const reader = expressionReader(text, true);
  const parser = conditionParser(reader);
  const { test, depth } = parser.readWhole();
  checkDepth(reader, depth);
  return {
    mentionsUser: reader.mentionsUser,
    evaluate: (variables) => test({ variables, captures: undefined }),
    match(variables) {
      const evaluation = { variables, captures: undefined };
      return { holds: test(evaluation), captures: evaluation.captures };
    },
  };
}

function conditionParser(reader: ExpressionReader): { readWhole(): Part } {
  let token: ConditionToken = readToken(reader);

  function advance(): void {
    token = readToken(reader);
  }

  function isSign(...signs: readonly string[]): boolean {
    return token.kind === "sign" && signs.includes(token.text);
  }

  function unexpected(): Error {
    const shown = token.kind === "end" ? token.text : `'${token.text}'`;
    return reader.wrong(`syntax error, unexpected ${shown}`, token.start);
  }

  function expect(sign: string): void {
    if (!isSign(sign)) throw unexpected();
    advance();
  }

  function readOr(): Part {
    const parts = [readAnd()];
    while (isSign("||", "or")) {
      advance();
      parts.push(readAnd());
    }
    return joined(parts, (tests) => (evaluation) => tests.some((test) => test(evaluation)));
  }

  function readAnd(): Part {
    const parts = [readNot()];
    while (isSign("&&", "and")) {
      advance();
      parts.push(readNot());
    }
    return joined(parts, (tests) => (evaluation) => tests.every((test) => test(evaluation)));
  }

  function readNot(): Part {
    let isNegated = false;
    while (isSign("!", "not")) {
      isNegated = !isNegated;
      advance();
    }
    const { test, depth } = readSingle();
    return { test: isNegated ? (evaluation) => !test(evaluation) : test, depth };
  }

  function readSingle(): Part {
    if (isSign("true", "false")) {
      const value = token.text === "true";
      advance();
      return { test: () => value, depth: 1 };
    }
    if (isSign("(")) {
      return nested(reader, () => {
        advance();
        const inside = readOr();
        expect(")");
        return inside;
      });
    }
    if (token.kind === "unary") {
      const { text, start } = token;
      advance();
      const operand = readWord();
      return { test: unaryTest(reader, text, operand, start), depth: 1 + operand.depth };
    }
    return readComparison(readWord());
  }

  function readComparison(left: Word): Part {
    const { kind, text, start } = token;
    if (kind === "binary") {
      advance();
      const right = readWord();
      return part(binaryTest(reader, text, left, right, start), left, right);
    }
    if (kind !== "sign") throw unexpected();
    if (text === "=~" || text === "!~") return readMatch(left, text === "=~");
    if (text === "in" || text === "-in") return readMembership(left);
    const compare = comparison(text);
    if (compare === undefined) throw unexpected();
    advance();
    const right = readWord();
    return part(compare(left, right), left, right);
  }

  function readMatch(left: Word, isWanted: boolean): Part {
    advance();
    if (token.kind !== "regex") throw unexpected();
    const pattern = readRegex(reader, token.text);
    advance();
    if (pattern.groups === 0) {
      return part((evaluation) => pattern.test(left.evaluate(evaluation)) === isWanted, left);
    }
    // Without groups the captures of an earlier pattern stay.
    return part((evaluation) => {
      evaluation.captures = pattern.match(left.evaluate(evaluation));
      return (evaluation.captures !== undefined) === isWanted;
    }, left);
  }

  function readMembership(left: Word): Part {
    advance();
    if (token.kind === "name") {
      throw reader.wrong(`List-returning function '${token.text}' does not exist`, token.start);
    }
    expect("{");
    const words = [readWord()];
    while (isSign(",")) {
      advance();
      words.push(readWord());
    }
    expect("}");
    const test: Test = (evaluation) => {
      const value = left.evaluate(evaluation);
      return words.some((word) => word.evaluate(evaluation) === value);
    };
    return part(test, left, ...words);
  }

  function readWord(): Word {
    const words = [readSingleWord()];
    while (isSign(".")) {
      advance();
      words.push(readSingleWord());
    }
    return joinedWord(words);
  }

  function readSingleWord(): Word {
    const { kind, text, start } = token;
    let word: Word;
    switch (kind) {
      case "digits":
        // No constant: httpd takes a network only from a quoted text.
        word = { ...constantWord(text), constant: undefined };
        break;
      case "capture":
        word = captureWord(Number(text.slice(1)));
        break;
      case "variable":
        word = readVariable(reader);
        break;
      case "quote":
        word = joinedWord(readText(reader, text));
        reader.at++;
        break;
      case "name":
        return readCall(text, start);
      default:
        throw unexpected();
    }
    advance();
    return word;
  }

  function readCall(name: string, start: number): Word {
    advance();
    return nested(reader, () => {
      expect("(");
      const argument = readWord();
      expect(")");
      return functionWord(reader, name, argument, start);
    });
  }

  return {
    readWhole() {
      const whole = readOr();
      if (token.kind !== "end") throw unexpected();
      return whole;
    },
  };
}

function part(test: Test, ...words: readonly Word[]): Part {
  return { test, depth: 1 + Math.max(...words.map((word) => word.depth)) };
}

/** httpd goes deeper for all but the last one. */
function joined(parts: readonly Part[], join: (tests: readonly Test[]) => Test): Part {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const last = parts.length - 1;
  const depth = Math.max(...parts.map((each, i) => each.depth + (i < last ? 1 : 0)));
  return { test: join(parts.map((each) => each.test)), depth };
}
