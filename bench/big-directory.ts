import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { realProgram } from "../test/support/real.ts";
import { BASE, SERVICE, writeLdif } from "./people.ts";
import { findFreePort, waitForPort } from "./ports.ts";

const run = promisify(execFile);

/** A real slapd with the benchmark's people, in a folder of its own. */
export interface BigDirectory {
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

/** Fills and starts it; takes some seconds. */
export async function startBigDirectory(): Promise<BigDirectory> {
  const { path: program, skip } = realProgram("slapd");
  if (program === undefined) throw new Error(String(skip));
  const folder = await mkdtemp(join(tmpdir(), "bench-slapd-"));
  const configuration = join(folder, "slapd.conf");
  const ldif = join(folder, "people.ldif");
  await mkdir(join(folder, "db"));
  await writeFile(configuration, writeConfiguration(folder));
  await writeFile(ldif, writeLdif());
  // slapadd is another name of slapd's program.
  await run(program, ["-T", "add", "-q", "-f", configuration, "-l", ldif]);
  const port = await findFreePort();
  // "-d 0": no log, and it stays in the foreground as our child.
  const url = `ldap://127.0.0.1:${port}/`;
  const child: ChildProcess = spawn(program, ["-d", "0", "-f", configuration, "-h", url], {
    stdio: "ignore",
  });
  // Also where the benchmark ends early.
  const kill = (): void => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", kill);
  await waitForPort(port, child);
  return {
    port,
    pid: child.pid ?? 0,
    async close() {
      process.off("exit", kill);
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(folder: string): string {
  const found = (folders: readonly string[]) => folders.find((each) => existsSync(each));
  const schemas = found(["/etc/ldap/schema", "/etc/openldap/schema"]) ?? "/etc/ldap/schema";
  const modules =
    found(["/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap"]) ?? "/usr/lib/ldap";
  return `
include ${schemas}/core.schema
include ${schemas}/cosine.schema
include ${schemas}/inetorgperson.schema
modulepath ${modules}
moduleload back_mdb
pidfile ${folder}/slapd.pid
argsfile ${folder}/slapd.args
loglevel none
database mdb
suffix "${BASE}"
rootdn "cn=root,${BASE}"
directory ${folder}/db
maxsize 268435456
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${SERVICE.dn}" read by * none
`;
}
