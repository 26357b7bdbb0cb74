import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { DirectoryError } from "../errors.ts";
import type { AccountState } from "./account-answer.ts";
import type { Asking } from "./ask-here.ts";
import { askPassword } from "./ask-password.ts";
import type { Watch } from "./change.ts";
import { prepareChangePassword } from "./change-password.ts";
import type { Deadline } from "./deadline.ts";
import type { Directory } from "./directory.ts";
import type { DirectorySettings } from "./directory-settings.ts";
import { openServers } from "./open-servers.ts";
import { openReferrals } from "./referrals.ts";
import { rememberRefusalTimes } from "./refusal-times.ts";
import { prepareSearches } from "./searches.ts";
import { openWatch } from "./watch/open-watch.ts";

/**
 * Prepares the way to a directory. Nothing is connected until somebody asks something, so this works while the
 * directory is down. Throws `ConfigError` if the certificates or the key cannot be used.
 */
export function openDirectory(settings: DirectorySettings): Directory {
  const { dereferenceAliases, log } = settings;
  const servers = openServers(settings);
  const referrals = openReferrals(settings);
  const asking: Asking = { servers, referrals, dereferenceAliases };
  const refusalTimes = rememberRefusalTimes();
  const watches = new Set<Watch>();

  const changePassword = prepareChangePassword();

  /** A refusal that came sooner than is usual would tell that there was no password to check. */
  async function holdBack(took: number, deadline: Deadline): Promise<void> {
    const missing = refusalTimes.missing(took);
    if (missing > 0) await wait(Math.min(missing, deadline.remaining()));
  }

  function warnAcceptsAnything(): void {
    log({
      level: "error",
      event: "directory-accepts-anything",
      message:
        "The directory accepted a random password of an entry that cannot exist: it lets everybody in.",
    });
  }

  function logUntold(dn: string, state: AccountState): void {
    log({
      level: "info",
      event: "account-not-usable",
      message: "The directory lets nobody in by this entry, whatever the password is.",
      details: { dn, state },
    });
  }

  function logNotPossible(resultCode: number | undefined): void {
    if (resultCode === undefined) return;
    log({
      level: "warn",
      event: "password-change-not-possible",
      message: "The directory does not let somebody change their own password.",
      details: { resultCode },
    });
  }

  return {
    ...prepareSearches(asking),
    as: (dn, password) => prepareSearches({ ...asking, identity: { dn, password } }),

    async checkPassword(dn, password, deadline, origin) {
      // Either would be an anonymous bind, which succeeds (RFC 4513 section 5.1).
      if (dn === "" || password === "" || typeof password !== "string") {
        return { accepted: false };
      }
      // slapd refers nobody who binds: it says "wrong password" of a person who is another server's.
      const judges =
        origin === undefined ? asking : { servers: referrals.serversOf(origin), referrals };
      const { verdict, took } = await askPassword(judges, dn, password, deadline);
      refusalTimes.add(dn, took);
      if (!verdict.accepted) await holdBack(took, deadline);
      if (verdict.untold) logUntold(dn, verdict.untold);
      return verdict;
    },

    isProtected: servers.isProtected,

    async changePassword(dn, oldPassword, newPassword, deadline, origin) {
      if (dn === "" || oldPassword === "" || typeof oldPassword !== "string") {
        return { outcome: "wrong-password" };
      }
      // The server would make one up.
      if (newPassword === "" || typeof newPassword !== "string") {
        return { outcome: "refused", text: undefined };
      }
      const at = origin === undefined ? servers : referrals.serversOf(origin);
      const order = { dn, oldPassword, newPassword };
      const { answer, took } = await changePassword(at, order, deadline);
      refusalTimes.add(dn, took);
      if (answer.outcome === "wrong-password") await holdBack(took, deadline);
      if (answer.outcome === "not-possible") logNotPossible(answer.resultCode);
      return answer;
    },

    async checkNobody(deadline) {
      const began = performance.now();
      let took: number;
      try {
        const password = randomBytes(12).toString("base64");
        const answer = await askPassword(asking, nobody(), password, deadline);
        if (answer.verdict.accepted) warnAcceptsAnything();
        took = answer.took;
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.code !== "refused") throw error;
        took = performance.now() - began;
      }
      await holdBack(took, deadline);
    },

    watch(wanted, listener) {
      const watch = openWatch(servers, wanted, listener, log);
      watches.add(watch);
      return watch;
    },

    health() {
      const modes = [...watches].map(({ mode }) => mode ?? "away");
      return { ...servers.health(), ...(modes.length > 0 && { watch: modes }) };
    },
    async close() {
      const closing = [...watches].map((watch) => watch.close());
      await Promise.all([...closing, servers.close(), referrals.close()]);
    },
  };
}

/** RFC 6761 keeps `.invalid` from ever being anybody's. */
function nobody(): string {
  return `cn=${randomBytes(12).toString("hex")},dc=${randomBytes(6).toString("hex")},dc=invalid`;
}
