import { madeOfTest } from "./stored-people.ts";

const CRAM = "e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6";

/** The people whose logins a real Dovecot was recorded with (fixtures/dovecot/imap.json): their stored passwords, by name. */
export const RECORDED_PEOPLE = {
  plain: ["test"],
  cram: [`{CRAM-MD5}${CRAM}`],
  ssha: [madeOfTest("SSHA")],
  sha512crypt: [madeOfTest("SHA512-CRYPT")],
  crypt: [madeOfTest("DES-CRYPT").replace("DES-CRYPT", "CRYPT")],
  md5crypt: [madeOfTest("MD5-CRYPT")],
  blf: [madeOfTest("BLF-CRYPT")],
  plainscheme: ["{PLAIN}test"],
  badscheme: ["{NOPE}test"],
  lcscheme: [`{cram-md5}${CRAM}`],
  badhex: [`{CRAM-MD5}${CRAM.slice(2)}`],
  bareHex: [CRAM],
  nopass: [],
  two: ["test", "second"],
  "star*": ["test"],
  Mixed: ["test"],
} as const;
