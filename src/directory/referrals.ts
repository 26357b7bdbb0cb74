import { DirectoryError } from "../errors.ts";
import {
  type DirectorySettings,
  type ReferralServer,
  securityOf,
  serverName,
  type TlsSettings,
} from "./directory-settings.ts";
import { openServers, type Servers } from "./open-servers.ts";
import { closedError } from "./pool.ts";
import { parseReferralUrl, type ReferralUrl } from "./referral-url.ts";
import { REFERRAL } from "./result-codes.ts";

/** A server to go on with, and what the referral to it says. */
export interface Way {
  readonly name: string;
  readonly servers: Servers;
  readonly url: ReferralUrl;
}

/** What to ask on a way. */
export interface Step<T> {
  /** Equal for equal questions: none is put to a server twice. */
  readonly question: string;
  readonly ask: (trail: Trail) => Promise<T>;
}

/** How far a question has been passed on. */
export interface Trail {
  /** How many referrals in a row led here. */
  readonly hops: number;
  /** Server and question of everything that was asked since the beginning. */
  readonly asked: Set<string>;
}

/** The servers that referrals may lead to (RFC 4511 section 4.1.10). */
export interface Referrals {
  /** A named server, by its name. Throws `refused` if it is not one of them. */
  serversOf(name: string): Servers;
  /** The way of a question that was put to the directory's own servers. */
  begin(question: string): Trail;
  /**
   * Goes one of these ways: the first whose server is named in the settings and can be reached. Undefined if none is named, or what they lead to was
   * asked before. Rejects with `limit` after too many referrals, and with `refused` if none is named where that is to be an error.
   */
  follow<T>(
    urls: readonly string[],
    trail: Trail,
    prepare: (way: Way) => Step<T>,
  ): Promise<T | undefined>;
  close(): Promise<void>;
}

/** Servers and questions that one operation may come to, all its references together. */
const MOST_ASKED = 64;
const MOST_LOGGED = 10;
/** How a server fails that another one may stand in for. */
const ABSENCES: readonly string[] = ["unreachable", "timeout", "tls", "busy"];

/** Prepares the ways; each server's connections are opened when a referral leads there for the first time. */
export function openReferrals(settings: DirectorySettings): Referrals {
  const { allow, hops: mostHops } = settings.referrals ?? { allow: [], hops: 0 };
  const opened = new Map<ReferralServer, Servers>();
  const logged = new Set<string>();
  let isClosed = false;

  function open(server: ReferralServer): Servers {
    if (isClosed) throw closedError();
    const known = opened.get(server);
    if (known) return known;
    const { address, security } = server;
    const tls = withoutName(settings.tls);
    const servers = openServers({ ...settings, servers: [address], security, tls });
    opened.set(server, servers);
    return servers;
  }

  /** The ways to servers that are named. Everything else that a server refers to is never connected to. */
  function waysOf(urls: readonly string[]): readonly Way[] {
    return urls.flatMap((text) => {
      const url = parseReferralUrl(text);
      const server = url && allow.find((one) => leadsTo(url, one));
      if (!url || !server) return [];
      return [{ name: nameOf(server), servers: open(server), url }];
    });
  }

  function logIgnored([text = ""]: readonly string[]): void {
    const url = parseReferralUrl(text);
    const server = url ? `${url.scheme}://${url.host}:${url.port}` : "unreadable";
    if (logged.has(server) || logged.size >= MOST_LOGGED) return;
    logged.add(server);
    settings.log({
      level: settings.referrals ? "warn" : "info",
      event: "referral-ignored",
      message: "The directory refers to a server that referrals.allow does not name: not asked.",
      details: { server },
    });
  }

  return {
    serversOf(name) {
      const server = allow.find((one) => nameOf(one) === name);
      if (server) return open(server);
      throw new DirectoryError(`${name} is not in referrals.allow`, { code: "refused" });
    },

    begin(question) {
      const names = settings.servers.map((address) =>
        serverName(address, securityOf(address, settings.security)),
      );
      return { hops: 0, asked: new Set(names.map((name) => keyOf(name, question))) };
    },

    async follow(urls, trail, prepare) {
      const ways = waysOf(urls);
      if (ways.length === 0) {
        logIgnored(urls);
        if (settings.referrals?.others === "error") {
          const message = "The directory refers to a server that is not named: not asked.";
          throw new DirectoryError(message, { code: "refused", resultCode: REFERRAL });
        }
      }
      let absence: DirectoryError | undefined;
      for (const way of ways) {
        const { question, ask } = prepare(way);
        const key = keyOf(way.name, question);
        if (trail.asked.has(key)) continue;
        trail.asked.add(key);
        const hops = trail.hops + 1;
        if (hops > mostHops) throw tooMany(`more than ${mostHops} referrals in a row`);
        if (trail.asked.size > MOST_ASKED) throw tooMany(`references to ${MOST_ASKED} places`);
        try {
          return await ask({ hops, asked: trail.asked });
        } catch (error) {
          if (!(error instanceof DirectoryError) || !ABSENCES.includes(error.code)) throw error;
          absence = error;
        }
      }
      if (absence) throw absence;
      return undefined;
    },

    async close() {
      isClosed = true;
      await Promise.all([...opened.values()].map((servers) => servers.close()));
    },
  };
}

/** Scheme, host and port, all three: another port of the same machine may be anybody's. */
function leadsTo(
  { scheme, host, port }: ReferralUrl,
  { address, security }: ReferralServer,
): boolean {
  if (address.kind !== "tcp") return false;
  const isSameScheme = (security === "tls") === (scheme === "ldaps");
  return isSameScheme && address.host.toLowerCase() === host && address.port === port;
}

function nameOf({ address, security }: ReferralServer): string {
  return serverName(address, security);
}

/** The name in the settings is that of the directory's own servers' certificate. */
function withoutName({ serverName: _, ...tls }: TlsSettings): TlsSettings {
  return tls;
}

function keyOf(server: string, question: string): string {
  return `${server} ${question}`;
}

function tooMany(what: string): DirectoryError {
  return new DirectoryError(`The directory's answer has ${what}`, { code: "limit" });
}
