import { formatFilter } from "../ldap/format-filter.ts";
import type { OperationName } from "./access.ts";
import type { Request } from "./request.ts";
import { EXTENDED } from "./root-dse.ts";

/** One operation that arrived. Never holds a password, nor any other value that was written. */
export interface OperationRecord {
  /** The number of the connection, from 1. */
  readonly connection: number;
  readonly operation: OperationName;
  /** The bind DN, search base or target, as the client spelled it. */
  readonly dn: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Who was bound when it arrived; normalised, "" = nobody. */
  readonly who: string;
  /** The answer's code (RFC 4511 section 4.1.9); undefined while, or if, there is none. */
  readonly resultCode: number | undefined;
  /** The SASL mechanism of a bind; undefined for a simple one. */
  readonly mechanism?: string;
  /** RFC 4515 text of what was decoded off the wire. */
  readonly filter?: string;
  readonly scope?: "base" | "one" | "sub";
  readonly sizeLimit?: number;
  /** The attributes that a search asks for, or that a compare, add or modify names. */
  readonly attributes?: readonly string[];
  /** The OID of an extended operation. */
  readonly oid?: string;
  /** The OIDs of the controls that came with it. */
  readonly controls: readonly string[];
}

/** The operation's name in logs, faults and access switches. */
export function operationName(request: Request): OperationName {
  if (request.operation !== "extended") return request.operation;
  switch (request.oid) {
    case EXTENDED.startTls:
      return "starttls";
    case EXTENDED.whoAmI:
      return "whoami";
    case EXTENDED.passwordModify:
      return "password-modify";
    default:
      return "extended";
  }
}

/** What the log keeps of a request besides what every operation has. */
export function describeRequest(request: Request): Partial<OperationRecord> {
  switch (request.operation) {
    case "bind":
      return request.credentials.kind === "sasl"
        ? { mechanism: request.credentials.mechanism }
        : {};
    case "search":
      return {
        filter: formatFilter(request.filter),
        scope: request.scope,
        sizeLimit: request.sizeLimit,
        attributes: request.attributes,
      };
    case "compare":
      return { attributes: [request.attribute] };
    case "add":
      return { attributes: request.attributes.map(({ name }) => name) };
    case "modify":
      return { attributes: request.changes.map(({ name }) => name) };
    case "extended":
      return { oid: request.oid };
    default:
      return {};
  }
}
