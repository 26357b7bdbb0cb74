import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type CertificateAuthority, createCertificateAuthority } from "../../src/testing/index.ts";
import { administrator } from "./fixture-directory.ts";
import { realProgram } from "./real.ts";

/** A real OpenLDAP server on the tests' tree, on free ports of 127.0.0.1. */
export interface Slapd {
  readonly port: number;
  readonly url: string;
  readonly ldapsPort: number;
  readonly ldapsUrl: string;
  /** The authority that issued the server's certificate, PEM. */
  readonly ca: string;
  /** The same, for client certificates: slapd asks for one and takes its subject for SASL EXTERNAL. */
  readonly authority: CertificateAuthority;
  /** Ends it as an administrator would. */
  stop(): Promise<void>;
  /** Ends it as a power failure would. */
  kill(): Promise<void>;
  /** Stops it in its tracks (`SIGSTOP`), or lets it go on (`SIGCONT`): its connections stay open. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Starts it again on the same ports and data. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

export interface SlapdOptions {
  /** Lines for the global part of slapd.conf: `disallow bind_anon`. */
  readonly global?: string;
  /** Lines for the database's part, `overlay` lines among them. */
  readonly database?: string;
  /** `access to` lines that come before the usual ones. */
  readonly access?: string;
  /** More modules to load, besides back_mdb. */
  readonly modules?: readonly string[];
  /** LDIF text to load after the tests' tree. */
  readonly ldif?: string;
  /** Another tree in the place of the tests' own. */
  readonly tree?: SlapdTree;
  /** The names and addresses of the server's certificate. Default: those of this machine. */
  readonly hosts?: readonly string[];
}

/** What a server holds. The files are those of test/fixtures. */
export interface SlapdTree {
  readonly suffix: string;
  readonly ldif: string;
  readonly schema: string;
  /** All of its `access to` lines. */
  readonly access: string;
}

const run = promisify(execFile);

/** Give its `skip` to the tests that use `startSlapd`. */
export const slapd = realProgram("slapd");

const SCHEMA_FOLDER =
  ["/etc/ldap/schema", "/etc/openldap/schema"].find(existsSync) ?? "/etc/ldap/schema";
const MODULE_FOLDER =
  ["/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap"].find(existsSync) ?? "/usr/lib/ldap";

/** Why tests with these modules of slapd are skipped: false if they are all there. An error with REQUIRE_REAL=1, as with `realProgram`. */
export function skipWithoutModules(...names: readonly string[]): string | false {
  if (slapd.skip !== false) return slapd.skip;
  const missing = names.filter((name) => !existsSync(join(MODULE_FOLDER, `${name}.so`)));
  if (missing.length === 0) return false;
  const reason = `slapd's modules ${missing.join(", ")} are not installed`;
  // biome-ignore lint/style/noProcessEnv: the tests' own switch
  if (process.env.REQUIRE_REAL === "1") throw new Error(`${reason}, but REQUIRE_REAL=1`);
  process.stderr.write(`SKIPPED: ${reason}; tests with them did not run\n`);
  return reason;
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Starts a server of its own for a test; `close()` it after. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  if (slapd.path === undefined) throw new Error(slapd.skip);
  const program = slapd.path;
  const folder = await mkdtemp(join(tmpdir(), "slapd-"));
  const authority = createCertificateAuthority("cn=Slapd Test CA");
  let [port, ldapsPort] = await findFreePorts();
  const configuration = join(folder, "slapd.conf");
  let child: ChildProcess | undefined;
  // Also where a test run ends before its close().
  const killChild = (): void => {
    child?.kill("SIGKILL");
  };
  process.on("exit", killChild);

  async function prepare(): Promise<void> {
    const { cert, key } = authority.issue(options.hosts && { hosts: options.hosts });
    await mkdir(join(folder, "db"));
    await writeFile(join(folder, "ca.pem"), authority.cert);
    await writeFile(join(folder, "server.pem"), cert);
    await writeFile(join(folder, "server.key"), key, { mode: 0o600 });
    await writeFile(configuration, writeConfiguration(folder, options));
    await load(fixture(options.tree?.ldif ?? "directory.ldif"));
    if (options.ldif !== undefined) {
      await writeFile(join(folder, "more.ldif"), options.ldif);
      await load(join(folder, "more.ldif"));
    }
  }

  async function load(ldif: string): Promise<void> {
    // slapadd is another name of slapd's program.
    await run(program, ["-T", "add", "-q", "-f", configuration, "-l", ldif]);
  }

  async function start(): Promise<void> {
    // "-d 0": no log, and slapd stays in the foreground as our child.
    const urls = `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${ldapsPort}/`;
    child = spawn(program, ["-d", "0", "-f", configuration, "-h", urls], { stdio: "ignore" });
    await Promise.all([waitForPort(port, child), waitForPort(ldapsPort, child)]);
  }

  /** Somebody's outgoing connection may have taken the port meanwhile, and gives it back. */
  async function startAgain(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await start();
        return;
      } catch (error) {
        await end("SIGKILL");
        if (tries === 20) throw error;
        await wait(250);
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    ending.kill(signal);
    await exited;
  }

  try {
    await prepare();
    // The ports may have been taken since: then others are tried, once.
    await start().catch(async () => {
      await end("SIGKILL");
      [port, ldapsPort] = await findFreePorts();
      await start();
    });
  } catch (error) {
    await end("SIGKILL");
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    url: `ldap://127.0.0.1:${port}`,
    ldapsPort,
    ldapsUrl: `ldaps://127.0.0.1:${ldapsPort}`,
    ca: authority.cert,
    authority,
    start: startAgain,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    signal(name) {
      child?.kill(name);
      if (name === "SIGSTOP") waitUntilStopped(child?.pid);
    },
    async close() {
      process.off("exit", killChild);
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(folder: string, options: SlapdOptions): string {
  const schemas = ["core", "cosine", "inetorgperson", "nis"].map((name) =>
    join(SCHEMA_FOLDER, `${name}.schema`),
  );
  const { tree } = options;
  return `
${[...schemas, fixture(tree?.schema ?? "custom.schema")].map((path) => `include ${path}`).join("\n")}
modulepath ${MODULE_FOLDER}
${["back_mdb", ...(options.modules ?? [])].map((name) => `moduleload ${name}`).join("\n")}
pidfile ${folder}/slapd.pid
argsfile ${folder}/slapd.args
loglevel none
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key
TLSVerifyClient allow
${options.global ?? ""}
database mdb
suffix "${tree?.suffix ?? "dc=domain,dc=org"}"
rootdn "${tree ? `cn=admin,${tree.suffix}` : administrator.dn}"
rootpw ${administrator.password}
directory ${folder}/db
maxsize 67108864
index objectClass,uid,cn eq
${options.access ?? ""}
${tree?.access ?? OWN_ACCESS}
${options.database ?? ""}
`;
}

const OWN_ACCESS = `\
# Passwords: bind only. secretCode: compare for the reader, read for oneself, else nothing.
access to attrs=userPassword by anonymous auth by * none
access to attrs=secretCode by self read by dn.exact="cn=reader,ou=Services,dc=domain,dc=org" compare by * none
# ou=Private is for authenticated users, cn=secretgroup and cn=secretparent are for alice; cn=noread can bind but sees nothing.
access to dn.subtree="ou=Private,dc=domain,dc=org" by anonymous auth by dn.exact="cn=noread,ou=Services,dc=domain,dc=org" none by users read
access to dn.regex="^cn=secret(group|parent),ou=Groups,dc=domain,dc=org$" by dn.exact="uid=alice,ou=People,dc=domain,dc=org" read by * none
access to * by dn.exact="cn=noread,ou=Services,dc=domain,dc=org" auth by * read`;

/** Two ports that were free a moment ago. */
async function findFreePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, "close");
    }),
  );
  const [first = 0, second = 0] = ports;
  return [first, second];
}

/** Waits, ten seconds at most, until something listens. */
async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`slapd ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await wait(50);
  }
  throw new Error(`slapd did not listen on ${port}`);
}

/** The signal arrives a moment later: until then its threads go on answering. Where there is no /proc nothing is waited for. */
function waitUntilStopped(pid: number | undefined): void {
  const folder = `/proc/${pid}/task`;
  const end = performance.now() + 1_000;
  while (existsSync(folder) && performance.now() < end) {
    const states = readdirSync(folder).map((task) =>
      // The state stands after the name, which may hold anything but ends at the last bracket.
      readFileSync(`${folder}/${task}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .charAt(0),
    );
    if (states.every((state) => state === "T")) return;
  }
}
