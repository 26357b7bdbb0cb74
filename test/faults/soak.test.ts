import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { slapd } from "../support/slapd.ts";

const SOAK = fileURLToPath(new URL("../../bench/soak.ts", import.meta.url));

it("a crowd is answered rightly through 15 seconds of trouble at slapd", {
  skip: slapd.skip,
}, () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [SOAK, "15", "2"], {
    encoding: "utf8",
    timeout: 90_000,
  });
  assert.equal(status, 0, `${signal}\n${stdout}\n${stderr}`);
  assert.match(stdout, /no wrong answer, no crash, no leak/);
});
