import type { NextFunction, Request, Response } from "express";
import { type Decision, operationsOf } from "../authorization/decision.ts";
import type { CompiledRule } from "../authorization/question.ts";
import type { Rule } from "../authorization/rule.ts";
import { ConfigError, DirectoryError } from "../errors.ts";
import type { DecisionEvent } from "../events.ts";
import { challenge, forbid } from "./answers.ts";
import { askDirectory } from "./ask-directory.ts";
import { environment, environmentOf, noteEnvironment } from "./environment.ts";
import { fail } from "./failure.ts";
import { frozenRule } from "./frozen-rule.ts";
import { eventText, logText } from "./log-text.ts";
import { requestFacts } from "./request-facts.ts";
import { cgiName } from "./variables-of.ts";
import { type Visit, visitOf } from "./visit.ts";

/** Middleware that lets pass whom its rule grants, and carries the rule as plain data. */
export interface Guard {
  <Params, ResBody, ReqBody, Query>(
    req: Request<Params, ResBody, ReqBody, Query>,
    res: Response,
    next: NextFunction,
  ): void;
  readonly rule: Rule;
  /**
   * Whether it would let this request pass, without answering it: for menus and explanations. Rejects with a `DirectoryError` if the directory could not be asked, and with a `ConfigError` where no `authnzLdap` ran
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
      next(notMounted(rule.type));
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
    const decision = await observed(req, visit);
    if (decision.outcome === "granted") {
      noteGrant(visit, decision);
      return true;
    }
    if (decision.outcome === "no-user") {
      challenge(req, res, visit);
      return false;
    }
    const { realm, person } = visit;
    const username = logText(person?.username ?? "");
    const path = logText(req.baseUrl + req.path);
    // It may show what a visitor sent or an entry holds.
    const reason = logText(String(decision.reason).replace(/\p{Cc}+/gu, " "));
    const details = { username, path, reason, operations: operationsOf(decision).length };
    realm.log({ level: "info", event: "access-denied", message: "Not allowed.", details });
    if (!res.headersSent) forbid(req, res, visit);
    return false;
  }

  /** The same, told as an event. */
  async function observed(req: Request, visit: Visit): Promise<Decision> {
    const { observe } = visit.realm;
    if (observe === undefined) return ask(req, visit);
    const began = performance.now();
    const tell = (outcome: DecisionEvent["outcome"], operations: number) => {
      const username = visit.person && eventText(visit.person.username);
      const milliseconds = performance.now() - began;
      observe({
        type: "decision",
        ...{ username, outcome, rule: rule.type, operations, milliseconds },
      });
    };
    try {
      const decision = await ask(req, visit);
      const { outcome } = decision;
      tell(outcome === "neutral" ? "denied" : outcome, operationsOf(decision).length);
      return decision;
    } catch (error) {
      if (error instanceof DirectoryError) tell("undecided", 0);
      throw error;
    }
  }

  /** Throws where it could not be asked. */
  async function ask(req: Request, visit: Visit): Promise<Decision> {
    const deadline = deadlineOf(visit);
    const { realm, person, password } = visit;
    const remoteUser = person && realm.naming.remoteUser(person, person.username);
    const request = requestFacts(req, {
      remoteUser,
      env: (name) => environment(req)[cgiName(name.toUpperCase())],
    });
    const asker = { person, password, request };
    const decision = await askDirectory(deadline, () => realm.decide(compiled, asker, deadline));
    if (decision.outcome === "undecided") throw unanswered(decision);
    return decision;
  }

  async function allows(req: Request): Promise<boolean> {
    const visit = visitOf(req);
    if (visit === undefined) throw notMounted(rule.type);
    return (await ask(req, visit)).outcome === "granted";
  }

  // Of any route: its parameters are its own business.
  return Object.assign(handler, { rule: frozenRule(rule), allows }) as Guard;
}

/** What a rule that asked the directory leaves for `environment`. */
function noteGrant(visit: Visit, decision: Decision): void {
  const { person, by, realm, keepsEnvironment } = visit;
  if (person === undefined || by === undefined || keepsEnvironment || !hasAsked(decision)) return;
  noteEnvironment(visit, () => environmentOf({ person, by }, realm.naming, true));
}

function hasAsked({ outcome, operations, parts = [] }: Decision): boolean {
  return outcome === "granted" && (operations !== undefined || parts.some(hasAsked));
}

/** All that the directory was asked for a decision. */

function unanswered({ error, reason }: Decision): DirectoryError {
  return error ?? new DirectoryError(reason, { code: "refused" });
}

/** `what` is the guard. */
export function notMounted(what: string): ConfigError {
  const message = `A guard (${what}) was reached, but no authnzLdap ran before it on this request: mount it first, app.use(authnzLdap(...)).`;
  return new ConfigError(message);
}

/** The rest of the request's time; a new span where something else, a large upload say, has taken all of it. */
export function deadlineOf(visit: Visit): Visit["deadline"] {
  if (visit.deadline.remaining() <= 0) visit.deadline = visit.realm.startDeadline();
  return visit.deadline;
}
