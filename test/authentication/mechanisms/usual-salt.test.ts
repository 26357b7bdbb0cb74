import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { learnUsualSalt } from "../../../src/authentication/mechanisms/usual-salt.ts";

const salt = (size: number, iterations: number) => ({ salt: Buffer.alloc(size), iterations });

describe("the usual salt", () => {
  it("is Dovecot's until somebody's was seen", () => {
    const usual = learnUsualSalt();
    assert.deepEqual(usual.shape(), { size: 16, iterations: 4_096 });
    usual.note("alice", salt(24, 600_000));
    assert.deepEqual(usual.shape(), { size: 24, iterations: 600_000 });
  });

  it("is what most people have, however often one of them comes", () => {
    const usual = learnUsualSalt();
    for (const name of ["alice", "bob"]) usual.note(name, salt(16, 10_000));
    for (let n = 0; n < 10; n++) usual.note("mallory", salt(8, 5_000));
    assert.deepEqual(usual.shape(), { size: 16, iterations: 10_000 });
    for (const name of ["carol", "dave"]) usual.note(name, salt(8, 5_000));
    assert.deepEqual(usual.shape(), { size: 8, iterations: 5_000 });
  });

  it("follows who has a new one, and forgets who has not come for long", () => {
    const usual = learnUsualSalt();
    for (const name of ["alice", "bob"]) usual.note(name, salt(16, 10_000));
    for (const name of ["alice", "bob"]) usual.note(name, salt(16, 20_000));
    assert.deepEqual(usual.shape(), { size: 16, iterations: 20_000 });
    for (let n = 0; n < 1_000; n++) usual.note(`old${n}`, salt(16, 30_000));
    usual.note("new", salt(16, 30_000));
    assert.deepEqual(usual.shape(), { size: 16, iterations: 30_000 });
    for (let n = 0; n < 501; n++) usual.note(`newer${n}`, salt(16, 40_000));
    assert.deepEqual(usual.shape(), { size: 16, iterations: 40_000 });
  });

  it("is never longer than one that can be made up", () => {
    const usual = learnUsualSalt();
    usual.note("alice", salt(65, 10_000));
    assert.deepEqual(usual.shape(), { size: 16, iterations: 4_096 });
  });
});
