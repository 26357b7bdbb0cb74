/** The methods that `<Limit>` names, or with `except` all others. HEAD goes with GET. */
export interface MethodSet {
  readonly methods: ReadonlySet<string>;
  readonly except: boolean;
}

export const ALL_METHODS: MethodSet = { methods: new Set(), except: true };

export function methodSet(names: readonly string[], except: boolean): MethodSet {
  const methods = new Set(names);
  if (methods.has("GET") || methods.has("HEAD")) methods.add("GET").add("HEAD");
  return { methods, except };
}

export function intersection(a: MethodSet, b: MethodSet): MethodSet {
  if (a.except && b.except) return { methods: new Set([...a.methods, ...b.methods]), except: true };
  const [named, other] = a.except ? [b, a] : [a, b];
  const methods = [...named.methods].filter((method) => other.methods.has(method) !== other.except);
  return { methods: new Set(methods), except: false };
}

export function union(a: MethodSet, b: MethodSet): MethodSet {
  return complement(intersection(complement(a), complement(b)));
}

function complement({ methods, except }: MethodSet): MethodSet {
  return { methods, except: !except };
}

export function isNone({ methods, except }: MethodSet): boolean {
  return !except && methods.size === 0;
}

export function isAll({ methods, except }: MethodSet): boolean {
  return except && methods.size === 0;
}

/** Whether all methods of `a` are methods of `b`. */
export function isWithin(a: MethodSet, b: MethodSet): boolean {
  return isNone(intersection(a, complement(b)));
}
