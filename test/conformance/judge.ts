import { type Difference, explain } from "./listed-differences.ts";
import type { Expectation, RecordedCase, RecordedRequest, RecordedValue } from "./recorded-case.ts";
import type { Replay, ReplayedAnswer } from "./replay.ts";

/** How our answer compares with httpd's. */
export type Verdict =
  | { readonly kind: "identical" }
  /** Another one, as docs/coming-from-apache.md says under `number`. */
  | {
      readonly kind: "listed";
      readonly number: number;
      readonly because: string;
      readonly isRefusedAtStart: boolean;
    }
  /** We let in whom httpd does not, or start where it does not: never to be. */
  | { readonly kind: "looser"; readonly because: string }
  | { readonly kind: "unexplained"; readonly because: string };

/** One request of a case, or its start where no request was recorded. */
export interface Judgement {
  readonly recorded: RecordedCase;
  readonly request: RecordedRequest | undefined;
  readonly index: number | undefined;
  readonly got: ReplayedAnswer | undefined;
  readonly verdict: Verdict;
}

const IDENTICAL: Verdict = { kind: "identical" };

/** Compares all that a case recorded. */
export function judge(recorded: RecordedCase, replay: Replay): readonly Judgement[] {
  if (replay.kind === "crashed") {
    const verdict: Verdict = { kind: "unexplained", because: `crashed: ${replay.message}` };
    return [{ recorded, request: undefined, index: undefined, got: undefined, verdict }];
  }
  if (recorded.configError !== null || recorded.requests.length === 0) {
    const verdict = judgeStart(recorded, replay);
    return [{ recorded, request: undefined, index: undefined, got: undefined, verdict }];
  }
  return recorded.requests.map((request, index) => {
    if (replay.kind !== "started") {
      const verdict = explainRefusal({ recorded, request, index, got: undefined }, replay.message);
      return { recorded, request, index, got: undefined, verdict };
    }
    const got = replay.answers[index];
    const verdict: Verdict =
      got === undefined
        ? { kind: "unexplained", because: "no answer" }
        : judgeAnswer({ recorded, request, index, got }, request.expect, got);
    return { recorded, request, index, got, verdict };
  });
}

function judgeStart(recorded: RecordedCase, replay: Replay): Verdict {
  const isRefused = replay.kind === "refused";
  if (isRefused === (recorded.configError !== null)) return IDENTICAL;
  const difference = { recorded, request: undefined, index: undefined, got: undefined };
  if (isRefused) return explainRefusal(difference, replay.message);
  return { kind: "looser", because: `starts where httpd says: ${recorded.configError}` };
}

function explainRefusal(difference: Difference, message: string): Verdict {
  const explanation = explain({ ...difference, refusal: message }, false);
  return explanation
    ? { kind: "listed", ...explanation, isRefusedAtStart: true }
    : { kind: "unexplained", because: `refused at start: ${message}` };
}

function judgeAnswer(difference: Difference, expect: Expectation, got: ReplayedAnswer): Verdict {
  const because = compare(expect, got);
  const letsIn = got.status < 400 && expect.status >= 400;
  if (because === undefined) {
    return hasBase64(expect)
      ? { kind: "listed", number: 13, because: "not UTF-8: as base64", isRefusedAtStart: false }
      : IDENTICAL;
  }
  const explanation = explain(difference, letsIn);
  if (explanation) return { kind: "listed", ...explanation, isRefusedAtStart: false };
  return { kind: letsIn ? "looser" : "unexplained", because };
}

/** What differs, or undefined. */
function compare(expect: Expectation, got: ReplayedAnswer): string | undefined {
  if (expect.status !== got.status) return `status ${got.status}, not ${expect.status}`;
  if (expect.challenge !== got.challenge) {
    return `challenge ${got.challenge}, not ${expect.challenge}`;
  }
  if (expect.status !== 200) return undefined;
  if ((expect.environment === undefined) !== (got.environment === undefined)) {
    return "one has an environment, the other has none";
  }
  const expected = expect.environment ?? {};
  const names = new Set([...Object.keys(expected), ...Object.keys(got.environment ?? {})]);
  for (const name of names) {
    const value = got.environment?.[name];
    const other = textOf(expected[name]);
    if (value !== other) return `${name}=${JSON.stringify(value)}, not ${JSON.stringify(other)}`;
  }
  return undefined;
}

const textOf = (value: RecordedValue | undefined): string | undefined =>
  typeof value === "object" ? value.base64 : value;

function hasBase64({ environment = {} }: Expectation): boolean {
  return Object.values(environment).some((value) => typeof value === "object");
}
