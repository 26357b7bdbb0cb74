import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { entry, result } from "../support/fake-server.ts";
import type { Interfere, Moment, Phase, Wire } from "../support/fault-proxy.ts";
import {
  ALL_IS_WELL,
  BUDGET,
  type FaultySite,
  NOTHING_GOES,
  type Round,
  startFaultySite,
} from "../support/faulty-site.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";
import { slapd, startSlapd } from "../support/slapd.ts";
import { unhandled } from "../support/watched-process.ts";

/** The time of a connection that is no good but has said something a moment ago, and of a request, in milliseconds. */
const RECOVERY = 2_000 + BUDGET;

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

const ENTRY = 0x64;

/** The tag of the answer to a request. */
const answerTag = (tag: number) =>
  new Map([
    [0x60, 0x61],
    [0x63, 0x65],
    [0x77, 0x78],
  ]).get(tag) ?? 0x61;

/** Something goes wrong in a phase, from one side. */
interface Fault {
  readonly what: string;
  readonly side: Moment["side"];
  readonly happen: (moment: Moment, wire: Wire) => void;
  /** Default: that nobody can say. `either`: the directory's own answer, or that. */
  readonly outcome?: Round | "either";
}

/** What can happen before anything is said, or instead of any answer. */
const ANYTIME: readonly Fault[] = [
  { what: "a TCP reset", side: "asked", happen: (_, { client }) => client.resetAndDestroy() },
  { what: "an end", side: "asked", happen: (_, { client }) => client.end() },
  { what: "nothing, and no end", side: "asked", happen: (_, wire) => wire.cutCable() },
  sends("HTTP", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
  sends("zeros", () => Buffer.alloc(64)),
  sends("a length of 2 GiB", () => hex("30847fffffff 020101")),
  sends("an indefinite length", () => hex("3080 020101 0000")),
  sends("answers to questions that come later", ({ id }) =>
    Buffer.concat(
      [1, 2, 3, id + 1, id + 2].flatMap((n) => [result(n, 0x61, 0), result(n, 0x65, 0)]),
    ),
  ),
  sends("the server's leave (RFC 4511 section 4.4.1)", () => result(0, 0x78, 52)),
];

/** What can happen instead of the answer to a message. */
const INSTEAD: readonly Fault[] = [
  ...ANYTIME,
  // Not the next one, which may be a neighbour's.
  sends("success under another message id", ({ id, tag }) => result(id + 1_000, answerTag(tag), 0)),
  sends("an operation that nobody knows", ({ id }) => result(id, 0x7e, 0)),
  sends("an intermediate response", ({ id }) =>
    hex(`3005 0201${id.toString(16).padStart(2, "0").slice(-2)} 7900`),
  ),
  sends("success of another operation", ({ id, tag }) => result(id, tag === 0x60 ? 0x65 : 0x61, 0)),
  sends("an entry, and nothing more", ({ id }) =>
    entry(id, "uid=alice,ou=People,dc=domain,dc=org"),
  ),
  sends("a result without a code", ({ id, tag }) => {
    const whole = result(id, answerTag(tag), 0);
    return whole.subarray(0, whole.length - 1);
  }),
];

/** What can happen to a server's answer on its way. */
const ON_THE_WAY: readonly Fault[] = [
  halved("a TCP reset", ({ client }) => client.resetAndDestroy()),
  halved("an end", ({ client }) => client.end()),
  halved("nothing more", (wire) => wire.cutCable()),
  {
    what: "one byte a second",
    side: "answered",
    happen({ bytes }, wire) {
      wire.silenceServer();
      let sent = 0;
      const drip = () => void wire.client.write(bytes.subarray(sent, ++sent));
      drip();
      const timer = setInterval(
        () => (wire.client.destroyed ? clearInterval(timer) : drip()),
        1_000,
      );
      wire.client.on("close", () => clearInterval(timer));
    },
  },
];

/** What is odd, and may do no harm. */
const ODD: readonly Fault[] = [
  {
    what: "each byte in a packet of its own",
    side: "answered",
    outcome: ALL_IS_WELL,
    happen({ bytes }, { client }) {
      for (const byte of bytes) client.write(Buffer.from([byte]));
    },
  },
  {
    what: "each result twice",
    side: "answered",
    outcome: "either",
    happen: ({ tag, bytes }, { client }) =>
      client.write(tag === ENTRY ? bytes : Buffer.concat([bytes, bytes])),
  },
  {
    what: "each answer with another one before and behind it",
    side: "answered",
    outcome: "either",
    happen: ({ id, bytes }, { client }) =>
      client.write(
        Buffer.concat([result(id + 1_000, 0x61, 0), bytes, result(id + 1_000, 0x65, 0)]),
      ),
  },
];

function sends(what: string, bytes: (moment: Moment) => Buffer): Fault {
  return {
    what,
    side: "asked",
    happen(moment, wire) {
      wire.silenceServer();
      wire.client.write(bytes(moment));
    },
  };
}

function halved(what: string, end: (wire: Wire) => void): Fault {
  return {
    what: `half an answer, then ${what}`,
    side: "answered",
    happen({ bytes }, wire) {
      wire.silenceServer();
      wire.client.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => end(wire));
    },
  };
}

function faultIn(phase: Phase, { side, happen }: Fault): Interfere {
  return (moment, wire) => {
    if (moment.phase !== phase || moment.side !== side) return false;
    happen(moment, wire);
    return true;
  };
}

/** The phases that a connection without TLS shows, and what can go wrong in each. */
const IN_CLEAR: readonly (readonly [Phase, readonly Fault[]])[] = [
  ["connect", ANYTIME],
  ["service-bind", [...INSTEAD, ...ON_THE_WAY, ...ODD]],
  ["search", [...INSTEAD, ...ON_THE_WAY, ...ODD]],
  ["user-bind", [...INSTEAD, ...ON_THE_WAY, ...ODD]],
];

const WITH_TLS: readonly (readonly [Phase, readonly Fault[]])[] = [
  [
    "starttls",
    [
      ...INSTEAD,
      ...ON_THE_WAY,
      ...[1, 2, 52, 80].map((code) =>
        sends(`result code ${code}`, ({ id }) => result(id, 0x78, code)),
      ),
      sends("a yes with a forged answer behind it", ({ id }) =>
        Buffer.concat([result(id, 0x78, 0), result(id + 1, 0x61, 0)]),
      ),
    ],
  ],
  [
    "handshake",
    [
      ...ANYTIME,
      ...ON_THE_WAY,
      sends("a success in clear", () => result(2, 0x61, 0)),
      sends("a TLS alert", () => hex("1503030002 0228")),
    ],
  ],
];

interface Target {
  readonly port: number;
  readonly ca: string | undefined;
  close(): Promise<void>;
}

describeFaults("the built-in directory", false, () => startFixtureDirectory({ tls: true }));
describeFaults("slapd", slapd.skip, () => startSlapd());

function describeFaults(name: string, skip: string | false, start: () => Promise<Target>): void {
  describe(`an app on ${name}`, { skip, concurrency: 8 }, () => {
    let directory: Target;
    before(async () => {
      directory = await start();
    });
    after(() => directory.close());

    for (const [security, phases] of [
      ["none", IN_CLEAR],
      ["starttls", WITH_TLS],
    ] as const) {
      for (const [phase, faults] of phases) {
        for (const fault of faults) {
          it(`lets in nobody but whom it should, in time, at ${phase}: ${fault.what}`, async () => {
            const tls = security === "starttls" ? { tls: { ca: directory.ca ?? "" } } : {};
            const site = await startFaultySite(directory.port, tls);
            try {
              await survives(site, phase, fault);
              if (security === "starttls") assertNoSecretInClear(site);
            } finally {
              await site.close();
            }
            await eventually(() => site.proxy.connections === 0);
          });
        }
      }
    }
  });
}

async function survives(site: FaultySite, phase: Phase, fault: Fault): Promise<void> {
  site.proxy.interfere = faultIn(phase, fault);
  // Every connection begins anew, so that each phase is gone through.
  site.proxy.resetAll();
  const { outcome = NOTHING_GOES } = fault;
  const began = performance.now();
  for (let round = 0; round < 2; round++) {
    // Which holds that nobody gets in whom the directory would not let in.
    const answers = await site.ask();
    if (outcome === "either") continue;
    // A session's entry is read with a search, without its owner's password.
    const session = phase === "user-bind" ? 200 : outcome.session;
    assert.deepEqual(answers, { ...outcome, session });
  }
  const hasStalled = performance.now() - began > BUDGET;
  site.proxy.interfere = undefined;
  assert.deepEqual(await recovered(site, hasStalled ? RECOVERY : BUDGET), ALL_IS_WELL);
}

/** What was under way when the fault ended may still have to run out of its time. */
async function recovered(site: FaultySite, within: number): Promise<Round> {
  const end = performance.now() + within;
  for (;;) {
    const round = await site.ask();
    if (round.right === 200 && round.wrong === 401 && round.refused === 403) return round;
    if (performance.now() > end) return round;
  }
}

function assertNoSecretInClear({ proxy }: FaultySite): void {
  for (const secret of ["alice-pw", "wrong-pw", "reader-pw", "cn=reader"]) {
    assert(!proxy.clearBytes.includes(secret), secret);
  }
}

after(() => assert.deepEqual(unhandled, []));
