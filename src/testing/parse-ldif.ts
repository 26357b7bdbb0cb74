import { ConfigError } from "../errors.ts";
import type {
  AddRequest,
  AttributeValues,
  Change,
  DeleteRequest,
  ModifyDnRequest,
  ModifyRequest,
} from "./request.ts";

/** One record of an LDIF text; a content record is an `add`. `line` is its first line, from 1. */
export type LdifRecord = (AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest) & {
  readonly line: number;
};

/** One `name: value` line, unfolded. */
interface Line {
  readonly number: number;
  readonly name: string;
  readonly value: Buffer;
}

/** Reads content and change records (RFC 2849). Throws `ConfigError` with the line's number. URLs (`:<`) and controls are refused. */
export function parseLdif(text: string): readonly LdifRecord[] {
  const records = splitRecords(text);
  const first = records[0];
  if (first?.[0]?.name.toLowerCase() === "version") {
    const version = first.shift();
    if (version?.value.toString() !== "1") throw fault(version?.number ?? 1, "only version 1");
    if (first.length === 0) records.shift();
  }
  return records.map(readRecord);
}

function fault(line: number, message: string): ConfigError {
  return new ConfigError(`ldif, line ${line}: ${message}`, { option: "ldif" });
}

function splitRecords(text: string): Line[][] {
  const records: Line[][] = [];
  let record: Line[] = [];
  for (const { number, content } of unfold(text)) {
    if (content.startsWith("#")) continue;
    if (content !== "") {
      record.push(readLine(number, content));
      continue;
    }
    if (record.length > 0) records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}

function unfold(text: string): { number: number; content: string }[] {
  const lines: { number: number; content: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const previous = lines.at(-1);
    if (!line.startsWith(" ")) lines.push({ number: index + 1, content: line });
    else if (previous === undefined || previous.content === "") {
      throw fault(index + 1, "a continued line, but there is none before it");
    } else previous.content += line.slice(1);
  }
  return lines;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readLine(number: number, content: string): Line {
  if (content === "-") return { number, name: "-", value: Buffer.alloc(0) };
  const [, name, kind, text = ""] = /^([^:\s]+):([:<]?) *(.*)$/s.exec(content) ?? [];
  if (name === undefined) throw fault(number, "no “name: value” line");
  if (kind === "<") throw fault(number, "values from URLs are not read; put the value in base64");
  if (kind !== ":") return { number, name, value: Buffer.from(text) };
  if (!BASE64.test(text.trimEnd())) throw fault(number, "the value is no base64");
  return { number, name, value: Buffer.from(text, "base64") };
}

function readRecord([head, ...lines]: readonly Line[]): LdifRecord {
  if (head?.name.toLowerCase() !== "dn") {
    throw fault(head?.number ?? 1, "a record begins with “dn:”");
  }
  const at = { dn: head.value.toString(), line: head.number };
  const [first] = lines;
  if (first?.name.toLowerCase() === "control") throw fault(first.number, "controls are not read");
  if (first?.name.toLowerCase() !== "changetype") {
    return { operation: "add", ...at, attributes: readAttributes(at.line, lines) };
  }
  const rest = lines.slice(1);
  const changeType = first.value.toString().trim().toLowerCase();
  switch (changeType) {
    case "add":
      return { operation: "add", ...at, attributes: readAttributes(at.line, rest) };
    case "delete":
      return { operation: "delete", ...at };
    case "modify":
      return { operation: "modify", ...at, changes: readChanges(rest) };
    case "modrdn":
    case "moddn":
      return { operation: "modify-dn", ...at, ...readRename(at.line, rest) };
    default:
      throw fault(first.number, `the changetype “${changeType}” is not known`);
  }
}

function readAttributes(recordLine: number, lines: readonly Line[]): readonly AttributeValues[] {
  const attributes = new Map<string, { name: string; values: Buffer[] }>();
  for (const { number, name, value } of lines) {
    if (name === "-") throw fault(number, "“-” outside of a changetype modify");
    const attribute = attributes.get(name.toLowerCase()) ?? { name, values: [] };
    attribute.values.push(value);
    attributes.set(name.toLowerCase(), attribute);
  }
  if (attributes.size === 0) throw fault(recordLine, "an entry without attributes");
  return [...attributes.values()];
}

function readChanges(lines: readonly Line[]): readonly Change[] {
  const changes: Change[] = [];
  let open: { change: Change["change"]; name: string; values: Buffer[] } | undefined;
  for (const { number, name, value } of lines) {
    if (name === "-") {
      open = undefined;
    } else if (open === undefined) {
      const change = name.toLowerCase();
      if (!isChange(change)) throw fault(number, `“${name}” is no change`);
      open = { change, name: value.toString().trim(), values: [] };
      changes.push(open);
    } else if (name.toLowerCase() === open.name.toLowerCase()) {
      open.values.push(value);
    } else {
      throw fault(number, `“${name}” within the change of “${open.name}”`);
    }
  }
  return changes;
}

function isChange(name: string): name is Change["change"] {
  return name === "add" || name === "delete" || name === "replace" || name === "increment";
}

function readRename(
  recordLine: number,
  lines: readonly Line[],
): { newRdn: string; deleteOldRdn: boolean; newSuperior?: string } {
  const fields = new Map(lines.map(({ name, value }) => [name.toLowerCase(), value.toString()]));
  const newRdn = fields.get("newrdn");
  const deleteOldRdn = fields.get("deleteoldrdn")?.trim();
  const newSuperior = fields.get("newsuperior");
  if (newRdn === undefined || (deleteOldRdn !== "0" && deleteOldRdn !== "1")) {
    throw fault(recordLine, "modrdn needs “newrdn:” and “deleteoldrdn: 0” or “1”");
  }
  return {
    newRdn,
    deleteOldRdn: deleteOldRdn === "1",
    ...(newSuperior !== undefined && { newSuperior }),
  };
}
