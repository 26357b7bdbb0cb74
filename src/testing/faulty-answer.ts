import { normalizeDn } from "../ldap/dn.ts";
import type { Session } from "./directory-state.ts";
import type { Fault } from "./faults.ts";
import type { Control } from "./message.ts";
import { encodeVerdict } from "./password-policy.ts";
import type { AnsweredRequest } from "./perform.ts";
import { RESULT, type Result } from "./result.ts";
import { PASSWORD_POLICY } from "./root-dse.ts";

/** What a client gets that expects LDAP and meets something else. */
export const GARBAGE: Buffer = Buffer.concat([
  Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
  Buffer.alloc(64, 0xff),
]);

/** The result that a `result` fault puts in place of the true one. */
export function faultyResult(
  fault: Fault,
  session: Session,
  request: AnsweredRequest,
  controls: readonly Control[],
): Result {
  const code = fault.resultCode ?? RESULT.unavailable;
  if (request.operation === "bind") {
    // A server that lets everybody in: the connection really is bound then.
    session.who = code === RESULT.success ? (normalizeDn(request.dn) ?? "") : "";
    session.whoSpelled = code === RESULT.success ? request.dn : "";
  }
  const isAsked = controls.some(({ oid }) => oid === PASSWORD_POLICY);
  return {
    code,
    ...(fault.message && { message: fault.message }),
    ...(fault.passwordPolicy &&
      isAsked && {
        controls: [
          { oid: PASSWORD_POLICY, critical: false, value: encodeVerdict(fault.passwordPolicy) },
        ],
      }),
  };
}

/** Why StartTLS is refused (RFC 4511 section 4.14.2); undefined if it is not. */
export function refuseStartTls(
  fault: Fault | undefined,
  state: { readonly secure: boolean; readonly isBusy: boolean; readonly isOffered: boolean },
): Result | undefined {
  if (fault?.fault === "refuse-starttls" || fault?.fault === "result") {
    return {
      code: fault.resultCode ?? RESULT.protocolError,
      message: fault.message ?? "unsupported extended operation",
    };
  }
  if (state.secure) return { code: RESULT.operationsError, message: "TLS already started" };
  if (state.isBusy) return { code: RESULT.operationsError, message: "operations are under way" };
  if (state.isOffered) return undefined;
  return { code: RESULT.protocolError, message: "unsupported extended operation" };
}
