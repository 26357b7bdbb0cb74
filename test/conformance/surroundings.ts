import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseLdif } from "../../src/testing/parse-ldif.ts";
import { administrator, startFixtureDirectory } from "../support/fixture-directory.ts";
import { LdapClient } from "../support/ldap-client.ts";
import { startSlapd } from "../support/slapd.ts";

/** A directory with the tests' tree. */
interface TreeServer {
  readonly port: number;
  readonly ldapsPort: number;
  /** PEM. */
  readonly ca: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  modify(ldif: string): Promise<void>;
  close(): Promise<void>;
}

/** What the recorded configurations refer to: two directories, a port where nobody listens, and files. */
export interface Surroundings {
  /** The one that `stop`, `start` and `modify` in a case are about. */
  readonly directory: TreeServer;
  /** Puts ports and files in the place of `@LDAP@`, `@CA@` and the like. */
  fill(text: string): string;
  /** Where relative file names start: a scratch folder. */
  readonly folder: string;
  /** Whether the directory is reached at [::1] too. */
  readonly hasIpv6: boolean;
  close(): Promise<void>;
}

/** `slapd`: OpenLDAP. `built-in`: the directory of this package. */
export type Kind = "slapd" | "built-in";

/** Starts both directories and writes the files. The second directory refuses anonymous binds, and another authority issued its certificate. */
export async function startSurroundings(kind: Kind): Promise<Surroundings> {
  const start = kind === "slapd" ? startReal : startBuiltIn;
  const [directory, strict] = await Promise.all([start(true), start(false)]);
  const bridges = await Promise.all([openBridge(directory.port), openBridge(directory.ldapsPort)]);
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const file = (name: string) => join(folder, name);
  await Promise.all([
    writeFile(file("ca.pem"), directory.ca),
    writeFile(file("other-ca.pem"), strict.ca),
    writeFile(file("htpasswd"), PASSWORDS),
    writeFile(file("htgroup"), "filegroup: alice fileonly\n"),
    writeFile(file("charset.conv"), "fr iso-8859-1\nel iso-8859-7\nutf-8 utf-8\n"),
  ]);
  const values: Readonly<Record<string, string>> = {
    LDAP: String(directory.port),
    LDAPS: String(directory.ldapsPort),
    NOANON: String(strict.port),
    NOANONS: String(strict.ldapsPort),
    DOWN: String(await findClosedPort()),
    CA: file("ca.pem"),
    OTHERCA: file("other-ca.pem"),
    HTPASSWD: file("htpasswd"),
    HTGROUP: file("htgroup"),
    CHARSET: file("charset.conv"),
    RUN: folder,
  };
  return {
    directory,
    folder,
    hasIpv6: bridges.every(({ isOpen }) => isOpen),
    fill: (text) =>
      text.replace(/@([A-Z]+)@/g, (_, name: string) => {
        const value = values[name];
        if (value === undefined) throw new Error(`@${name}@ stands for nothing`);
        return value;
      }),
    async close() {
      await Promise.all(bridges.map((bridge) => bridge.close()));
      await Promise.all([directory.close(), strict.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const sha1 = (password: string) => createHash("sha1").update(password).digest("base64");

const PASSWORDS = [
  // openssl passwd -apr1 -salt conform1 file-pw
  "filealice:$apr1$conform1$scWJ3fVWbtwHs3mlErdK.1",
  `fileonly:{SHA}${sha1("file-pw")}`,
  `alice:{SHA}${sha1("file-pw")}`,
  `empty:{SHA}${sha1("")}`,
]
  .map((line) => `${line}\n`)
  .join("");

async function startReal(allowsAnonymous: boolean): Promise<TreeServer> {
  const slapd = await startSlapd(allowsAnonymous ? {} : { global: "disallow bind_anon" });
  return {
    ...slapd,
    async modify(ldif) {
      const client = await LdapClient.connect(slapd.port);
      try {
        await client.bind(administrator.dn, administrator.password);
        await modify(client, ldif);
      } finally {
        client.close();
      }
    },
  };
}

async function modify(client: LdapClient, ldif: string): Promise<void> {
  for (const record of parseLdif(ldif)) {
    if (record.operation !== "modify") throw new Error(`${record.operation} is not played`);
    const changes = record.changes.map(({ change, name, values }) => ({
      change,
      name,
      values: values.map(String),
    }));
    const { code, message } = await client.modify(record.dn, changes);
    if (code !== 0) throw new Error(`modify ${record.dn}: ${code} ${message}`);
  }
}

async function startBuiltIn(allowsAnonymous: boolean): Promise<TreeServer> {
  const directory = await startFixtureDirectory({
    tls: true,
    anonymous: allowsAnonymous ? "read" : "refuse",
  });
  const { port, ldapsPort = 0, ca = "" } = directory;
  return {
    port,
    ldapsPort,
    ca,
    stop: () => directory.stop(),
    start: () => directory.start(),
    modify: async (ldif) => directory.apply(ldif),
    close: () => directory.close(),
  };
}

interface Bridge {
  readonly isOpen: boolean;
  close(): Promise<void>;
}

/** The same port of [::1], as the directories listen on 127.0.0.1 only. Without IPv6 there is none. */
async function openBridge(port: number): Promise<Bridge> {
  const sockets = new Set<Socket>();
  const bridge = createServer((incoming) => {
    const outgoing = connect(port, "127.0.0.1");
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  const isOpen = await listen(bridge, port).catch(() => false);
  return {
    isOpen,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (isOpen) await new Promise((resolve) => bridge.close(resolve));
    },
  };
}

async function listen(server: Server, port: number): Promise<boolean> {
  server.listen(port, "::1");
  await once(server, "listening");
  return true;
}

/** A port that was free a moment ago. */
async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
