/** What `Define` has set so far; the lines of a configuration are read in order. */
export interface Definitions {
  define(name: string, value: string | undefined): void;
  undefine(name: string): void;
  /** Makes it unknown again. */
  forget(name: string): void;
  /** Undefined where no line has said either: it may be defined on httpd's command line. */
  isDefined(name: string): boolean | undefined;
  /** With `${NAME}` replaced, once. What is not defined stays as it is, and so does `${map:key}`. Undefined if it gets too long. */
  expand(text: string): string | undefined;
}

/** Nothing defined yet. All expanded text together may have `budget` characters. */
export function startDefinitions(budget: number): Definitions {
  const names = new Map<string, boolean>();
  const values = new Map<string, string>();
  let left = budget;

  function expand(text: string): string | undefined {
    if (!text.includes("${")) return text;
    let expanded = "";
    let at = 0;
    for (;;) {
      const start = text.indexOf("${", at);
      const end = start < 0 ? -1 : text.indexOf("}", start + 2);
      if (end < 0) break;
      const value = values.get(text.slice(start + 2, end)) ?? text.slice(start, end + 1);
      expanded += text.slice(at, start) + value;
      // Values can be made of values: their length doubles with every line.
      left -= value.length;
      if (left < 0) return undefined;
      at = end + 1;
    }
    return expanded + text.slice(at);
  }

  return {
    define(name, value) {
      names.set(name, true);
      if (value !== undefined) values.set(name, value);
    },
    undefine(name) {
      names.set(name, false);
      values.delete(name);
    },
    forget(name) {
      names.delete(name);
      values.delete(name);
    },
    isDefined: (name) => names.get(name),
    expand,
  };
}
