import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createObserver } from "../../src/observation/observer.ts";
import { eventText } from "../../src/web/log-text.ts";
import { blocksOf, type Documented, documented } from "../support/documented.ts";
import { eventually } from "../support/eventually.ts";
import { realProgram } from "../support/real.ts";

const fail2ban = realProgram("fail2ban-regex");

const ATTACKER = "192.0.2.66";
const VICTIM = "198.51.100.1";
const FAKE = `2026-01-01T00:00:00.000Z authnz-ldap: refused wrong-password from ${VICTIM} by form as "x"`;
const NASTY: readonly string[] = [
  ...[
    "mallory",
    "",
    `x"\n${FAKE}\n`,
    `x\r\n${FAKE}`,
    FAKE,
    `" from ${VICTIM} by form as "x`,
    '"',
    "\\",
  ],
  ...[
    `x\\" from ${VICTIM}`,
    "]",
    `]: from ${VICTIM}`,
    "\u001b[2J\u001b]0;x\u0007",
    `\u2028${FAKE}`,
  ],
  ...[`\u2029${FAKE}\u2029`, `\u0085${FAKE}`, `\u000b${FAKE}`, "\u009b31m", "\ud800", "😀", VICTIM],
  ...[
    "x".repeat(10_000),
    `${"x".repeat(9_000)}${FAKE}`,
    "2026-01-01 00:00:00",
    "(?:",
    "%s%n",
    "<HOST>",
  ],
];
/** Reasons that are no guess. */
const NO_GUESS: readonly string[] = ["unavailable", "locked", "disabled", "password-expired"];

describe("the documented audit line", () => {
  let code: Documented;
  let log: string;
  let lines: readonly string[];

  before(async () => {
    code = documented("events.md", "createWriteStream", (text, folder) => {
      log = join(folder, "logins.log");
      return text.replace("/var/log/intranet/logins.log", log);
    });
    await import(code.file);
    const { observe } = createObserver();
    const refuse = (username: string, address: string, reason: string) =>
      observe({
        ...{ type: "refusal", username: eventText(username), address, reason },
        ...{ by: "form", milliseconds: 1 },
      });
    for (const name of NASTY) refuse(name, ATTACKER, "wrong-password");
    refuse("web1", "2001:db8::66", "unknown-user");
    refuse("web1", "::ffff:203.0.113.9", "too-many-attempts");
    for (const reason of NO_GUESS) refuse("web1", VICTIM, reason);
    const all = NASTY.length + 2 + NO_GUESS.length;
    await eventually(() => existsSync(log) && readFileSync(log, "utf8").split("\n").length > all);
    lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  });
  after(() => code.remove());

  it("compiles", () => code.check());

  it("is one line for each refusal, whatever was typed", () => {
    assert.equal(lines.length, NASTY.length + 2 + NO_GUESS.length);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point
    const active = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/;
    for (const line of lines) assert(!active.test(line), JSON.stringify(line));
    for (const line of lines) assert(line.length < 800, String(line.length));
  });

  it("names the address of who tried, and no other, under the documented failregex", () => {
    const [, pattern = ""] = /^failregex = (.*)$/m.exec(filter()) ?? [];
    const regex = new RegExp(pattern.replace("<ADDR>", "(?<address>[0-9a-f.:]+)"));
    const addresses = lines.map((line) => {
      // fail2ban takes the date out first.
      const rest = line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, "");
      assert.notEqual(rest, line);
      return regex.exec(rest)?.groups?.address;
    });
    assert.deepEqual(addresses, [
      ...NASTY.map(() => ATTACKER),
      ...["2001:db8::66", "::ffff:203.0.113.9"],
      ...NO_GUESS.map(() => undefined),
    ]);
  });

  it("is read so by fail2ban itself", { skip: fail2ban.skip }, () => {
    const conf = join(code.folder, "authnz-ldap.conf");
    writeFileSync(conf, filter());
    const options = ["--usedns", "no", "--out", "id", log, conf];
    const found = execFileSync(fail2ban.path ?? "", options, { encoding: "utf8" });
    const addresses = found.trim().split("\n");
    assert.deepEqual(addresses, [...NASTY.map(() => ATTACKER), "2001:db8::66", "203.0.113.9"]);
  });
});

function filter(): string {
  const [conf, ...others] = blocksOf("events.md", "ini", "failregex");
  assert(conf !== undefined && others.length === 0);
  return conf;
}
