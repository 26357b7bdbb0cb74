/** A line of an Apache configuration that is not carried, and why. Holds no arguments: these could be credentials. */
export interface SkippedLine {
  readonly line: number;
  /** The file it stands in, where it is known. */
  readonly file?: string;
  /** The directive's name as written; a section's with `<` and `>`. */
  readonly directive: string;
  readonly reason: string;
}
