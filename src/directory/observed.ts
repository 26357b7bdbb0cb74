import { DirectoryError } from "../errors.ts";
import type { Observe, OperationEvent } from "../events.ts";
import type { Answer } from "./connection.ts";
import type { Request } from "./requests.ts";
import { resultName } from "./result-codes.ts";

/** Tells an operation as an event when it has ended. */
export function observed(
  { operation }: Request,
  server: string,
  observe: Observe,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const began = performance.now();
  const tell = (result: OperationEvent["result"]) => {
    const milliseconds = performance.now() - began;
    observe({ type: "operation", operation: KINDS[operation], server, result, milliseconds });
  };
  return ask().then(
    (answer) => {
      tell(resultName(operation, answer.result.code));
      return answer;
    },
    (error: unknown) => {
      if (error instanceof DirectoryError) tell(error.code);
      throw error;
    },
  );
}

/** The only other operations of requests set a password: RFC 3062, and unicodePwd on Active Directory. */
const KINDS: Readonly<Record<Request["operation"], OperationEvent["operation"]>> = {
  bind: "bind",
  search: "search",
  compare: "compare",
  extended: "password-change",
  modify: "password-change",
};
