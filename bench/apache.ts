import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { BASE, SERVICE } from "./people.ts";
import { findFreePort, waitForPort } from "./ports.ts";
import { BODY } from "./subjects/body.ts";

/** A real httpd with mod_authnz_ldap. */
export interface Apache {
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

const PROGRAM = ["/usr/sbin/apache2", "/usr/sbin/httpd", "/usr/bin/httpd"].find(existsSync);
const MODULES =
  ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"].find(
    existsSync,
  ) ?? "";

const ONE_CORE = ["taskset", "--cpu-list", String(availableParallelism() - 1)];

/** Whether it is installed here. */
export const hasApache: boolean = PROGRAM !== undefined;

/** How it is started. */
export interface ApacheOptions {
  /** Without a cache it asks the directory each time. */
  readonly hasCache: boolean;
  /** All its threads share one core, as all that a Node process does. Default: it takes what there is. */
  readonly isOnOneCore?: boolean;
}

/** Starts it on a static file behind the people of a directory. */
export async function startApache(
  ldapPort: number,
  { hasCache, isOnOneCore = false }: ApacheOptions,
): Promise<Apache> {
  if (PROGRAM === undefined) throw new Error("Apache is not installed");
  const folder = await mkdtemp(join(tmpdir(), "bench-apache-"));
  const port = await findFreePort();
  const configuration = join(folder, "httpd.conf");
  await mkdir(join(folder, "site"), { mode: 0o755 });
  await writeFile(join(folder, "site", "index.json"), JSON.stringify(BODY), { mode: 0o644 });
  await writeFile(configuration, writeConfiguration(folder, port, ldapPort, hasCache));
  // Its workers are another user where it is started by root.
  await chmod(folder, 0o755);
  const [program = PROGRAM, ...words] = isOnOneCore ? [...ONE_CORE, PROGRAM] : [PROGRAM];
  const child: ChildProcess = spawn(program, [...words, "-DFOREGROUND", "-f", configuration], {
    stdio: "ignore",
  });
  // Also where the benchmark ends early.
  const kill = (): void => {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", kill);
  try {
    await waitForPort(port, child);
  } catch (cause) {
    const log = await readFile(join(folder, "error.log"), "utf8").catch(() => "");
    throw new Error(`Apache did not start: ${log}`, { cause });
  }
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

const NEEDED = [
  ...["mpm_event", "unixd", "dir", "authn_core", "authz_core", "authz_user"],
  ...["auth_basic", "ldap", "authnz_ldap"],
];

function writeConfiguration(
  folder: string,
  port: number,
  ldapPort: number,
  hasCache: boolean,
): string {
  const modules = NEEDED.filter((name) => existsSync(join(MODULES, `mod_${name}.so`)));
  const user = process.getuid?.() === 0 ? "User #65534\nGroup #65534" : "";
  return `
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/httpd.pid
DefaultRuntimeDir ${folder}
Mutex sem
ErrorLog ${folder}/error.log
LogLevel error
${user}
StartServers 4
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
MinSpareThreads 128
MaxSpareThreads 256
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
DocumentRoot ${folder}/site
DirectoryIndex index.json
LDAPSharedCacheSize ${hasCache ? 5_000_000 : 0}
LDAPCacheEntries ${hasCache ? 1024 : 0}
LDAPOpCacheEntries ${hasCache ? 1024 : 0}
LDAPCacheTTL 600
LDAPOpCacheTTL 600
<Directory ${folder}/site>
  AuthType Basic
  AuthName bench
  AuthBasicProvider ldap
  AuthLDAPURL "ldap://127.0.0.1:${ldapPort}/${BASE}?uid,mail?sub"
  AuthLDAPBindDN "${SERVICE.dn}"
  AuthLDAPBindPassword "${SERVICE.password}"
  Require valid-user
</Directory>
`;
}
