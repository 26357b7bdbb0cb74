const WIDTH = 90;

/** A value as a TypeScript literal, on one line where it fits. What is undefined is left out. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return array(value.map(literal));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return fields(Object.entries(value).filter(([, one]) => one !== undefined));
}

function fields(entries: readonly (readonly [string, unknown])[]): string {
  return object(entries.map(([key, value]) => [key, literal(value)]));
}

/** An object of texts that are code already. */
export function object(entries: readonly (readonly [string, string])[]): string {
  const parts = entries.map(([key, code]) => {
    return `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${code}`;
  });
  if (parts.length === 0) return "{}";
  return list("{ ", parts, " }");
}

/** A call whose arguments are code already. */
export function call(name: string, args: readonly string[]): string {
  return `${name}${list("(", args, ")")}`;
}

/** A list of what is code already. */
export function array(parts: readonly string[]): string {
  return list("[", parts, "]");
}

function list(open: string, parts: readonly string[], close: string): string {
  const line = `${open}${parts.join(", ")}${close}`;
  if (line.length <= WIDTH && !line.includes("\n")) return line;
  // What ends in lines of its own needs no more of them.
  const [only = ""] = parts;
  if (parts.length === 1 && open === "(" && only.startsWith("{")) return `(${only})`;
  return `${open.trim()}\n${parts.map((part) => `  ${indented(part)},\n`).join("")}${close.trim()}`;
}

function indented(code: string): string {
  return code.replaceAll("\n", "\n  ");
}

/** A line of a comment, whatever text it is made of. */
export function comment(text: string): string {
  return `// ${text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()}`;
}
