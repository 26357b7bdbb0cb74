import { randomUUID } from "node:crypto";
import { element, integer, readElements, readInteger } from "./ber-element.ts";
import type { Session } from "./directory-state.ts";
import type { StoredEntry } from "./entry-tree.ts";
import type { Control } from "./message.ts";
import type { SearchRequest } from "./request.ts";
import { RESULT, type Result } from "./result.ts";

/** The paged results control (RFC 2696). */
export const PAGED_RESULTS = "1.2.840.113556.1.4.319";

/** One page and the control that goes with it. The cookie is good for one next page, on this connection, of the same search. */
export function nextPage(
  session: Session,
  request: SearchRequest,
  control: Control,
  found: readonly StoredEntry[],
): { readonly entries: readonly StoredEntry[]; readonly control: Control } | Result {
  const asked = readPageRequest(control);
  if (asked === undefined) {
    return { code: RESULT.protocolError, message: "paged results control could not be decoded" };
  }
  const question = JSON.stringify([session.who, request]);
  const open = session.page;
  session.page = undefined;
  let keys = found.map(({ key }) => key);
  let position = 0;
  if (asked.cookie !== "") {
    if (open?.cookie !== asked.cookie || open.question !== question) {
      return { code: RESULT.unwillingToPerform, message: "paged results cookie is invalid" };
    }
    ({ keys, position } = { keys: [...open.keys], position: open.position });
  }
  const entries = new Map(found.map((entry) => [entry.key, entry]));
  const end = position + asked.size;
  const page = keys
    .slice(position, end)
    .map((key) => entries.get(key))
    .filter((entry) => entry !== undefined);
  let cookie = "";
  if (end < keys.length && asked.size > 0) {
    cookie = randomUUID();
    session.page = { cookie, question, keys, position: end };
  }
  return { entries: page, control: writePageControl(cookie) };
}

function readPageRequest({ value }: Control): { size: number; cookie: string } | undefined {
  const [sequence] = value === undefined ? [] : readElements(value);
  const [size, cookie] = sequence === undefined ? [] : readElements(sequence.content);
  if (size === undefined || cookie === undefined) return undefined;
  const number = readInteger(size.content);
  return number < 0 ? undefined : { size: number, cookie: cookie.content.toString("latin1") };
}

function writePageControl(cookie: string): Control {
  return {
    oid: PAGED_RESULTS,
    critical: false,
    value: element(0x30, integer(0), element(0x04, cookie)),
  };
}
