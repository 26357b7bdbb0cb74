import { isUtf8 } from "node:buffer";
import type { NextFunction, Request, Response } from "express";
import type { ChainResult } from "../../authentication/chain.ts";
import type { Credentials, RefusalReason } from "../../authentication/credentials.ts";
import type { Person } from "../../authentication/person.ts";
import { type Decision, denied, NO_USER, operationsOf } from "../../authorization/decision.ts";
import type { CompiledRule, Question } from "../../authorization/question.ts";
import type { Deadline } from "../../directory/deadline.ts";
import { BindRefused } from "../../directory/result-codes.ts";
import { DirectoryError } from "../../errors.ts";
import { CannotTell } from "../../expressions/cannot-tell.ts";
import { askDirectory } from "../ask-directory.ts";
import { laterAuthenticated, showAuthenticated } from "../authenticated.ts";
import { noteEnvironment } from "../environment.ts";
import { fail, isUnavailable } from "../failure.ts";
import { eventText, logText } from "../log-text.ts";
import { beginTry } from "../observed-sign-in.ts";
import { mountPath } from "../paths.ts";
import { requestFacts } from "../request-facts.ts";
import { rememberVisit, type Visit } from "../visit.ts";
import {
  askForPassword,
  askForSomebodyElse,
  refuseAsError,
  refuseEverybody,
} from "./answers-as-httpd.ts";
import { asSent, textOf } from "./charset.ts";
import { startCourse } from "./course.ts";
import { environmentOf } from "./environment-of.ts";
import type { PreparedEnvironment } from "./environment-steps.ts";
import { readBasicAsHttpd } from "./read-basic.ts";
import type { Site } from "./site.ts";

/** How a request ends: it goes on, or it has been answered. */
type Passage = "on" | "answered";

/** A request whose rule depends on who it is. */
interface Exchange {
  readonly site: Site;
  readonly req: Request;
  readonly res: Response;
  readonly visit: Visit;
  readonly environment: PreparedEnvironment;
  readonly rule: CompiledRule;
}

/**
 * Protects a request as httpd does: the rules are asked before any login, then the password if they depend on who it is, then
 * the rules again. Other than httpd it answers 503 where the directory could not be asked.
 */
export function protectAsHttpd(site: Site, req: Request, res: Response, next: NextFunction): void {
  let visit: Visit;
  try {
    visit = arrive(site, req);
  } catch (error) {
    next(error);
    return;
  }
  handle(site, req, res, visit).then(
    (passage) => {
      if (passage === "on" && !res.headersSent) next();
    },
    (error: unknown) => fail(error, req, res, next, visit),
  );
}

function arrive({ realm, settings }: Site, req: Request): Visit {
  const visit: Visit = {
    realm,
    settings,
    base: mountPath(req),
    hasLoginForm: false,
    deadline: realm.startDeadline(),
  };
  rememberVisit(req, visit);
  showAuthenticated(req);
  return visit;
}

async function handle(site: Site, req: Request, res: Response, visit: Visit): Promise<Passage> {
  const environment = environmentFor(site, req);
  if (environment === undefined) {
    noteRefusal(req, visit, "", TOO_LONG);
    refuseEverybody(req, res, visit);
    return "answered";
  }
  noteEnvironment(visit, () => environmentOf(environment, undefined, undefined));
  const { rule } = site;
  if (rule === undefined) return "on";

  const { deadline } = visit;
  const known = {
    remoteUser: undefined,
    env: (name: string) => environment.early.get(name.toLowerCase())?.value,
  };
  const question = {
    deadline,
    url: site.directory?.url,
    levels: undefined,
    request: requestFacts(req, known),
  };
  const began = performance.now();
  const decision = await askDirectory(deadline, () => rule(question));
  if (decision.outcome === "no-user") {
    return identify({ site, req, res, visit, environment, rule });
  }
  tellDecision(visit, undefined, decision, began);
  if (decision.outcome === "granted") return "on";
  noteRefusal(req, visit, "", decision);
  if (decision.outcome === "undecided") throw cause(decision);
  refuseEverybody(req, res, visit);
  return "answered";
}

/** Undefined where a header or the path is too long, or too unclear, for a pattern of the configuration. */
function environmentFor(site: Site, req: Request): PreparedEnvironment | undefined {
  try {
    return site.environment(requestFacts(req, NOBODY_YET));
  } catch (error) {
    if (error instanceof CannotTell) return undefined;
    throw error;
  }
}

const TOO_LONG = denied("a variable that rules may look at can't be set");
const NOBODY_YET = { remoteUser: undefined, env: () => undefined };

/** Somebody has to say who they are. */
async function identify(exchange: Exchange): Promise<Passage> {
  const { site, req, res, visit } = exchange;
  const began = performance.now();
  if (!site.asksForPassword) {
    tellDecision(visit, undefined, NO_USER, began);
    refuseEverybody(req, res, visit);
    return "answered";
  }
  const raw = readBasicAsHttpd(req);
  const username = typeof raw === "object" ? textOf(raw.name, req, site.charsets) : undefined;
  const password = typeof raw === "object" ? textOf(raw.password, req, site.charsets) : undefined;
  if (typeof raw !== "object" || username === undefined || password === undefined) {
    if (raw === undefined) tellDecision(visit, undefined, NO_USER, began);
    else beginTry(req, "", visit.realm, "basic").refused("unacceptable-credentials");
    askForPassword(req, res, visit, raw !== undefined);
    return "answered";
  }
  const { deadline } = visit;
  const one = beginTry(req, username, visit.realm, "basic");
  const result = await signIn(site, { username, password }, deadline).catch((error: unknown) => {
    if (isUnavailable(error)) one.refused("unavailable");
    throw error;
  });
  if (result === "misconfigured") {
    refuseAsError(req, res, visit);
    return "answered";
  }
  if (!result.ok) {
    one.refused(result.reason);
    noteFailure(visit, username, result.reason);
    // Nobody is left to ask: httpd calls that an error of its configuration.
    if (!site.isAuthoritative && result.passedOn) refuseAsError(req, res, visit);
    else askForPassword(req, res, visit, true);
    return "answered";
  }
  one.accepted(result.person.dn, false);
  const shown = asSent(raw.name);
  const comparable = isUtf8(raw.name) ? shown : `\ufffd${shown}`;
  return admit(exchange, { person: result.person, password, name: username, shown, comparable });
}

/** httpd asks for an empty name too, and finds out that the directory is down. */
async function signIn(
  site: Site,
  credentials: Credentials,
  deadline: Deadline,
): Promise<ChainResult | "misconfigured"> {
  try {
    if (credentials.username === "" && credentials.password !== "") {
      await askDirectory(deadline, () => site.askAboutNobody(deadline));
    }
    return await askDirectory(deadline, () => site.authenticate(credentials, deadline));
  } catch (error) {
    // AuthLDAPInitialBindAsUser made no DN of the name.
    if (error instanceof BindRefused) return "misconfigured";
    throw error;
  }
}

/** They are who they say: may they? */
async function admit(
  { site, req, res, visit, environment, rule }: Exchange,
  { person, password, name, shown, comparable }: Arrived,
): Promise<Passage> {
  const { directory } = site;
  const { deadline } = visit;
  const began = performance.now();
  const lookUp = async () => directory?.lookUp(name, deadline);
  const own = site.namingOf(person);
  const naming = own ?? directory?.naming;
  const course = startCourse(name, shown, own && person, naming, lookUp);
  const variable = (key: string) => course.variables.get(key) ?? environment.early.get(key);
  const request = requestFacts(req, {
    get remoteUser() {
      return course.remoteUser === shown ? comparable : course.remoteUser;
    },
    env: (key) => variable(key.toLowerCase())?.value,
  });
  const question: Question = {
    person,
    deadline,
    url: directory?.url,
    levels: undefined,
    request,
    course,
    ...(directory && { identities: directory.identities(person, password) }),
  };
  const decision =
    course.remoteUser === undefined
      ? undefined
      : await askDirectory(deadline, () => rule(question));
  // The entry that a rule looked up may lack the attribute too.
  if (decision === undefined || course.remoteUser === undefined) {
    tellDecision(visit, shown, NO_NAME, began);
    noteRefusal(req, visit, shown, NO_NAME);
    refuseEverybody(req, res, visit);
    return "answered";
  }
  tellDecision(visit, shown, decision, began);
  if (decision.outcome === "granted") {
    const authenticated = laterAuthenticated(person, naming?.exposed ?? []);
    const admitted: Visit = {
      ...visit,
      person,
      authenticated,
      by: "basic",
      keepsEnvironment: true,
    };
    rememberVisit(req, admitted);
    noteEnvironment(admitted, () => environmentOf(environment, course, course.remoteUser));
    return "on";
  }
  noteRefusal(req, visit, shown, decision);
  if (decision.outcome === "undecided") throw cause(decision);
  if (site.sendsForbidden) refuseEverybody(req, res, visit);
  else askForSomebodyElse(req, res, visit);
  return "answered";
}

interface Arrived {
  readonly person: Person;
  readonly password: string;
  /** As the directory is asked for it. */
  readonly name: string;
  /** As it was sent; what is not UTF-8 as base64. */
  readonly shown: string;
  /** The same for rules: base64 is nobody's name. */
  readonly comparable: string;
}

const NO_NAME = denied("the entry lacks the attribute of AuthLDAPRemoteUserAttribute");

function noteFailure({ realm }: Visit, username: string, reason: RefusalReason): void {
  const details = { username: logText(username), reason };
  realm.log({ level: "warn", event: "login-refused", message: "A login was refused.", details });
}

function noteRefusal(req: Request, { realm }: Visit, name: string, decision: Decision): void {
  const path = logText(req.baseUrl + req.path);
  const reason = logText(decision.reason);
  const operations = operationsOf(decision).length;
  const details = { username: logText(name), path, reason, operations };
  realm.log({ level: "info", event: "access-denied", message: "Not allowed.", details });
}

/** As a guard would. */
function tellDecision(
  { realm }: Visit,
  name: string | undefined,
  decision: Decision,
  began: number,
): void {
  const outcome = decision.outcome === "neutral" ? "denied" : decision.outcome;
  realm.observe?.({
    type: "decision",
    username: name && eventText(name),
    outcome,
    rule: "httpd",
    operations: operationsOf(decision).length,
    milliseconds: performance.now() - began,
  });
}

function cause({ error, reason }: Decision): DirectoryError {
  return error ?? new DirectoryError(reason, { code: "refused" });
}
