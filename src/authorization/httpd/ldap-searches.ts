import type { Person } from "../../authentication/person.ts";
import { readPerson } from "../../authentication/read-person.ts";
import { loginFilter } from "../../ldap/auth-ldap-url.ts";
import type { Filter } from "../../ldap/filter.ts";
import { type Decision, denied, granted, unanswerable, undecided } from "../decision.ts";
import type { CompiledRule, Question } from "../question.ts";
import { withoutValue } from "./argument.ts";
import { type FilterArgument, prepareFilterArgument, type Warn } from "./filter-argument.ts";
import { isSameEntry } from "./same-entry.ts";
import { aboutDirectory, aboutSubject, type DirectoryQuestion } from "./subject-of.ts";

/**
 * `Require ldap-filter`: the name as it was sent finds exactly one entry that also matches, and it is the person's. As in httpd the
 * URL's own filter does not count here, and the argument stands without parentheses around it.
 */
export function compileLdapFilter(text: string, warn: Warn): CompiledRule {
  const isNone = text.toLowerCase() === "none";
  // httpd puts the two together as text, so the argument may be more than one filter.
  const matching = isNone
    ? undefined
    : prepareFilterArgument(text, (own) => `(&(${own})(objectClass=*))`, warn);

  return aboutSubject(async (question) => {
    const { subject, course, url } = question;
    const named = loginFilter({ ...url, filter: undefined }, course.name);
    const found = await findOne(question, () => {
      if (matching === undefined) return named;
      const filter = matching(question);
      if (filter?.type !== "and") return undefined;
      return { type: "and", filters: [...filter.filters.slice(0, -1), named] };
    });
    if ("outcome" in found) return found;
    if (!isSameEntry(found.dn, subject.dn)) return denied("it is another entry");
    course.replaceSubject(found);
    course.authorize(found);
    return granted(found.dn);
  });
}

/**
 * `Require ldap-search`: a search finds exactly one entry, whoever that is. As in httpd it stands in the person's place for the
 * lines that follow. Other than in httpd nothing is asked before the login; what then could not have found anybody there either is
 * a no, also for whoever could log in.
 */
export function compileLdapSearch(text: string, warn: Warn): CompiledRule {
  // libldap takes `a=b` alone for a filter, but no others without parentheses.
  const complete = (own: string) => (/^ *[&|!(]/.test(own) ? own : `(${own})`);
  const filter = prepareFilterArgument(text, complete, warn);
  const search = aboutDirectory(async (question) => {
    const found = await findOne(question, () => filter(question));
    if ("outcome" in found) return found;
    question.course.replaceSubject(found);
    question.course.authorize(found);
    return granted(found.dn);
  });
  return async (question) => {
    const findsNobody = question.person === undefined && needsLogin(filter, question);
    return findsNobody
      ? denied("it is asked before the login, and finds nobody then")
      : search(question);
  };
}

/** Whether a filter looks for what only a login tells, or can't be asked at all. */
function needsLogin(filter: FilterArgument, question: Question): boolean {
  const { request } = question;
  if (request === undefined) return false;
  let isAboutLogin = false;
  const variable = (name: string) => {
    isAboutLogin ||= name === "REMOTE_USER";
    return request.variable(name);
  };
  try {
    return filter({ ...question, request: { ...request, variable } }) === undefined || isAboutLogin;
  } catch (error) {
    withoutValue(error);
    return isAboutLogin;
  }
}

/** The one entry that a filter finds where the URL looks, or why there is none. */
async function findOne(
  { url, identities, course, deadline }: DirectoryQuestion,
  filterOf: () => Filter | undefined,
): Promise<Person | Decision> {
  const { base, scope, loginAttribute } = url;
  let filter: Filter | undefined;
  try {
    filter = filterOf();
  } catch (error) {
    return withoutValue(error);
  }
  if (filter === undefined) return unanswerable("its filter can't be asked");
  const wanted = url.attributes.length > 0 ? url.attributes : [loginAttribute];
  const attributes = [...new Set([loginAttribute, ...wanted])];
  try {
    const query = { base, scope, filter, attributes, limit: 2 };
    const found = await identities.search.search(query, deadline);
    const [entry] = found;
    if (entry === undefined || entry.dn === "" || found.length > 1) {
      return denied(`the search finds not one entry, but ${found.length}`);
    }
    return readPerson(entry, course.name, loginAttribute, wanted);
  } catch (error) {
    return undecided(error, `searching below ${base}`);
  }
}
