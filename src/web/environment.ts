import type { Request } from "express";
import type { Person } from "../authentication/person.ts";
import type { Naming } from "./naming.ts";
import { cgiName, variablesOf } from "./variables-of.ts";
import { type Visit, visitOf } from "./visit.ts";

/** A request's variables as a CGI program would see them. */
export type Environment = Readonly<Record<string, string>>;

const NONE: Environment = Object.freeze(Object.create(null));

/**
 * What httpd hands to a CGI program about who asks: `REMOTE_USER`, `AUTH_TYPE` (`Basic` or `Form`), `AUTHENTICATE_*` with the
 * attributes of the AuthLDAPURL, and `AUTHORIZE_*` with the same where a rule that asked the directory let them pass (RFC 3875
 * section 4.1). A frozen record without prototype; names are upper case, and `-` and `;` in them are `_`. Empty where nobody is
 * signed in.
 */
export function environment(req: Request): Environment {
  return visitOf(req)?.environment?.() ?? NONE;
}

/** Says what a request's variables are, to be made when they are looked at; what was said before is forgotten. */
export function noteEnvironment(visit: Visit, make: () => Environment): void {
  let made: Environment | undefined;
  visit.environment = () => {
    made ??= make();
    return made;
  };
}

/** The variables of somebody who is signed in. `authorized` is whether a rule that asked the directory let them pass. */
export function environmentOf(
  { person, by }: Required<Pick<Visit, "person" | "by">>,
  naming: Naming,
  authorized = false,
): Environment {
  const remoteUser = naming.remoteUser(person, person.username);
  const who = {
    AUTH_TYPE: by === "basic" ? "Basic" : "Form",
    // Somebody without the attribute that the name is made of has no name.
    ...(remoteUser === undefined ? {} : { REMOTE_USER: remoteUser }),
  };
  const prefixes = ["AUTHENTICATE_", ...(authorized ? [naming.authorizePrefix] : [])];
  // Somebody of a password file has no entry, and in httpd no variables.
  const attributes = person.dn === "" ? [] : naming.attributes;
  const variables = prefixes.flatMap((prefix) => entriesOf(prefix, attributes, person));
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(variables), who));
}

function entriesOf(
  prefix: string,
  attributes: readonly string[],
  person: Person,
): readonly (readonly [string, string])[] {
  const variables = variablesOf(prefix, attributes, person);
  return variables.map(({ name, value }) => [cgiName(name), value] as const);
}
