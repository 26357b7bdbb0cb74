import type { TableServer, TableSettings, Template } from "../../tables/table-settings.ts";
import { isFixed } from "../../tables/template.ts";
import type { Assignments } from "./assignment.ts";
import { readDomains } from "./domain-list.ts";
import { type ParameterReader, parameterReader } from "./parameter-reader.ts";
import { parseTemplate } from "./parse-template.ts";
import { passwordExposure } from "./password-exposure.ts";
import { readServer } from "./server-list.ts";
import type { ParameterName } from "./table-parameters.ts";

/** Adds to what Postfix warns of. */
type Warn = (warning: string) => void;

/** Without a limit in Postfix, but nobody waits for ever for a page. In seconds. */
const LONGEST_TIMEOUT = 600;

/** ldap_table(5)'s meaning of the assignments, with its defaults. Throws a `ConfigError` for what is fatal to Postfix, and for what can't be carried. */
export function tableSettings(assignments: Assignments): TableSettings {
  const { name } = assignments;
  const warnings = [...assignments.warnings];
  const reader = parameterReader(assignments);
  const warn: Warn = (warning) => warnings.push(`${name}: ${warning}`);

  const startTls = reader.flag("start_tls");
  const servers = serversOf(reader, startTls);
  const expansionLimit = reader.integer("expansion_limit", 0);
  const bind = bindOf(reader);
  passwordExposure({ bind, servers }).forEach(warn);
  checkIgnored(reader, warn);
  return {
    name,
    servers,
    timeout: timeoutOf(reader, warn),
    version: versionOf(reader, warn, servers, startTls),
    bind,
    tls: tlsOf(reader),
    searchBase: templateOf(reader, "search_base", ""),
    scope: scopeOf(reader, warn),
    queryFilter: queryFilterOf(reader, warn),
    resultFormat: reader.text("result_format")
      ? templateOf(reader, "result_format", "%s")
      : templateOf(reader, "result_filter", "%s", 1),
    resultAttributes: reader.list("result_attribute") ?? ["maildrop"],
    specialResultAttributes: reader.list("special_result_attribute") ?? [],
    terminalResultAttributes: reader.list("terminal_result_attribute") ?? [],
    leafResultAttributes: reader.list("leaf_result_attribute") ?? [],
    domains: domainsOf(reader, warn),
    dereference: dereferenceOf(reader, warn),
    chaseReferrals: reader.flag("chase_referrals"),
    recursionLimit: reader.integer("recursion_limit", 1000, 1),
    expansionLimit: Math.max(expansionLimit, 0),
    sizeLimit: sizeLimitOf(reader, expansionLimit),
    warnings,
  };
}

function serversOf(reader: ParameterReader, startTls: boolean): readonly TableServer[] {
  reader.text("server_host", 1);
  const port = reader.integer("server_port", 389);
  const words = reader.list("server_host") ?? ["localhost"];
  if (words.length === 0) throw reader.wrong("server_host", "it names no server");
  return words.map((word) => {
    const read = readServer(word, port, startTls);
    if ("problem" in read) throw reader.wrong("server_host", read.problem);
    return read.server;
  });
}

function timeoutOf(reader: ParameterReader, warn: Warn): number {
  const seconds = reader.integer("timeout", 10);
  if (seconds >= 0 && seconds <= LONGEST_TIMEOUT) return seconds * 1000;
  warn(`timeout is ${LONGEST_TIMEOUT} seconds here, the longest`);
  return LONGEST_TIMEOUT * 1000;
}

function versionOf(
  reader: ParameterReader,
  warn: Warn,
  servers: readonly TableServer[],
  startTls: boolean,
): 2 | 3 {
  const version = reader.integer("version", 3, 2);
  if (version === 3) return 3;
  if (version !== 2) {
    warn(`Unknown version ${version}, using 3.`);
    return 3;
  }
  const other = servers.find(
    ({ address, security }) => address.kind === "unix" || security === "tls",
  );
  if (other) {
    const scheme = other.address.kind === "unix" ? "ldapi" : "ldaps";
    warn(`URL scheme ${scheme} requires protocol version 3`);
    return 3;
  }
  if (!startTls) return 2;
  warn("start_tls requires protocol version 3");
  return 3;
}

function bindOf(reader: ParameterReader): TableSettings["bind"] {
  const bind = reader.text("bind", 1)?.toLowerCase() ?? "yes";
  switch (bind) {
    case "no":
    case "none":
      return { kind: "none" };
    case "yes":
    case "simple":
      return {
        kind: "simple",
        dn: reader.text("bind_dn") ?? "",
        password: reader.text("bind_pw") ?? "",
      };
    case "sasl":
      if (reader.text("sasl_authz_id")) {
        throw reader.wrong(
          "sasl_authz_id",
          "another authorization identity can't be asked for here",
        );
      }
      if (reader.integer("sasl_minssf", 0, -(2 ** 31), 4096) > 0) {
        throw reader.wrong("sasl_minssf", "it can't be checked here: leave it out, and use TLS");
      }
      return { kind: "sasl", mechanisms: (reader.list("sasl_mechs") ?? []).join(" ") };
    default:
      throw reader.wrong("bind", "it must be yes, simple, no, none or sasl");
  }
}

function tlsOf(reader: ParameterReader): TableSettings["tls"] {
  return {
    requireCertificate: reader.flag("tls_require_cert"),
    caFile: reader.text("tls_ca_cert_file") || undefined,
    caDirectory: reader.text("tls_ca_cert_dir") || undefined,
    certFile: reader.text("tls_cert") || undefined,
    keyFile: reader.text("tls_key") || undefined,
    cipherSuite: reader.text("tls_cipher_suite") || undefined,
  };
}

function scopeOf(reader: ParameterReader, warn: Warn): TableSettings["scope"] {
  const given = reader.text("scope", 1) ?? "sub";
  const scope = given.toLowerCase();
  if (scope === "sub" || scope === "one" || scope === "base") return scope;
  warn(`Unrecognized value ${JSON.stringify(given)} specified for scope; using sub`);
  return "sub";
}

function queryFilterOf(reader: ParameterReader, warn: Warn): Template {
  const template = templateOf(reader, "query_filter", "(mailacceptinggeneralid=%s)");
  if (isFixed(template))
    warn("Fixed query_filter is probably useless: every key gets the same answer");
  return template;
}

function templateOf(
  reader: ParameterReader,
  parameter: ParameterName,
  fallback: string,
  least?: number,
): Template {
  const template = parseTemplate(reader.text(parameter, least) ?? fallback);
  if (template) return template;
  throw reader.wrong(parameter, "expansions are %s %S %u %U %d %D %1 to %9; a % itself is %%");
}

function domainsOf(reader: ParameterReader, warn: Warn): readonly string[] | undefined {
  const list = reader.text("domain");
  if (list === undefined || list === "") return undefined;
  const read = readDomains(list);
  if ("problem" in read) throw reader.wrong("domain", read.problem, read.cause);
  for (const warning of read.warnings) warn(`domain: ${warning}`);
  return read.domains;
}

const DEREFERENCE = ["never", "searching", "finding", "always"] as const;

function dereferenceOf(reader: ParameterReader, warn: Warn): TableSettings["dereference"] {
  const value = reader.integer("dereference", 0);
  const dereference = DEREFERENCE[value];
  if (dereference) return dereference;
  warn(`Unrecognized value ${value} specified for dereference; using 0`);
  return "never";
}

function sizeLimitOf(reader: ParameterReader, expansionLimit: number): number {
  const limit = reader.integer("size_limit", expansionLimit);
  if (limit >= 0) return limit;
  // Servers refuse such a search, and so Postfix fails with every key.
  const parameter = reader.text("size_limit") === undefined ? "expansion_limit" : "size_limit";
  throw reader.wrong(parameter, "a limit must not be negative");
}

/** What Postfix checks and does not use either. */
function checkIgnored(reader: ParameterReader, warn: Warn): void {
  if (reader.flag("cache")) warn("ignoring cache");
  for (const parameter of ["cache_expiry", "cache_size"] as const) {
    if (reader.integer(parameter, -1) >= 0) warn(`ignoring ${parameter}`);
  }
  reader.integer("debuglevel", 0);
}
