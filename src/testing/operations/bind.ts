import { normalizeDn } from "../../ldap/dn.ts";
import { isSame } from "../../passwords/same-bytes.ts";
import { type DirectoryState, forgetIdentity, type Session } from "../directory-state.ts";
import type { StoredEntry } from "../entry-tree.ts";
import { isOneOf } from "../new-password.ts";
import { checkPolicy, type PolicyVerdict, recordAttempt } from "../password-policy.ts";
import { isReferral } from "../referral.ts";
import type { BindRequest } from "../request.ts";
import { RESULT, type Result } from "../result.ts";

/** What a bind comes to; `policy` is what the password policy control tells of it. */
export interface BindOutcome {
  readonly result: Result;
  readonly policy?: PolicyVerdict;
}

const INVALID_CREDENTIALS: BindOutcome = { result: { code: RESULT.invalidCredentials } };

/** RFC 4511 section 4.2 and RFC 4513 section 5, as strict as slapd: whatever fails leaves the connection anonymous. */
export async function bind(
  state: DirectoryState,
  session: Session,
  request: BindRequest,
): Promise<BindOutcome> {
  forgetIdentity(session);
  if (request.version !== 3) {
    return { result: { code: RESULT.protocolError, message: "only LDAPv3 is spoken" } };
  }
  const key = normalizeDn(request.dn);
  if (key === undefined) return { result: { code: RESULT.invalidDnSyntax, message: "invalid DN" } };
  const { credentials } = request;
  if (credentials.kind === "sasl") {
    return { result: bindExternal(session, credentials.mechanism, credentials.value) };
  }
  const { password } = credentials;
  if (key === "" && password.length > 0) return INVALID_CREDENTIALS;
  if (key === "") return { result: bindAnonymously(state) };
  if (password.length === 0) {
    if (state.allowUnauthenticatedBind) return { result: bindAnonymously(state) };
    const message = "unauthenticated bind (DN with no password) disallowed";
    return { result: { code: RESULT.unwillingToPerform, message } };
  }
  if (state.administrator?.dn === key) {
    const isRight = isSame(password, Buffer.from(state.administrator.password));
    return isRight ? succeed(session, key, request.dn) : INVALID_CREDENTIALS;
  }
  const entry = state.tree.get(key);
  return entry === undefined ? INVALID_CREDENTIALS : bindAs(state, session, entry, password);
}

function bindAnonymously(state: DirectoryState): Result {
  if (state.anonymous === "refuse") {
    return { code: RESULT.inappropriateAuthentication, message: "anonymous bind disallowed" };
  }
  return { code: RESULT.success };
}

async function bindAs(
  state: DirectoryState,
  session: Session,
  found: StoredEntry,
  password: Buffer,
): Promise<BindOutcome> {
  const isAllowed = state.access({
    who: "",
    operation: "bind",
    dn: found.key,
    attribute: "userpassword",
  });
  const stored = found.attributes.get("userpassword")?.values ?? [];
  if (isAllowed !== true || found.attributes.has("aliasedobjectname")) return INVALID_CREDENTIALS;
  // slapd refers nobody who binds.
  if (isReferral(found)) return INVALID_CREDENTIALS;
  if (stored.length === 0) return INVALID_CREDENTIALS;
  const { binds } = session;
  const isRight = await isOneOf(password, stored);
  // Another bind may have come meanwhile, or the entry have gone.
  const entry = state.tree.get(found.key);
  if (session.binds !== binds || entry === undefined) return INVALID_CREDENTIALS;
  const policy = checkPolicy(state, entry, isRight);
  recordAttempt(state, entry, isRight, policy);
  if (!isRight || policy?.refused) return { ...INVALID_CREDENTIALS, ...(policy && { policy }) };
  session.mustChangePassword = policy?.mustChange ?? false;
  return { ...succeed(session, entry.key, entry.dn), ...(policy && { policy }) };
}

function succeed(session: Session, key: string, dn: string): BindOutcome {
  session.who = key;
  session.whoSpelled = dn;
  return { result: { code: RESULT.success } };
}

/** SASL EXTERNAL (RFC 4422 appendix A): the subject of the client certificate is who it is. */
function bindExternal(session: Session, mechanism: string, value: Buffer | undefined): Result {
  if (mechanism !== "EXTERNAL") {
    return { code: RESULT.authMethodNotSupported, message: "SASL mechanism not supported" };
  }
  const subject = session.certificateSubject();
  const key = subject === undefined ? undefined : normalizeDn(subject);
  if (subject === undefined || key === undefined || key === "") {
    return { code: RESULT.inappropriateAuthentication, message: "no client certificate" };
  }
  if (value === undefined) return { code: RESULT.saslBindInProgress };
  const authorizationId = value.toString();
  const wanted = authorizationId.startsWith("dn:")
    ? normalizeDn(authorizationId.slice(3))
    : undefined;
  if (authorizationId !== "" && wanted !== key) {
    return { code: RESULT.insufficientAccessRights, message: "not authorized to assume identity" };
  }
  return succeed(session, key, subject).result;
}
