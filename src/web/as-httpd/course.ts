import type { Person } from "../../authentication/person.ts";
import type { HttpdCourse } from "../../authorization/question.ts";
import type { Naming } from "../naming.ts";
import { type Variable, variablesOf } from "../variables-of.ts";

/** One request's way through the `Require` lines, with what it leaves behind: variables and a name. */
export interface Course extends HttpdCourse {
  /** Undefined if the entry lacks the attribute that the name is made of: then nobody gets in. */
  readonly remoteUser: string | undefined;
  readonly variables: ReadonlyMap<string, Variable>;
}

/**
 * `login` is the entry that was bound; undefined where another provider checked the password: then `lookUp` finds the entry by
 * name, once, and only if a rule asks for it.
 */
export function startCourse(
  name: string,
  shown: string,
  login: Person | undefined,
  naming: Naming | undefined,
  lookUp: () => Promise<Person | undefined>,
): Course {
  const variables = new Map<string, Variable>();
  let remoteUser: string | undefined = shown;
  let subject: Promise<Person | undefined> | undefined;

  function note(prefix: string, entry: Person): void {
    if (naming === undefined) return;
    for (const variable of variablesOf(prefix, naming.attributes, entry)) {
      // Apache's tables do not tell letter case.
      variables.set(variable.name.toLowerCase(), variable);
    }
  }

  function meet(entry: Person): void {
    const bound = naming?.bindAs?.(name);
    if (bound !== undefined)
      variables.set("ldap_bindasuser", { name: "LDAP_BINDASUSER", value: bound });
    note("AUTHENTICATE_", entry);
    remoteUser = naming?.remoteUser(entry, shown);
  }

  async function find(): Promise<Person | undefined> {
    const entry = await lookUp();
    if (entry !== undefined) meet(entry);
    return entry;
  }

  if (login !== undefined) {
    meet(login);
    subject = Promise.resolve(login);
  }

  return {
    name,
    get remoteUser() {
      return remoteUser;
    },
    variables,
    subject: () => {
      subject ??= find();
      return subject;
    },
    replaceSubject: (entry) => {
      subject = Promise.resolve(entry);
    },
    authorize: (entry) => note(naming?.authorizePrefix ?? "", entry),
  };
}
