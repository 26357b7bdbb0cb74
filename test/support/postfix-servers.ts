import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificateAuthority, startDirectory } from "../../src/testing/index.ts";
import { startSlapd } from "./slapd.ts";

/** The servers that the recorded look-ups were made with, on ports of this test's own. */
export interface PostfixServers {
  /** A record's file with these servers in it. */
  fileText(cf: string): string;
  close(): Promise<void>;
}

/** A directory that holds what the recorded look-ups were made with. Its certificate is for localhost, and not for 127.0.0.1. */
export interface RecordedDirectory {
  readonly port: number;
  readonly ldapsPort: number;
  /** Of the authority to trust, PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

const ACCESS = `\
access to attrs=userPassword by self read by anonymous auth by * none
access to dn.subtree="ou=Secret,dc=example,dc=org" by dn.exact="uid=svc,ou=Services,dc=example,dc=org" read by anonymous none by * none
access to * by * read`;

/** slapd on the recorded directory, `ldif` added to it. */
export function startRecordedSlapd(ldif?: string): Promise<RecordedDirectory> {
  return startSlapd({
    tree: {
      suffix: "dc=example,dc=org",
      ldif: "postfix/directory.ldif",
      schema: "postfix/oracle.schema",
      access: ACCESS,
    },
    global: "allow bind_v2",
    hosts: ["localhost"],
    ...(ldif !== undefined && { ldif }),
  });
}

const SECRET = "ou=secret,dc=example,dc=org";
const SERVICE = "uid=svc,ou=services,dc=example,dc=org";

/** The same in this process. */
export async function startRecordedBuiltIn(): Promise<RecordedDirectory> {
  const authority = createCertificateAuthority();
  const directory = await startDirectory({
    ldif: read("directory.ldif"),
    schema: read("oracle.schema"),
    tls: { ...authority.issue({ hosts: ["localhost"] }), ca: authority.cert },
    access({ who, operation, dn, attribute }) {
      if (operation === "bind") return true;
      if (attribute === "userpassword") return who === dn;
      return who === SERVICE || (dn !== SECRET && !dn.endsWith(`,${SECRET}`));
    },
  });
  const { port, ldapsPort = 0, ca = "" } = directory;
  return { port, ldapsPort, ca, close: () => directory.close() };
}

function read(name: string): string {
  return readFileSync(new URL(`../fixtures/postfix/${name}`, import.meta.url), "utf8");
}

/** The directory, and a server that accepts connections and never answers. */
export async function startPostfixServers(
  starting: Promise<RecordedDirectory>,
): Promise<PostfixServers> {
  const directory = await starting;
  const folder = await mkdtemp(join(tmpdir(), "postfix-servers-"));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, directory.ca);
  const sockets = new Set<Socket>();
  const hanging = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
  }).listen(0, "127.0.0.1");
  await once(hanging, "listening");

  const places: Readonly<Record<string, string>> = {
    "11110": String(directory.port),
    "11111": String(directory.ldapsPort),
    "11118": String((hanging.address() as AddressInfo).port),
    // Nobody listens there.
    "11119": "1",
    "@CA@": caFile,
    // Names that nobody will ever have.
    "ldap://bad host": "ldap://bad.invalid host.invalid",
  };
  return {
    fileText: (cf) =>
      cf.replace(/\b1111[0189]\b|@CA@|ldap:\/\/bad host/g, (place) => places[place] ?? place),
    async close() {
      for (const socket of sockets) socket.destroy();
      hanging.close();
      await Promise.all([directory.close(), rm(folder, { recursive: true })]);
    },
  };
}
