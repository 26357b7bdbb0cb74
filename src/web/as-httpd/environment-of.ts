import { cgiName, type Variable } from "../variables-of.ts";
import type { Course } from "./course.ts";
import type { PreparedEnvironment } from "./environment-steps.ts";

/**
 * The variables of a request as a CGI program would see them: what SetEnvIf and SetEnv made, the AUTHENTICATE_ and
 * AUTHORIZE_ variables, and who it is. Later ones win.
 */
export function environmentOf(
  prepared: PreparedEnvironment,
  course: Course | undefined,
  remoteUser: string | undefined,
): Readonly<Record<string, string>> {
  const all = new Map<string, string>();
  const put = ({ name, value }: Variable) => all.set(cgiName(name), value);
  for (const variable of prepared.late()) put(variable);
  for (const variable of prepared.early.values()) put(variable);
  for (const variable of course?.variables.values() ?? []) put(variable);
  if (remoteUser !== undefined) {
    all.set("REMOTE_USER", remoteUser);
    all.set("AUTH_TYPE", "Basic");
  }
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(all)));
}
