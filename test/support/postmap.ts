import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realProgram } from "./real.ts";

/** Give its `skip` to the tests that use `startPostmap`. */
export const postmap = realProgram("postmap");

/** What `postmap -q` said. */
export interface PostmapAnswer {
  readonly outcome: "found" | "notfound" | "error";
  readonly value: string;
}

/** The real program, with a configuration of the test's own. */
export interface Postmap {
  /** `postmap -q KEY ldap:FILE`, FILE with this text. */
  query(text: string, key: string, ...args: readonly string[]): Promise<PostmapAnswer>;
  close(): Promise<void>;
}

const CONFIGURATION = `\
compatibility_level = 3.6
smtputf8_enable = yes
myhostname = localhost
mydomain = localdomain
maillog_file =
`;

export async function preparePostmap(): Promise<Postmap> {
  if (postmap.path === undefined) throw new Error(postmap.skip);
  const program = postmap.path;
  const folder = await mkdtemp(join(tmpdir(), "postmap-"));
  await writeFile(join(folder, "main.cf"), `${CONFIGURATION}queue_directory = ${folder}\n`);
  let files = 0;

  return {
    async query(text, key, ...args) {
      files += 1;
      const file = join(folder, `table-${files}.cf`);
      await writeFile(file, text);
      return new Promise((resolve) => {
        // Its library asks for this machine's name, which nobody may know.
        // biome-ignore lint/style/noProcessEnv: the program's own, besides
        const env = { ...process.env, RES_OPTIONS: "timeout:1 attempts:1" };
        const all = ["-c", folder, ...args, "-q", key, `ldap:${file}`];
        execFile(program, all, { env, timeout: 30_000 }, (error, stdout, stderr) => {
          if (error === null) resolve({ outcome: "found", value: stdout.replace(/\n$/, "") });
          // The exit status is the same.
          else resolve({ outcome: /fatal: /.test(stderr) ? "error" : "notfound", value: "" });
        });
      });
    },
    close: () => rm(folder, { recursive: true }),
  };
}
