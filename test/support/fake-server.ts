import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { BerReader, BerWriter } from "ldapts";

/** One LDAPMessage that arrived. */
export interface Received {
  readonly id: number;
  /** The tag of its operation: 0x60 bind, 0x63 search, 0x77 extended, 0x42 unbind. */
  readonly tag: number;
  readonly bytes: Buffer;
}

/** One accepted connection, to be answered by the script. */
export interface FakeConnection {
  readonly socket: Socket;
  /** From 1, in the order of arrival. */
  readonly number: number;
  send(...bytes: readonly Buffer[]): void;
  /** Goes on in TLS, as a server does after StartTLS. */
  secure(): void;
}

/** What the server does with a message. Without a script it says success to everything but StartTLS. */
export type Script = (received: Received, connection: FakeConnection) => void;

export interface FakeServerOptions {
  readonly port?: number;
  readonly path?: string;
  readonly key?: Buffer;
  readonly cert?: Buffer;
  /** Demand a client certificate of these authorities. */
  readonly clientCa?: Buffer;
  /** TLS from the first byte. */
  readonly tls?: boolean;
  readonly maxVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly onConnection?: (connection: FakeConnection) => void;
}

/** A server over raw sockets that does what a script says, also what no LDAP server should do. */
export interface FakeServer {
  readonly port: number;
  script: Script;
  /** Every byte that came in clear, over all connections. */
  readonly clearBytes: Buffer;
  /** Every byte that came inside TLS. */
  readonly securedBytes: Buffer;
  readonly received: readonly Received[];
  readonly connections: number;
  readonly totalConnections: number;
  /** The common names of the client certificates, one per TLS session; undefined where none was shown. */
  readonly clients: readonly (string | undefined)[];
  cutAll(): void;
  close(): Promise<void>;
}

export async function startFakeServer(
  script: Script = succeed,
  options: FakeServerOptions = {},
): Promise<FakeServer> {
  const clear: Buffer[] = [];
  const secured: Buffer[] = [];
  const received: Received[] = [];
  const clients: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  let total = 0;

  const fake = {
    script,
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get clearBytes() {
      return Buffer.concat(clear);
    },
    get securedBytes() {
      return Buffer.concat(secured);
    },
    received,
    clients,
    get connections() {
      return sockets.size;
    },
    get totalConnections() {
      return total;
    },
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      fake.cutAll();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };

  const server: Server = createServer((raw) => {
    total += 1;
    const number = total;
    sockets.add(raw);
    raw.on("close", () => sockets.delete(raw)).on("error", () => {});
    let socket: Socket = raw;

    const connection: FakeConnection = {
      get socket() {
        return socket;
      },
      number,
      send: (...bytes) => {
        if (!socket.destroyed) socket.write(Buffer.concat(bytes));
      },
      secure() {
        raw.removeAllListeners("data");
        const { key, cert, clientCa, maxVersion } = options;
        const secureContext = createSecureContext({
          ...(key && { key }),
          ...(cert && { cert }),
          ...(clientCa && { ca: clientCa }),
          ...(maxVersion && { maxVersion, minVersion: "TLSv1" as const }),
          ...(maxVersion === "TLSv1.1" && { ciphers: "DEFAULT@SECLEVEL=0" }),
        });
        const tls = new TLSSocket(raw, {
          isServer: true,
          secureContext,
          ...(clientCa && { requestCert: true, rejectUnauthorized: false }),
        });
        tls.on("error", () => raw.destroy());
        tls.on("secure", () => {
          const name = tls.getPeerCertificate().subject?.CN;
          clients.push(Array.isArray(name) ? name[0] : name);
        });
        socket = tls;
        listen(secured);
      },
    };

    function listen(record: Buffer[]): void {
      let buffer = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => {
        record.push(chunk);
        buffer = Buffer.concat([buffer, chunk]);
        for (let message = cut(); message; message = cut()) {
          received.push(message);
          fake.script(message, connection);
        }
      });
      function cut(): Received | undefined {
        // A TLS handshake, say, that this server is not going to answer.
        if (buffer[0] !== 0x30) buffer = Buffer.alloc(0);
        if (buffer.length < 2) return undefined;
        const reader = new BerReader(buffer);
        if (reader.readSequence() === null || reader.remain < reader.length) return undefined;
        const bytes = buffer.subarray(0, reader.offset + reader.length);
        buffer = buffer.subarray(bytes.length);
        return { id: reader.readInt() ?? -1, tag: reader.peek() ?? -1, bytes };
      }
    }

    if (options.tls) connection.secure();
    else listen(clear);
    options.onConnection?.(connection);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (options.path) server.listen(options.path, resolve);
    else server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return fake;
}

/** Success to a bind, no entries to a search; StartTLS agreed to. */
export const succeed: Script = (received, connection) => {
  if (received.tag === 0x42) connection.socket.end();
  else connection.send(resultFor(received));
  if (received.tag === 0x77) connection.secure();
};

/** The tag of the final answer to a request. */
const ANSWERS = new Map([
  [0x60, 0x61],
  [0x63, 0x65],
  [0x6e, 0x6f],
  [0x77, 0x78],
]);

/** An LDAPResult in answer to a request. */
export function resultFor({ id, tag }: Received, code = 0, text = ""): Buffer {
  return result(id, ANSWERS.get(tag) ?? 0x78, code, text);
}

export function result(id: number, tag: number, code: number, text = ""): Buffer {
  return message(id, tag, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString("");
    writer.writeString(text);
  });
}

export function entry(
  id: number,
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>> = {},
): Buffer {
  return message(id, 0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) writer.writeBuffer(Buffer.from(value as string), 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

/** A search's reference to other servers. */
export function reference({ id }: Pick<Received, "id">, ...urls: readonly string[]): Buffer {
  return message(id, 0x73, (writer) => {
    for (const url of urls) writer.writeString(url);
  });
}

/** Result code 10, with where else to ask. */
export function referral(
  { id, tag }: Pick<Received, "id" | "tag">,
  ...urls: readonly string[]
): Buffer {
  return message(id, ANSWERS.get(tag) ?? 0x78, (writer) => {
    writer.writeEnumeration(10);
    writer.writeString("");
    writer.writeString("");
    writer.startSequence(0xa3);
    for (const url of urls) writer.writeString(url);
    writer.endSequence();
  });
}

/** Any LDAPMessage. */
export function message(id: number, tag: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return Buffer.from(writer.buffer);
}
