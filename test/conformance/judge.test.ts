import assert from "node:assert/strict";
import { test } from "node:test";
import { type Judgement, judge } from "./judge.ts";
import type { Expectation, RecordedCase } from "./recorded-case.ts";
import type { ReplayedAnswer } from "./replay.ts";
import { identicalShare, tally } from "./tally.ts";

const CONFIG = `<Location "/t/made-up">
  AuthLDAPURL "ldap://127.0.0.1:@LDAP@/ou=People,dc=domain,dc=org?uid"
  Require valid-user
</Location>`;

const recording = (
  expect: Expectation | undefined,
  more: Partial<RecordedCase> = {},
): RecordedCase => ({
  id: "made-up",
  topic: "made up",
  title: "made up",
  server: [],
  config: CONFIG,
  configError: null,
  requests: expect ? [{ method: "GET", path: "", expect }] : [],
  ...more,
});

const ANSWER: ReplayedAnswer = {
  status: 200,
  challenge: undefined,
  retryAfter: undefined,
  environment: { REMOTE_USER: "alice" },
};
const SERVED: Expectation = { status: 200, environment: { REMOTE_USER: "alice" } };
const ASKED: Expectation = { status: 401, challenge: 'Basic realm="oracle"' };

function judgeOne(recorded: RecordedCase, got: Partial<ReplayedAnswer>): Judgement["verdict"] {
  const [first] = judge(recorded, { kind: "started", answers: [{ ...ANSWER, ...got }] });
  assert.ok(first);
  return first.verdict;
}

function judgeRefused(recorded: RecordedCase): Judgement["verdict"] {
  const [first] = judge(recorded, { kind: "refused", message: "no" });
  assert.ok(first);
  return first.verdict;
}

test("the same status, challenge and environment are identical", () => {
  assert.equal(judgeOne(recording(SERVED), {}).kind, "identical");
  const got = { status: 401, challenge: 'Basic realm="oracle"', environment: undefined };
  assert.equal(judgeOne(recording(ASKED), got).kind, "identical");
});

test("another name, one variable more or another challenge is not identical", () => {
  const others: readonly [Expectation, Partial<ReplayedAnswer>][] = [
    [SERVED, { environment: { REMOTE_USER: "bob" } }],
    [SERVED, { environment: { REMOTE_USER: "alice", AUTH_TYPE: "Basic" } }],
    [SERVED, { environment: {} }],
    [SERVED, { status: 403, environment: undefined }],
    [ASKED, { status: 401, environment: undefined }],
  ];
  for (const [expect, got] of others) {
    assert.equal(judgeOne(recording(expect), got).kind, "unexplained");
  }
});

test("letting in whom httpd refuses is looser, also where a reason that refuses would apply", () => {
  const trouble = ["LDAP: ldap_simple_bind() failed: Can't contact LDAP server"];
  assert.equal(judgeOne(recording(ASKED), {}).kind, "looser");
  assert.equal(judgeOne(recording({ status: 403 }), {}).kind, "looser");
  assert.equal(judgeOne(recording({ status: 500, trouble }), {}).kind, "looser");
});

test("starting where httpd does not is looser", () => {
  const [start] = judge(recording(undefined, { configError: "no such directive" }), {
    kind: "started",
    answers: [],
  });
  assert.equal(start?.verdict.kind, "looser");
  assert.equal(judgeRefused(recording(undefined, { configError: "no" })).kind, "identical");
});

test("not starting where httpd serves is unexplained", () => {
  assert.equal(judgeRefused(recording(SERVED)).kind, "unexplained");
  assert.equal(judgeRefused(recording(undefined)).kind, "unexplained");
});

test("not starting where httpd only ever answers 500 is listed", () => {
  const verdict = judgeRefused(recording({ status: 500 }));
  assert.deepEqual(verdict.kind === "listed" && [verdict.number, verdict.isRefusedAtStart], [
    8,
    true,
  ]);
});

test("a 503 is listed only where httpd had no server either, and with Retry-After", () => {
  const trouble = ["LDAP: ldap_simple_bind() failed: Can't contact LDAP server"];
  const got = { status: 503, retryAfter: "5", environment: undefined };
  assert.equal(judgeOne(recording({ status: 500, trouble }), got).kind, "listed");
  assert.equal(judgeOne(recording({ status: 500 }), got).kind, "unexplained");
  const hasty = { ...got, retryAfter: undefined };
  assert.equal(judgeOne(recording({ status: 500, trouble }), hasty).kind, "unexplained");
  assert.equal(judgeOne(recording(SERVED), got).kind, "unexplained");
});

test("the share of identical pairs leaves out what is listed", () => {
  const verdicts: Judgement["verdict"][] = [
    { kind: "identical" },
    { kind: "identical" },
    { kind: "identical" },
    { kind: "unexplained", because: "" },
    { kind: "listed", number: 8, because: "", isRefusedAtStart: true },
  ];
  const judgements = verdicts.map((verdict) => ({
    recorded: recording(SERVED),
    request: undefined,
    index: undefined,
    got: undefined,
    verdict,
  }));
  const [topic, all] = tally(judgements);
  assert.ok(topic && all);
  assert.deepEqual([topic.pairs, topic.identical, topic.refused], [5, 3, 1]);
  assert.equal(identicalShare(all), 75);
});
