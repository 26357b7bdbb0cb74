import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { result } from "../support/fake-server.ts";
import type { Interfere, Phase } from "../support/fault-proxy.ts";
import {
  ALL_IS_WELL,
  type FaultySite,
  NOTHING_GOES,
  type Round,
  startFaultySite,
} from "../support/faulty-site.ts";
import { bothDirectories, type RunningDirectory } from "../support/real-and-built-in.ts";
import { unhandled } from "../support/watched-process.ts";

/** What a server may say instead of what it says; all that is not listed below means that nobody can say. */
const CODES = [
  ...[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 32, 33, 34, 36, 48, 49,
  ],
  ...[50, 51, 52, 53, 54, 64, 65, 66, 67, 68, 69, 71, 80, 118, 123, 4_096],
];

/** Of these none says that the service account is refused. */
const SERVER_FAILURES = [1, 3, 11, 51, 52, 80];
/** How long a refused service account is left alone after its first refusals, in milliseconds, and some more. */
const LONGEST_PAUSE = 8_000;

/** A verdict on the password: not even the right one helps, and a session needs none. */
const WRONG_PASSWORD: Round = { right: 401, form: 401, wrong: 401, session: 200, refused: 401 };
/** Without a password to check, nobody can say who they are. Who is signed in needs none. */
const NO_VERDICT: Round = { ...NOTHING_GOES, session: 200 };
/** The base is not there: it holds nobody, as in httpd. */
const NOBODY_THERE: Round = { right: 401, form: 401, wrong: 401, session: 401, refused: 401 };

const OUTCOMES: Readonly<Partial<Record<Phase, (code: number) => Round>>> = {
  "service-bind": () => NOTHING_GOES,
  search(code) {
    if (code === 32) return NOBODY_THERE;
    // A session's entry is asked for as one, so that one is all of it (sizeLimitExceeded).
    return code === 4 ? NO_VERDICT : NOTHING_GOES;
  },
  "user-bind": (code) => ([19, 32, 48, 49].includes(code) ? WRONG_PASSWORD : NO_VERDICT),
};

/** The entries of a search come through; what ends it is another code. */
function answeredWith(phase: Phase, code: number): Interfere {
  return ({ phase: where, side, id, tag }, { client }) => {
    if (where !== phase || side !== "answered" || (tag !== 0x61 && tag !== 0x65)) return false;
    client.write(result(id, tag, code, "data 52e, and more that is nobody's business"));
    return true;
  };
}

for (const { name, skip, start } of bothDirectories) {
  describe(`an app on ${name}`, { skip }, () => {
    let directory: RunningDirectory;
    before(async () => {
      directory = await start();
    });
    after(() => directory.close());

    for (const [phase, outcome] of Object.entries(OUTCOMES)) {
      describe(`whose ${phase} is answered with a result code`, { concurrency: 6 }, () => {
        for (const code of CODES) {
          const expected = outcome(code);
          it(`${code}: the right password is ${expected.right}, a session ${expected.session}`, async () => {
            const site = await startFaultySite(directory.port);
            const isRefusal = phase === "service-bind" && !SERVER_FAILURES.includes(code);
            try {
              await answers(site, answeredWith(phase as Phase, code), expected);
              // A refused account is left alone for a while, so that it isn't locked.
              if (!isRefusal) await recovers(site, expected);
              else if (code === 49) await recoversInTheEnd(site);
            } finally {
              await site.close();
            }
          });
        }
      });
    }
  });
}

async function answers(site: FaultySite, interfere: Interfere, expected: Round): Promise<void> {
  site.proxy.interfere = interfere;
  site.proxy.resetAll();
  assert.deepEqual(await site.ask(expected), expected);
  site.proxy.interfere = undefined;
}

async function recovers(site: FaultySite, expected: Round): Promise<void> {
  // Who was signed out because they were nobody stays so.
  const session = expected.session === 401 ? 401 : 200;
  const verdict = { ...ALL_IS_WELL, session };
  assert.deepEqual(await site.ask(verdict), verdict);
}

async function recoversInTheEnd(site: FaultySite): Promise<void> {
  const end = performance.now() + LONGEST_PAUSE;
  while ((await site.ask()).right !== 200) {
    assert(performance.now() < end, "still refused");
    await wait(100);
  }
  assert.deepEqual(await site.ask(), ALL_IS_WELL);
}

after(() => assert.deepEqual(unhandled, []));
