import type { NextFunction, Request, Response } from "express";
import { ConfigError } from "../errors.ts";
import type { AddressKeys } from "../tables/address-keys.ts";
import { type Conclusion, checkRestrictions } from "../tables/check-restrictions.ts";
import type { LdapTable } from "../tables/ldap-table.ts";
import type { Restriction } from "../tables/restriction.ts";
import { sendAnswer } from "./answer.ts";
import { challenge } from "./answers.ts";
import { askDirectory } from "./ask-directory.ts";
import { fail } from "./failure.ts";
import { deadlineOf, notMounted } from "./guard.ts";
import { logText } from "./log-text.ts";
import { noteFindings } from "./note-findings.ts";
import { restrictionAnswer } from "./restriction-answer.ts";
import { tableKeys } from "./table-keys.ts";
import { type Visit, visitOf } from "./visit.ts";

/** What `requireRestriction` looks up, and how it answers. */
export interface RequireRestrictionOptions {
  /**
   * What the table is asked for; several are tried in order until one is found. Asked once somebody is signed in. Undefined, empty or `[]` is refused, as
   * nobody can say that it is allowed. Of an attribute with several values take `req.authenticated.values("mail")`: in `req.authenticated.MAIL` they are one text,
   * which no table has.
   */
  readonly key: (req: Request) => string | readonly string[] | undefined;
  /** Makes further keys of each, see `addressKeys`. Default: each is looked up as it is. */
  readonly keys?: AddressKeys;
  /** Answers instead of this package, or lets pass after all. Default: 403 or 503, with the administrator's words. */
  readonly onRestricted?: (
    restriction: Restriction,
    req: Request,
    res: Response,
    next: NextFunction,
  ) => unknown;
}

/** Middleware that lets pass whom a table does not refuse. */
export interface RestrictionGuard {
  <Params, ResBody, ReqBody, Query>(
    req: Request<Params, ResBody, ReqBody, Query>,
    res: Response,
    next: NextFunction,
  ): void;
  /**
   * Whether it would let this request pass, without answering it: for menus. Rejects with a `DirectoryError` if the table could not say, and with a
   * `ConfigError` where no `authnzLdap` ran before.
   */
  allows(req: Request): Promise<boolean>;
}

const KNOWN: ReadonlySet<string> = new Set([
  "key",
  "keys",
  "onRestricted",
] satisfies readonly (keyof RequireRestrictionOptions)[]);

/**
 * A guard that asks a Postfix table, as `check_sender_access` does, and answers with the administrator's words: `REJECT` and `5NN` with 403, `DEFER` and `4NN` with
 * 503. OK, DUNNO and what is not found pass; WARN, INFO, HOLD, PREPEND, REDIRECT, BCC and FILTER pass with an event. Anything else, DISCARD and lists of
 * restrictions among it, lets nobody in (503, `misconfigured` in the log), and so does a table that could not say. Who is not signed in is asked to.
 * Throws a `ConfigError` for wrong options; where no `authnzLdap` ran before, every request fails with one.
 */
export function requireRestriction(
  table: LdapTable,
  options: RequireRestrictionOptions,
): RestrictionGuard {
  checkOptions(table, options);
  const { key, keys = (one) => [one], onRestricted } = options;

  function handler(req: Request, res: Response, next: NextFunction): void {
    const visit = visitOf(req);
    if (visit === undefined) {
      next(notMounted("requireRestriction"));
      return;
    }
    decide(req, res, next, visit).then(
      (mayPass) => {
        if (mayPass && !res.headersSent) next();
      },
      (error: unknown) => fail(error, req, res, next, visit),
    );
  }

  async function decide(
    req: Request,
    res: Response,
    next: NextFunction,
    visit: Visit,
  ): Promise<boolean> {
    const { person, realm } = visit;
    if (person === undefined) {
      challenge(req, res, visit);
      return false;
    }
    const { restriction, findings } = await ask(req, visit);
    noteFindings(realm, findings, person.username);
    if (restriction === undefined) return true;
    const details = {
      username: logText(person.username),
      path: logText(req.baseUrl + req.path),
      reason: `${table.name}: ${restriction.code} ${restriction.enhancedStatus}`,
    };
    realm.log({ level: "info", event: "access-denied", message: "Not allowed.", details });
    if (res.headersSent) return false;
    if (onRestricted === undefined) sendAnswer(req, res, visit, restrictionAnswer(restriction));
    else await onRestricted(restriction, req, res, next);
    return false;
  }

  async function ask(req: Request, visit: Visit): Promise<Conclusion> {
    const deadline = deadlineOf(visit);
    const lists = tableKeys(key(req), "key").map((one) => keys(one));
    // One that can't be looked up must not hide behind the others.
    const question = { table, keys: lists.some((each) => each.length === 0) ? [] : lists.flat() };
    return askDirectory(deadline, () => checkRestrictions([question], deadline));
  }

  async function allows(req: Request): Promise<boolean> {
    const visit = visitOf(req);
    if (visit === undefined) throw notMounted("requireRestriction");
    if (visit.person === undefined) return false;
    return (await ask(req, visit)).restriction === undefined;
  }

  // Of any route: its parameters are its own business.
  return Object.assign(handler, { allows }) as RestrictionGuard;
}

function checkOptions(table: LdapTable, options: RequireRestrictionOptions): void {
  if (typeof Object(table).lookup !== "function") {
    throw new ConfigError("requireRestriction takes a table of ldapTable(...) first.", {
      option: "table",
    });
  }
  const unknown = Object.keys(Object(options)).find((each) => !KNOWN.has(each));
  if (unknown !== undefined) {
    const known = [...KNOWN].join(", ");
    const message = `requireRestriction takes ${known}, not ${JSON.stringify(unknown)}.`;
    throw new ConfigError(message, { option: unknown });
  }
  const { key, keys, onRestricted } = Object(options);
  if (typeof key !== "function") {
    const message = "requireRestriction needs key: (req) => what the table is asked for.";
    throw new ConfigError(message, { option: "key" });
  }
  for (const [option, value] of Object.entries({ keys, onRestricted })) {
    if (value === undefined || typeof value === "function") continue;
    throw new ConfigError(`${option} must be a function.`, { option });
  }
}
