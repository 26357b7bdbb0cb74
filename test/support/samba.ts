import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { createCertificateAuthority } from "../../src/testing/index.ts";
import { realProgram } from "./real.ts";

/** A real Samba domain controller: Active Directory's LDAP, with a domain of its own. */
export interface Samba {
  readonly url: string;
  readonly ldapsUrl: string;
  /** The authority that issued the server's certificate, PEM. */
  readonly ca: string;
  /** `samba-tool` on the domain: `tool("group", "add", "staff")`. */
  tool(...args: readonly string[]): Promise<{ readonly stdout: string }>;
  /** Changes entries as the administrator, by LDIF text. */
  modify(ldif: string): Promise<void>;
  /** Makes somebody's password older than the domain lets passwords grow; over LDAP nobody could. */
  agePassword(username: string): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

/** The domain's root. */
export const DOMAIN = "DC=ad,DC=example";

/** The domain's own administrator. */
export const administrator = { dn: "administrator@ad.example", password: "Passw0rd!x" };

const run = promisify(execFile);

const server = realProgram("samba");
const tool = realProgram("samba-tool");
const ldapModify = realProgram("ldapmodify");

/** Writes into the domain's database, below the rules for its attributes: a second after 1970. */
const AGE_PASSWORD = `
import ldb, sys
database = ldb.Ldb(sys.argv[1])
[entry] = database.search(expression="(sAMAccountName=%s)" % ldb.binary_encode(sys.argv[2]), attrs=["cn"])
change = ldb.Message()
change.dn = entry.dn
change["pwdLastSet"] = ldb.MessageElement("116444736010000000", ldb.FLAG_MOD_REPLACE, "pwdLastSet")
database.modify(change)
`;

/**
 * Samba listens on port 389 and no other. All of 127/8 is loopback: an address of this process's own leaves 127.0.0.1 to the other
 * tests, and two runs at the same time to themselves.
 */
const ADDRESS = [
  127,
  1 + ((process.pid >> 16) & 0x7f),
  (process.pid >> 8) & 0xff,
  process.pid & 0xff,
].join(".");

/** Give it to node:test's `skip`. */
export const sambaSkip: string | false = skipReason();

function skipReason(): string | false {
  const missing = [server, tool, ldapModify].find(({ skip }) => skip !== false);
  if (missing?.skip) return missing.skip;
  if (process.getuid?.() === 0) return false;
  const reason = "a domain controller needs root, for its port and file attributes";
  // biome-ignore lint/style/noProcessEnv: the tests' own switch
  if (process.env.REQUIRE_REAL === "1") throw new Error(`${reason}, and REQUIRE_REAL=1`);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

/** Provisions a domain and starts its controller: ten seconds. One at a time: its ports and address are fixed. */
export async function startSamba(): Promise<Samba> {
  if (server.path === undefined || tool.path === undefined) throw new Error(String(sambaSkip));
  const toolPath = tool.path;
  const folder = await mkdtemp(join(tmpdir(), "samba-"));
  const configuration = join(folder, "dc/etc/smb.conf");
  const authority = createCertificateAuthority("cn=Samba Test CA");

  async function provision(): Promise<void> {
    // Where Debian's packages keep their sockets, which only a started service makes.
    await mkdir("/var/run/samba", { recursive: true });
    const settings = {
      targetdir: join(folder, "dc"),
      realm: "AD.EXAMPLE",
      domain: "ADTEST",
      adminpass: administrator.password,
      "server-role": "dc",
      "dns-backend": "NONE",
      "host-name": "dc1",
      "host-ip": ADDRESS,
    };
    const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    await run(toolPath, ["domain", "provision", "--use-rfc2307", ...args]);
    const { cert, key } = authority.issue({
      subject: "cn=dc1.ad.example",
      hosts: ["dc1.ad.example", "localhost", ADDRESS],
    });
    await writeFile(join(folder, "ca.pem"), authority.cert);
    await writeFile(join(folder, "server.pem"), cert);
    await writeFile(join(folder, "server.key"), key, { mode: 0o600 });
    await samba(
      ...["domain", "passwordsettings", "set", "--complexity=off"],
      ...["--min-pwd-length=1", "--min-pwd-age=0"],
    );
  }

  function samba(...args: readonly string[]): Promise<{ readonly stdout: string }> {
    return run(toolPath, [...args, "-s", configuration]);
  }

  const options = {
    "server services": "ldap",
    // With a mask it need not be the address of an interface.
    interfaces: `${ADDRESS}/8`,
    "bind interfaces only": "yes",
    "ldap server require strong auth": "no",
    "pid directory": folder,
    "log file": join(folder, "log"),
    "tls keyfile": join(folder, "server.key"),
    "tls certfile": join(folder, "server.pem"),
    "tls cafile": join(folder, "ca.pem"),
  };

  try {
    await provision();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const given = Object.entries(options).map(([name, value]) => `--option=${name}=${value}`);
  // In a process group of its own, as it starts others; "-i": it stays our child, and ends when our end of the pipe does.
  const child = spawn(server.path, ["-i", "-s", configuration, ...given], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const exited = once(child, "exit");
  const end = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  process.on("exit", end);

  async function close(): Promise<void> {
    process.off("exit", end);
    end();
    await exited;
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await Promise.all([waitForPort(389, child), waitForPort(636, child)]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `ldap://${ADDRESS}`,
    ldapsUrl: `ldaps://${ADDRESS}`,
    ca: authority.cert,
    tool: samba,
    async modify(ldif) {
      const file = join(folder, "change.ldif");
      await writeFile(file, ldif);
      const { dn, password } = administrator;
      await run(ldapModify.path ?? "", [
        ...["-x", "-H", `ldap://${ADDRESS}`, "-D", dn, "-w", password],
        ...["-f", file],
      ]);
    },
    async agePassword(username) {
      // samba-tool's own interpreter is the one that knows Samba's modules.
      const [, python = ""] = /^#! *(\S+)/.exec(await readFile(toolPath, "utf8")) ?? [];
      const database = join(folder, "dc/private/sam.ldb.d/DC=AD,DC=EXAMPLE.ldb");
      await run(python, ["-c", AGE_PASSWORD, database, username]);
    },
    close,
  };
}

/** Waits, thirty seconds at most, until something listens. */
async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`samba ended with code ${child.exitCode}`);
    const socket = connect(port, ADDRESS);
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await wait(100);
  }
  throw new Error(`samba did not listen on ${ADDRESS}:${port}`);
}
