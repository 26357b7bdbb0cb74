import { randomBytes } from "node:crypto";
import type { Deadline } from "../../directory/deadline.ts";
import type { Log } from "../../log.ts";
import { identityOf, type Person } from "../person.ts";
import type { Provider } from "../provider.ts";
import { demandReadableFile } from "./demand-file.ts";
import { checkFileHash } from "./file-hash.ts";
import { fileLines, splitAtColon } from "./file-lines.ts";
import { bytesOf, watchFile } from "./watched-file.ts";

/** The most names whose hash is complained of. */
const MOST_TOLD = 100;
/** The most hashes that can't be checked before one that can is looked for no further. */
const MOST_LOOKED_AT = 100;

/**
 * People of an htpasswd file (AuthUserFile): `name:hash` lines, names compared byte for byte, the first line of a name counts. The file is
 * read again when it has changed. A hash that can't be checked lets nobody in, and is told once. Somebody of a file has no entry: `dn` is empty,
 * and rules that need one deny. Throws a `ConfigError` if there is no such file, or it can't be read.
 */
export function openPasswordFile(
  path: string,
  { name, log }: { readonly name: string; readonly log: Log },
): Provider {
  demandReadableFile(path, "The password file");
  const hashes = watchFile(path, parse);
  const told = new Set<string>();

  function tellUnusable(username: string): void {
    if (told.has(username) || told.size >= MOST_TOLD) return;
    told.add(username);
    const message = "A password file holds a hash that can't be checked: it lets nobody in.";
    log({ level: "error", event: "unusable-hash", message, details: { file: path, username } });
  }

  /** As long as a wrong password of the first name with a hash that can be checked takes. */
  async function wasteTime(deadline: Deadline): Promise<void> {
    const password = randomBytes(12).toString("base64");
    const usual = [...(await hashes()).values()].slice(0, MOST_LOOKED_AT);
    for (const hash of usual) {
      if ((await checkFileHash(password, hash, deadline)) !== "unusable") return;
    }
  }

  return {
    name,
    async authenticate({ username, password }, deadline, admission) {
      const hash = (await hashes()).get(bytesOf(username));
      if (hash === undefined) return { outcome: "unknown", reason: "unknown-user" };
      const person: Person = { dn: "", username, provider: name, attributes: {} };
      await admission?.admit(identityOf(person), deadline);
      const verdict = await checkFileHash(password, hash, deadline);
      if (verdict === "unusable") {
        tellUnusable(username);
        await wasteTime(deadline);
      }
      if (verdict !== "fits") return { outcome: "denied", reason: "wrong-password" };
      return { outcome: "granted", person };
    },

    decoy: wasteTime,

    async reread(person) {
      const isThere = (await hashes()).has(bytesOf(person.username));
      return isThere ? { ok: true, person } : { ok: false, reason: "gone" };
    },
  };
}

/** By name. A line without a colon is a name that nothing fits. */
function parse(bytes: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const line of fileLines(bytes)) {
    const [name, rest] = splitAtColon(line);
    if (!hashes.has(name)) hashes.set(name, splitAtColon(rest)[0]);
  }
  return hashes;
}
