import { normalizeDn } from "../ldap/dn.ts";
import type { OperationName } from "./access.ts";

/** A certificate that no client should accept. */
export type BadCertificate =
  | "expired"
  | "not-yet-valid"
  | "wrong-host"
  | "unknown-ca"
  | "self-signed";

/**
 * Something that goes wrong, by name:
 *
 * - `reset`: the connection ends with a TCP reset; `close`: with a FIN
 * - `stall`: no answer, while the connection stays open
 * - `slow-bytes`: the answer arrives one byte at a time, 20 ms apart
 * - `garbage`: the answer is not LDAP
 * - `result`: the answer is `resultCode` with `message`; with code 0 a bind succeeds whatever the password is
 * - `refuse-starttls`, `close-during-starttls`, `stall-during-starttls`: StartTLS is refused, or the server goes away or silent after having agreed
 * - `inject-after-starttls`: a forged answer follows the StartTLS answer in clear
 * - `bad-certificate`: TLS with `certificate`
 */
export interface Fault {
  readonly fault:
    | "reset"
    | "close"
    | "stall"
    | "slow-bytes"
    | "garbage"
    | "result"
    | "refuse-starttls"
    | "close-during-starttls"
    | "stall-during-starttls"
    | "inject-after-starttls"
    | "bad-certificate";
  /** Only for this operation; `extended` is every extended operation. Default: any operation, but not `connect`. */
  readonly on?: OperationName;
  /** Only for this bind DN, search base or target, however it is spelled. */
  readonly dn?: string;
  /** How many times. Default: until it is taken away. */
  readonly times?: number;
  /** For `result` and `refuse-starttls`. Default: 52 (unavailable) and 2 (protocolError). */
  readonly resultCode?: number;
  /** The diagnostic message, for `result` and `refuse-starttls`. */
  readonly message?: string;
  /** For `result` on a bind: what the password policy control says, if the client asked for it. */
  readonly passwordPolicy?: {
    readonly error?: number;
    readonly timeBeforeExpiration?: number;
    readonly graceAuthNsRemaining?: number;
  };
  /** For `bad-certificate`. Default: `expired`. */
  readonly certificate?: BadCertificate;
}

/** What a fault can happen to. */
export interface Occasion {
  readonly operation: OperationName;
  /** Normalised. */
  readonly dn?: string;
}

const EXTENDED_OPERATIONS: readonly OperationName[] = ["starttls", "whoami", "password-modify"];

const STARTTLS_FAULTS: readonly Fault["fault"][] = [
  "refuse-starttls",
  "close-during-starttls",
  "stall-during-starttls",
  "inject-after-starttls",
];

/** The faults that are in force, first come, first served. */
export class Faults {
  readonly #active: { readonly fault: Fault; left: number }[] = [];

  /** Returns what takes it away again. */
  add(fault: Fault): () => void {
    const active = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#active.push(active);
    return () => this.#remove(active);
  }

  /** The fault that happens now, if one does; it is counted. */
  take(occasion: Occasion): Fault | undefined {
    return this.#take((fault) => isOn(fault, occasion));
  }

  /** The bad certificate of a TLS handshake that begins now. */
  takeBadCertificate(): BadCertificate | undefined {
    const fault = this.#take(({ fault: name }) => name === "bad-certificate");
    return fault && (fault.certificate ?? "expired");
  }

  #take(isWanted: (fault: Fault) => boolean): Fault | undefined {
    const active = this.#active.find(({ fault }) => isWanted(fault));
    if (active === undefined) return undefined;
    active.left -= 1;
    if (active.left <= 0) this.#remove(active);
    return active.fault;
  }

  #remove(active: { readonly fault: Fault; left: number }): void {
    const position = this.#active.indexOf(active);
    if (position >= 0) this.#active.splice(position, 1);
  }
}

function isOn({ fault, on, dn }: Fault, occasion: Occasion): boolean {
  const { operation } = occasion;
  if (fault === "bad-certificate") return false;
  if (STARTTLS_FAULTS.includes(fault)) return operation === "starttls";
  if (dn !== undefined && normalizeDn(dn) !== occasion.dn) return false;
  if (on === undefined) return operation !== "connect";
  return on === operation || (on === "extended" && EXTENDED_OPERATIONS.includes(operation));
}
