import { isSame } from "./same-bytes.ts";
import { MALFORMED, type SchemeCheck, verdict } from "./scheme-check.ts";

/**
 * {PLAIN-TRUNC}: `LENGTH-text`, where a text of exactly that many bytes is only the beginning of the password. Dovecot takes any password for the one of a text
 * without characters; that is malformed here. What `doveadm pw -s PLAIN-TRUNC` writes lacks the length, and can't be checked by either.
 */
export const checkPlainTrunc: SchemeCheck = (password, data) => {
  const dash = data.indexOf("-");
  const length = data.subarray(0, Math.max(dash, 0)).toString("latin1");
  const text = data.subarray(dash + 1);
  if (dash < 0 || text.length === 0 || !/^[0-9]*$/.test(length)) return MALFORMED;
  const given = Buffer.from(password);
  const isBeginning = Number(length) === text.length;
  return verdict(isSame(isBeginning ? given.subarray(0, text.length) : given, text));
};
