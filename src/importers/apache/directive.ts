/** One line of an Apache configuration, or one section with what is in it. */
export interface Directive {
  /** As written; compare in lower case. A section's name is without `<` and `>`. */
  readonly name: string;
  /** The words behind it, quotes and backslashes taken away as httpd does. */
  readonly args: readonly string[];
  /** All that stands behind the name, as written: what `Require` and other raw-argument directives read. */
  readonly rest: string;
  /** Counted from 1; of a continued line its first. */
  readonly line: number;
  /** The file it stands in, where it is known. */
  readonly file?: string;
  /** What is in the section; undefined of a plain directive. */
  readonly children?: readonly Directive[];
}
