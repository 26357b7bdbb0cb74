import type { Restriction } from "../tables/restriction.ts";

/** A table defers somebody who is signed in: this request is refused, and their session stays. */
export class RestrictedForNow extends Error {
  override readonly name = "RestrictedForNow";
  readonly restriction: Restriction;

  constructor(restriction: Restriction) {
    super("A table defers this person.");
    this.restriction = restriction;
  }
}
