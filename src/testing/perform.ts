import type { DirectoryState, Session } from "./directory-state.ts";
import type { Control } from "./message.ts";
import { bind } from "./operations/bind.ts";
import { compare } from "./operations/compare.ts";
import { modifyPassword, whoAmI } from "./operations/extended.ts";
import { search } from "./operations/search.ts";
import { add, modify, modifyDn, remove } from "./operations/update.ts";
import { encodeVerdict } from "./password-policy.ts";
import { referElsewhere } from "./referral.ts";
import type { BindRequest, ExtendedRequest, Request } from "./request.ts";
import { RESULT, type Result } from "./result.ts";
import { EXTENDED, MANAGE_DSA_IT, PASSWORD_POLICY, supportedControls } from "./root-dse.ts";

/** A request that is answered, by others than the connection itself (StartTLS is the connection's). */
export type AnsweredRequest = Exclude<Request, { readonly operation: "unbind" | "abandon" }>;

/**
 * Does what was asked: at once, but for what has to check a password. `send` gets the encoded entries and references of a search. Throws, or rejects with,
 * `MalformedMessageError`.
 */
export function perform(
  state: DirectoryState,
  session: Session,
  request: AnsweredRequest,
  controls: readonly Control[],
  send: (entry: Buffer) => void,
): Result | Promise<Result> {
  const supported = supportedControls(state);
  if (controls.some(({ oid, critical }) => critical && !supported.includes(oid))) {
    return {
      code: RESULT.unavailableCriticalExtension,
      message: "critical extension is not recognized",
    };
  }
  if (request.operation === "bind") return performBind(state, session, request, controls);
  const restriction = restrict(state, session, request);
  if (restriction !== undefined) return restriction;
  const { who } = session;
  const managed = controls.some(({ oid }) => oid === MANAGE_DSA_IT);
  if (UPDATES.includes(request.operation) && "dn" in request) {
    const referral = referElsewhere(state, request.dn, { managed });
    if (referral !== undefined) return referral;
  }
  switch (request.operation) {
    case "search":
      return search(state, session, request, controls, send);
    case "compare":
      return compare(state, session, request, managed);
    case "add":
      return add(state, { who }, request);
    case "delete":
      return remove(state, { who }, request);
    case "modify":
      return modify(state, { who }, request);
    case "modify-dn":
      return modifyDn(state, { who }, request);
    case "extended":
      return performExtended(state, session, request, controls);
  }
}

async function performBind(
  state: DirectoryState,
  session: Session,
  request: BindRequest,
  controls: readonly Control[],
): Promise<Result> {
  const { result, policy } = await bind(state, session, request);
  if (!isPolicyAsked(controls) || policy === undefined) return result;
  const value = encodeVerdict(policy);
  return { ...result, controls: [{ oid: PASSWORD_POLICY, critical: false, value }] };
}

function isPolicyAsked(controls: readonly Control[]): boolean {
  return controls.some(({ oid }) => oid === PASSWORD_POLICY);
}

const UPDATES: readonly string[] = ["add", "delete", "modify", "modify-dn"];

/** What this client may not do at all, whatever the entry. */
export function restrict(
  state: DirectoryState,
  session: Session,
  request: AnsweredRequest,
): Result | undefined {
  const isPasswordChange =
    request.operation === "extended" && request.oid === EXTENDED.passwordModify;
  if (session.mustChangePassword && !isPasswordChange) {
    return {
      code: RESULT.insufficientAccessRights,
      message: "Operations are restricted to bind/unbind/abandon/StartTLS/modify password",
    };
  }
  if (session.who !== "") return undefined;
  if (UPDATES.includes(request.operation)) {
    return { code: RESULT.strongerAuthRequired, message: "modifications require authentication" };
  }
  const isReading = request.operation === "search" || request.operation === "compare";
  const isRootDse = request.operation === "search" && request.dn === "";
  if (state.anonymous === "bind" && isReading && !isRootDse) {
    return { code: RESULT.insufficientAccessRights };
  }
  if (state.anonymous === "refuse") {
    return { code: RESULT.unwillingToPerform, message: "authentication required" };
  }
  return undefined;
}

function performExtended(
  state: DirectoryState,
  session: Session,
  request: ExtendedRequest,
  controls: readonly Control[],
): Result | Promise<Result> {
  switch (request.oid) {
    case EXTENDED.whoAmI:
      return whoAmI(session);
    case EXTENDED.passwordModify:
      return modifyPassword(state, session, request, isPolicyAsked(controls));
    default:
      return { code: RESULT.protocolError, message: "unsupported extended operation" };
  }
}
