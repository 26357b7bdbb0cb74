/** A parameter's value as text, and where it stands. */
export interface Assignment {
  readonly value: string;
  /** The first line, from 1. Undefined where it comes from an object. */
  readonly line: number | undefined;
}

/** What a file or an object says, by name; unknown names may be among them. */
export interface Assignments {
  /** How messages call it. */
  readonly name: string;
  readonly values: ReadonlyMap<string, Assignment>;
  readonly warnings: readonly string[];
}
