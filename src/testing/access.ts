/** What a client does, as the operations log, faults and access switches name it. */
export type OperationName =
  | "connect"
  | "bind"
  | "unbind"
  | "search"
  | "compare"
  | "modify"
  | "add"
  | "delete"
  | "modify-dn"
  | "abandon"
  | "extended"
  | "starttls"
  | "whoami"
  | "password-modify";

/** What someone wants to do with an entry, or with one attribute of it. */
export interface AccessRequest {
  /** The normalised DN of who asks; "" = anonymous. */
  readonly who: string;
  readonly operation: OperationName;
  /** The normalised DN of the entry. */
  readonly dn: string;
  /** Lower case, without options. Missing where the entry as a whole is meant: may its existence be known? */
  readonly attribute?: string;
}

/**
 * Says whether someone may do something. `"disclose"` is a no that does not hide the entry: insufficientAccessRights instead of noSuchObject, as slapd
 * answers those whose access is `disclose` or `auth`.
 */
export type MayAccess = (request: AccessRequest) => boolean | "disclose";

/**
 * The default: everybody may read and compare everything but `userPassword`; nobody but the administrator may write, but those
 * who are bound may change their own password with the password modify operation. A bind is always allowed to check the password.
 */
export function defaultAccess({ who, operation, dn, attribute }: AccessRequest): boolean {
  if (operation === "bind") return true;
  if (operation === "search" || operation === "compare") return attribute !== "userpassword";
  return operation === "password-modify" && who !== "" && who === dn;
}
