/**
 * An expression has no answer for this request: what came with it is too long to match within reason, or would have to be
 * looked up in the DNS. Neither a yes nor a no, as `!` would turn either into its opposite: whoever evaluates an expression
 * has to refuse.
 */
export class CannotTell extends Error {
  override readonly name = "CannotTell";
}
