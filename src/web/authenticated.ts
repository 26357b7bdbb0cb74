import type { Request } from "express";
import { type Person, valuesOf } from "../authentication/person.ts";
import type { Realm } from "./realm.ts";
import { visitOf } from "./visit.ts";

/**
 * Who is signed in: what Apache put into `AUTHENTICATE_*`. Its enumerable keys are the URL's attributes in upper case,
 * several values joined by `"; "`, a missing attribute `""`; so `JSON.stringify` shows just these.
 */
export type Authenticated<Key extends string = Uppercase<string>> = {
  readonly [Attribute in Key]: string;
} & {
  /** The DN of the entry. Not enumerable. */
  readonly dn: string;
  /** The entry's value of the login attribute, in the directory's spelling. Not enumerable. */
  readonly username: string;
  /** All values of an attribute that the login read, in any letter case; none if there are none. Not enumerable. */
  values(attribute: string): readonly string[];
};

/** The signed-in person as an application sees them: frozen, and without a prototype that a name could collide with. */
export function createAuthenticated(person: Person, attributes: readonly string[]): Authenticated {
  const shown = Object.create(null) as Authenticated;
  const values = (attribute: string) => Object.freeze([...valuesOf(person, String(attribute))]);
  for (const attribute of attributes) {
    const value = valuesOf(person, attribute).join("; ");
    Object.defineProperty(shown, attribute.toUpperCase(), { value, enumerable: true });
  }
  for (const [key, value] of Object.entries({ dn: person.dn, username: person.username, values })) {
    Object.defineProperty(shown, key, { value });
  }
  return Object.freeze(shown);
}

/** The same, made when it is asked for the first time. */
export function laterAuthenticated(
  person: Person,
  attributes: readonly string[],
): () => Authenticated {
  let made: Authenticated | undefined;
  return () => {
    made ??= createAuthenticated(person, attributes);
    return made;
  };
}

// One for all requests: a property that differs by request makes each request an object of a shape of its own.
const AUTHENTICATED: PropertyDescriptor & ThisType<Request> = {
  get() {
    return visitOf(this)?.authenticated?.();
  },
  enumerable: true,
  // A second authnzLdap on the same request has to be able to say who it is there.
  configurable: true,
};

/**
 * Makes `req.authenticated` show who the last visit found out it is, whatever an earlier middleware put there. Throws if that can't be taken
 * away.
 */
export function showAuthenticated(req: Request): void {
  Object.defineProperty(req, "authenticated", AUTHENTICATED);
}

/**
 * Who the last `authnzLdap` on this request found out it is; undefined if that was another realm's. Reads its own memory
 * and not `req.authenticated`, so nothing that a later middleware puts there counts.
 */
export function authenticatedOf(req: Request, realm: Realm): Authenticated | undefined {
  const visit = visitOf(req);
  return visit?.realm === realm ? visit.authenticated?.() : undefined;
}
