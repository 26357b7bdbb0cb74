import { demandReadableFile } from "../authentication/files/demand-file.ts";
import { openGroupFile } from "../authentication/files/group-file.ts";
import { ConfigError } from "../errors.ts";
import { CannotTell } from "../expressions/cannot-tell.ts";
import { isInNetwork, parseNetwork } from "../expressions/network.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { methodSet, someTexts } from "./checked-arguments.ts";
import {
  type Decision,
  denied,
  granted,
  grantedIf,
  NO_USER,
  unanswerable,
  undecided,
} from "./decision.ts";
import type { CompiledRule, Question } from "./question.ts";
import type { RequestFacts } from "./request-facts.ts";
import { aboutPerson, type PersonQuestion } from "./subject.ts";

/** A rule about the request. Where there is none, as in an explanation, it has no answer. */
function aboutRequest(ask: (request: RequestFacts, question: Question) => Decision): CompiledRule {
  return async (question) => {
    const { request } = question;
    return request === undefined
      ? unanswerable("depends on the request, and there is none")
      : ask(request, question);
  };
}

/** Is it one of these methods? */
export function compileMethod(methods: readonly string[]): CompiledRule {
  const wanted = methodSet(someTexts(methods, "requireMethod", "methods"));
  return aboutRequest(({ method }) =>
    wanted.has(method) ? granted(method) : denied(`${method} is none of the methods`),
  );
}

/** An IPv4 address as an IPv6 socket shows it. */
const MAPPED = /^::ffff:(?=[0-9.]+$)/i;

/** Does the request come from one of these addresses or networks? */
export function compileIp(addresses: readonly string[]): CompiledRule {
  const networks = someTexts(addresses, "requireIp", "addresses").map((address) => {
    const network = parseNetwork(address.replace(MAPPED, ""));
    if (network) return { address, network };
    throw new ConfigError(
      `requireIp: not an address or network: ${JSON.stringify(address)}; one is "10.1.0.0/16".`,
    );
  });
  return aboutRequest(({ clientAddress }) => {
    const answers = networks.map(({ network }) => isInNetwork(network, clientAddress));
    // A header that a trusted proxy passed on may hold anything; that is in no network, nor outside of one.
    if (answers.includes(undefined)) return unanswerable("the client has no address");
    const found = networks[answers.indexOf(true)];
    return found ? granted(found.address) : denied("from another address");
  });
}

/** Does the request come from this machine? As httpd: by the loopback, or by the address that it was sent to. */
export function compileLocal(): CompiledRule {
  const loopback = ["127.0.0.0/8", "::1"].map(parseNetwork);
  return aboutRequest(({ clientAddress, serverAddress }) => {
    const answers = loopback.map((one) => one && isInNetwork(one, clientAddress));
    if (answers.includes(undefined)) return unanswerable("the client has no address");
    const isOwn = clientAddress === serverAddress;
    return grantedIf(isOwn || answers.includes(true), "from another machine");
  });
}

/** Is one of these variables set for the request? */
export function compileEnv(names: readonly string[]): CompiledRule {
  const wanted = someTexts(names, "requireEnv", "names of variables");
  return aboutRequest((request) => {
    const found = wanted.find((name) => request.env(name) !== undefined);
    return found === undefined ? denied("none of the variables is set") : granted(found);
  });
}

/** Is an httpd expression true? A no that may change with the login is none yet. */
export function compileExpression(expression: string): CompiledRule {
  const [checked = ""] = someTexts([expression], "requireExpr", "an expression");
  const condition = parseCondition(checked);
  return aboutRequest((request, { person }) => {
    try {
      if (condition.evaluate(request)) return granted();
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      return unanswerable(error.message);
    }
    return condition.mentionsUser && person === undefined
      ? NO_USER
      : denied("the expression is false");
  });
}

/** Does the request go by one of these names (REMOTE_USER)? Byte for byte. */
export function compileRemoteUser(names: readonly string[]): CompiledRule {
  const wanted = someTexts(names, "requireRemoteUser", "names");
  return aboutPerson(async (question) => {
    const name = remoteUserOf(question);
    return name !== undefined && wanted.includes(name) ? granted(name) : denied("another name");
  });
}

/** Is the name listed in one of these groups of an AuthGroupFile? */
export function compileFileGroup(file: string, groups: readonly string[]): CompiledRule {
  const [path = ""] = someTexts([file], "requireFileGroup", "a file");
  const wanted = someTexts(groups, "requireFileGroup", "groups");
  demandReadableFile(path, "The group file");
  const groupFile = openGroupFile(path);
  return aboutPerson(async (question) => {
    const name = remoteUserOf(question);
    if (name === undefined) return unanswerable("the person has no name (REMOTE_USER)");
    try {
      const found = await groupFile.groupsOf(name);
      const group = wanted.find((one) => found.has(one));
      return group === undefined ? denied("in none of the groups") : granted(group);
    } catch (error) {
      return undecided(error, "reading the group file");
    }
  });
}

/** What the request goes by. Somebody without the attribute that the name is made of has none. */
function remoteUserOf({ request, person }: PersonQuestion): string | undefined {
  return request ? request.variable("REMOTE_USER") : person.username;
}
