import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Where in a login the proxy is: told from what the client sends. `handshake` is TLS, of which nothing more can be seen. */
export type Phase = "connect" | "starttls" | "handshake" | "service-bind" | "search" | "user-bind";

/** Something is about to be passed on. */
export interface Moment {
  readonly phase: Phase;
  /** Whether it is the client's question or the server's answer to it. Nothing of either for `connect`. */
  readonly side: "asked" | "answered";
  /** Of the LDAPMessage; 0 where it is none. */
  readonly id: number;
  /** The tag of its operation; 0 where there is none. */
  readonly tag: number;
  readonly bytes: Buffer;
}

/** One connection through the proxy. */
export interface Wire {
  readonly client: Socket;
  /** From now on nothing comes through in either direction, and both ends stay open: as if the cable were cut. */
  cutCable(): void;
  /** From now on the server's bytes are lost; what a fault writes to the client is all that arrives. */
  silenceServer(): void;
}

/** Does something instead of passing on; `true` if it did, then nothing is passed on. */
export type Interfere = (moment: Moment, wire: Wire) => boolean;

/** A way to a directory on which things go wrong. */
export interface FaultProxy {
  readonly port: number;
  /** Undefined: all is well. */
  interfere: Interfere | undefined;
  readonly connections: number;
  /** All that clients sent outside TLS. */
  readonly clearBytes: Buffer;
  /** Ends all connections with a TCP reset. */
  resetAll(): void;
  /** As a power failure of the host in the way: no bytes, and no end, of any connection that is open now. */
  cutAllCables(): void;
  close(): Promise<void>;
}

const START_TLS = "1.3.6.1.4.1.1466.20037";
const HANDSHAKE = 0x16;

/** Starts a proxy to a port of this machine. `serviceDn` tells the service account's binds from the visitors'. */
export async function startFaultProxy(target: number, serviceDn: string): Promise<FaultProxy> {
  const wires = new Set<Wire>();
  const clear: Buffer[] = [];

  function phaseOf(message: Buffer, tag: number): Phase {
    if (tag === 0x60) return message.includes(serviceDn) ? "service-bind" : "user-bind";
    return tag === 0x77 && message.includes(START_TLS) ? "starttls" : "search";
  }

  function accept(client: Socket): void {
    const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
    let isCut = false;
    let isServerSilent = false;
    const wire: Wire = {
      client,
      cutCable() {
        isCut = true;
      },
      silenceServer() {
        isServerSilent = true;
      },
    };
    wires.add(wire);
    client
      .on("error", () => {})
      .on("close", () => {
        wires.delete(wire);
        server.destroy();
      });
    server
      .on("error", () => {})
      .on("close", () => {
        if (!isCut && !isServerSilent) client.destroySoon();
      });

    const phases = new Map<number, Phase>();
    let last: Phase = "connect";
    const interferes = (moment: Moment): boolean =>
      proxy.interfere?.(moment, wire) === true || isCut;
    if (interferes({ phase: "connect", side: "asked", id: 0, tag: 0, bytes: Buffer.alloc(0) })) {
      server.destroy();
      client.resume();
      return;
    }

    onMessages(client, (bytes, message) => {
      if (bytes[0] !== HANDSHAKE && last !== "handshake") clear.push(bytes);
      if (isCut) return;
      if (message === undefined) last = "handshake";
      else last = phaseOf(bytes, message.tag);
      if (message) phases.set(message.id, last);
      const { id = 0, tag = 0 } = message ?? {};
      if (!interferes({ phase: last, side: "asked", id, tag, bytes })) server.write(bytes);
    });
    onMessages(server, (bytes, message) => {
      if (isCut || isServerSilent) return;
      const phase = (message && phases.get(message.id)) ?? last;
      const { id = 0, tag = 0 } = message ?? {};
      if (!interferes({ phase, side: "answered", id, tag, bytes })) client.write(bytes);
    });
    client.on("end", () => server.end());
    server.on("end", () => !isCut && !isServerSilent && client.end());
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const proxy: FaultProxy = {
    port,
    interfere: undefined,
    get connections() {
      return wires.size;
    },
    get clearBytes() {
      return Buffer.concat(clear);
    },
    resetAll() {
      for (const { client } of wires) client.resetAndDestroy();
    },
    cutAllCables() {
      for (const wire of wires) wire.cutCable();
    },
    async close() {
      for (const { client } of wires) client.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

/** Cuts what comes into LDAPMessages; what is none is passed on as it comes. */
function onMessages(
  socket: Socket,
  take: (bytes: Buffer, message: { readonly id: number; readonly tag: number } | undefined) => void,
): void {
  let buffer = Buffer.alloc(0);
  let isLdap = true;
  socket.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    isLdap &&= buffer[0] === 0x30;
    while (buffer.length > 0) {
      const length = isLdap ? messageLength(buffer) : buffer.length;
      if (length === undefined || buffer.length < length) return;
      const bytes = buffer.subarray(0, length);
      buffer = buffer.subarray(length);
      take(bytes, isLdap ? idAndTag(bytes) : undefined);
      isLdap &&= buffer.length === 0 || buffer[0] === 0x30;
    }
  });
}

/** Header included; undefined while that is not complete. */
function messageLength(bytes: Buffer): number | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  return bytes.length < 2 + size ? undefined : 2 + size + bytes.readUIntBE(2, size);
}

function idAndTag(bytes: Buffer): { readonly id: number; readonly tag: number } {
  const start = 2 + ((bytes[1] ?? 0) < 0x80 ? 0 : (bytes[1] ?? 0) & 0x7f);
  const size = bytes[start + 1] ?? 0;
  return { id: bytes.readUIntBE(start + 2, size), tag: bytes[start + 2 + size] ?? 0 };
}
