import type { NextFunction, Request, Response } from "express";
import type { Person } from "../authentication/person.ts";
import type { CompiledRule } from "../authorization/question.ts";
import type { Rule } from "../authorization/rule.ts";
import { ConfigError } from "../errors.ts";
import { challenge, forbid } from "./answers.ts";
import { askDirectory } from "./ask-directory.ts";
import { fail } from "./failure.ts";
import { logText } from "./log-text.ts";
import { rememberVisit, type Visit, visitOf } from "./visit.ts";

/** Middleware that lets pass whom its rule grants, and carries the rule as plain data. */
export interface Guard {
  <Params, ResBody, ReqBody, Query>(
    req: Request<Params, ResBody, ReqBody, Query>,
    res: Response,
    next: NextFunction,
  ): void;
  readonly rule: Rule;
  /**
   * Whether it would let this request pass, without answering it: for menus and explanations. False where nobody is signed
   * in. Rejects with a `DirectoryError` if the directory could not be asked, and with a `ConfigError` where no `authnzLdap` ran
   * before.
   */
  allows(req: Request): Promise<boolean>;
}

/**
 * A guard that asks the directory which identified this request. Where no `authnzLdap` ran before, every request fails with
 * a `ConfigError`.
 */
export function guard(rule: Rule, compiled: CompiledRule): Guard {
  const handler = function ldapGuard(req: Request, res: Response, next: NextFunction): void {
    const visit = visitOf(req);
    if (visit === undefined) {
      next(notMounted(rule));
      return;
    }
    decide(req, res, visit).then(
      (mayPass) => {
        if (mayPass && !res.headersSent) next();
      },
      (error: unknown) => fail(error, req, res, next, visit),
    );
  };

  async function decide(req: Request, res: Response, visit: Visit): Promise<boolean> {
    const { realm, person } = visit;
    if (person === undefined) {
      challenge(req, res, visit);
      return false;
    }
    const decision = await ask(req, visit, person);
    if (decision.outcome === "granted") return true;
    const username = logText(person.username);
    const details = { username, path: logText(req.baseUrl + req.path), reason: decision.reason };
    realm.log({ level: "info", event: "access-denied", message: "Not allowed.", details });
    if (!res.headersSent) forbid(req, res, visit);
    return false;
  }

  /** Throws where it could not be asked. */
  async function ask(req: Request, visit: Visit, person: Person) {
    const deadline = deadlineOf(req, visit);
    const { realm } = visit;
    const decision = await askDirectory(deadline, () => realm.decide(compiled, person, deadline));
    if (decision.outcome === "undecided") throw decision.error;
    return decision;
  }

  async function allows(req: Request): Promise<boolean> {
    const visit = visitOf(req);
    if (visit === undefined) throw notMounted(rule);
    if (visit.person === undefined) return false;
    return (await ask(req, visit, visit.person)).outcome === "granted";
  }

  // Of any route: its parameters are its own business.
  return Object.assign(handler, { rule: frozen(rule), allows }) as Guard;
}

function notMounted(rule: Rule): ConfigError {
  const message = `A guard (${rule.type}) was reached, but no authnzLdap ran before it on this request: mount it first, app.use(authnzLdap(...)).`;
  return new ConfigError(message);
}

/** The rest of the request's time; a new span where something else, a large upload say, has taken all of it. */
function deadlineOf(req: Request, visit: Visit): Visit["deadline"] {
  if (visit.deadline.remaining() > 0) return visit.deadline;
  const deadline = visit.realm.startDeadline();
  rememberVisit(req, { ...visit, deadline });
  return deadline;
}

/** A copy that nobody can change after it was checked. */
function frozen(rule: Rule): Rule {
  const freeze = (value: unknown): unknown => {
    if (Array.isArray(value)) return Object.freeze(value.map(freeze));
    if (typeof value !== "object" || value === null) return value;
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, part]) => [key, freeze(part)])),
    );
  };
  return freeze(rule) as Rule;
}
