import type { Restriction } from "../tables/restriction.ts";

/** A table refuses somebody who is or was signed in: this request is answered with its words. Where it defers them, their session stays. */
export class RefusedByTable extends Error {
  override readonly name = "RefusedByTable";
  readonly restriction: Restriction;

  constructor(restriction: Restriction) {
    super("A table refuses this person.");
    this.restriction = restriction;
  }
}
