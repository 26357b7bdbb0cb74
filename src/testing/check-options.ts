import { ConfigError } from "../errors.ts";
import type { OperationName } from "./access.ts";
import type { BadCertificate, Fault } from "./faults.ts";
import type { TestDirectoryOptions } from "./start-directory.ts";

type Kind = "string" | "number" | "boolean" | "function" | "object" | "array" | "anything";
/** What an option must be: of a kind, or one of these names. */
type Shape = Readonly<Record<string, Kind | readonly string[]>>;

const OPERATIONS = Object.keys({
  connect: true,
  bind: true,
  unbind: true,
  search: true,
  compare: true,
  modify: true,
  add: true,
  delete: true,
  "modify-dn": true,
  abandon: true,
  extended: true,
  starttls: true,
  whoami: true,
  "password-modify": true,
} satisfies Record<OperationName, true>);

const FAULTS = Object.keys({
  reset: true,
  close: true,
  stall: true,
  "slow-bytes": true,
  garbage: true,
  result: true,
  "refuse-starttls": true,
  "close-during-starttls": true,
  "stall-during-starttls": true,
  "inject-after-starttls": true,
  "bad-certificate": true,
} satisfies Record<Fault["fault"], true>);

const CERTIFICATES = Object.keys({
  expired: true,
  "not-yet-valid": true,
  "wrong-host": true,
  "unknown-ca": true,
  "self-signed": true,
} satisfies Record<BadCertificate, true>);

const OPTIONS = {
  ldif: "string",
  schema: "string",
  port: "number",
  tls: "anything",
  anonymous: ["read", "bind", "refuse"],
  access: "function",
  administrator: "object",
  allowUnauthenticatedBind: "boolean",
  sizeLimit: "number",
  contentSync: "boolean",
  latency: "number",
  faults: "array",
} satisfies Record<keyof TestDirectoryOptions, Kind | readonly string[]>;

const FAULT = {
  fault: FAULTS,
  on: OPERATIONS,
  dn: "string",
  times: "number",
  resultCode: "number",
  message: "string",
  passwordPolicy: "object",
  certificate: CERTIFICATES,
} satisfies Record<keyof Fault, Kind | readonly string[]>;

const VERDICT: Shape = {
  error: "number",
  timeBeforeExpiration: "number",
  graceAuthNsRemaining: "number",
};

/** Throws `ConfigError` where a directory would not be what its options were meant to say. */
export function checkOptions(options: TestDirectoryOptions): void {
  checkShape(options, OPTIONS, "");
  if (options.ldif === undefined) throw wrong("ldif", "is missing: the entries, as LDIF text");
  const { administrator, tls } = options;
  if (administrator !== undefined) {
    checkShape(administrator, { dn: "string", password: "string" }, "administrator");
    for (const key of ["dn", "password"] as const) {
      if (administrator[key] === undefined) throw wrong(`administrator.${key}`, "is missing");
    }
  }
  if (tls !== undefined && typeof tls !== "boolean") {
    checkShape(tls, { key: "anything", cert: "anything", ca: "anything" }, "tls");
  }
  for (const [index, fault] of (options.faults ?? []).entries()) {
    checkFault(fault, `faults[${index}]`);
  }
}

/** Throws `ConfigError` if the fault could never happen. */
export function checkFault(fault: Fault, where = "fault"): void {
  checkShape(fault, FAULT, where);
  if (fault.fault === undefined) throw wrong(`${where}.fault`, `is missing: ${known(FAULTS)}`);
  if (fault.passwordPolicy !== undefined) {
    checkShape(fault.passwordPolicy, VERDICT, `${where}.passwordPolicy`);
  }
  if (fault.fault === "result" && fault.on === "connect") {
    throw wrong(`${where}.on`, 'can\'t be "connect" for "result": a connection has no answer');
  }
}

function checkShape(value: unknown, shape: Shape, where: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(where || "options", "must be an object");
  }
  for (const [key, given] of Object.entries(value)) {
    const option = where ? `${where}.${key}` : key;
    const wanted = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (wanted === undefined) throw wrong(option, `is unknown: ${known(Object.keys(shape))}`);
    if (given === undefined || wanted === "anything") continue;
    if (typeof wanted !== "string") {
      if (!wanted.includes(given)) throw wrong(option, `is unknown: ${known(wanted)}`);
    } else if (wanted === "array" ? !Array.isArray(given) : typeof given !== wanted) {
      throw wrong(option, `must be of type ${wanted}`);
    }
  }
}

function known(names: readonly string[]): string {
  return `known are ${names.join(", ")}`;
}

function wrong(option: string, reason: string): ConfigError {
  return new ConfigError(`${option} ${reason}`, { option });
}
