import type { DirectoryError } from "../errors.ts";

/** The answer to "may they?". Only `granted` lets in. */
export type Decision =
  | { readonly outcome: "granted" }
  /** `reason` is for the log, never for the visitor. */
  | { readonly outcome: "denied"; readonly reason: string }
  /** The directory could not be asked: refused, with 503. */
  | { readonly outcome: "undecided"; readonly reason: string; readonly error: DirectoryError };
