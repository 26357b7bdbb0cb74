import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { DirectoryError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import type { Directory } from "./directory.ts";
import type { DirectorySettings } from "./directory-settings.ts";
import { openServers } from "./open-servers.ts";
import { rememberRefusalTimes } from "./refusal-times.ts";
import { compare, simpleBind } from "./requests.ts";
import { compareVerdict, passwordVerdict, SIZE_LIMIT_EXCEEDED } from "./result-codes.ts";
import { searchOnce, searchPages } from "./search-entries.ts";

/**
 * Prepares the way to a directory. Nothing is connected until somebody asks something, so this works while the
 * directory is down. Throws `ConfigError` if the certificates or the key cannot be used.
 */
export function openDirectory(settings: DirectorySettings): Directory {
  const { log } = settings;
  const servers = openServers(settings);
  const refusalTimes = rememberRefusalTimes();

  /** A refusal that came sooner than is usual would tell that there was no password to check. */
  async function holdBack(took: number, deadline: Deadline): Promise<void> {
    const missing = refusalTimes.missing(took);
    if (missing > 0) await wait(Math.min(missing, deadline.remaining()));
  }

  /** The verdict, and how many milliseconds the server took for it. */
  function bindAs(
    dn: string,
    password: string,
    deadline: Deadline,
  ): Promise<{ readonly accepted: boolean; readonly took: number }> {
    return servers.perform("bind", deadline, async (ask, server) => {
      const began = performance.now();
      const { result } = await ask(simpleBind(dn, password));
      const took = performance.now() - began;
      return { accepted: passwordVerdict(server, result), took };
    });
  }

  function warnAcceptsAnything(): void {
    log({
      level: "error",
      event: "directory-accepts-anything",
      message:
        "The directory accepted a random password of an entry that cannot exist: it lets everybody in.",
    });
  }

  return {
    async search(query, deadline) {
      const seconds = Math.max(1, Math.ceil(deadline.remaining() / 1_000));
      try {
        return await servers.perform("search", deadline, (ask, server) =>
          searchOnce(query, seconds, server, ask),
        );
      } catch (error) {
        if (query.limit !== undefined || !isSizeLimit(error)) throw error;
      }
      return servers.perform("pages", deadline, (ask, server) =>
        searchPages(query, seconds, server, ask),
      );
    },

    compare: (dn, attribute, value, deadline) =>
      servers.perform("search", deadline, async (ask, server) => {
        const { result } = await ask(compare(dn, attribute, value));
        return compareVerdict(server, result);
      }),

    async checkPassword(dn, password, deadline) {
      // Either would be an anonymous bind, which succeeds (RFC 4513 section 5.1).
      if (dn === "" || password === "" || typeof password !== "string") return false;
      const { accepted, took } = await bindAs(dn, password, deadline);
      refusalTimes.add(dn, took);
      if (!accepted) await holdBack(took, deadline);
      return accepted;
    },

    async checkNobody(deadline) {
      const began = performance.now();
      let took: number;
      try {
        const answer = await bindAs(nobody(), randomBytes(12).toString("base64"), deadline);
        if (answer.accepted) warnAcceptsAnything();
        took = answer.took;
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.code !== "refused") throw error;
        took = performance.now() - began;
      }
      await holdBack(took, deadline);
    },

    health: () => servers.health(),
    close: () => servers.close(),
  };
}

function isSizeLimit(error: unknown): boolean {
  return error instanceof DirectoryError && error.resultCode === SIZE_LIMIT_EXCEEDED;
}

/** RFC 6761 keeps `.invalid` from ever being anybody's. */
function nobody(): string {
  return `cn=${randomBytes(12).toString("hex")},dc=${randomBytes(6).toString("hex")},dc=invalid`;
}
