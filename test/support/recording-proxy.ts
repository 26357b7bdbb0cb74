import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Passes on what goes to and comes from a port of 127.0.0.1, and keeps all of it. */
export interface RecordingProxy {
  readonly port: number;
  /** Every byte of both directions so far. */
  recorded(): Buffer;
  /** Forgets what was recorded. */
  clear(): void;
  close(): Promise<void>;
}

export async function startRecordingProxy(target: number): Promise<RecordingProxy> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        to.write(chunk);
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    recorded: () => Buffer.concat(chunks),
    clear: () => void chunks.splice(0),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The ways in which something may be found that was sent: as it is, and as base64, base64url, hex, a form, a URL and JSON have it. */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // What stands before it shifts base64; letters at the edges then depend on their neighbours.
  const shifted = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return encoded.replace(/=+$/, "").slice(before === 0 ? 0 : before + 1, -1);
  });
  const ascii = JSON.stringify(secret).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [
    secret,
    ...shifted,
    ...shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ...[bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
    ...[encodeURIComponent(secret), new URLSearchParams({ x: secret }).toString().slice(2)],
    ...[JSON.stringify(secret).slice(1, -1), ascii.slice(1, -1)],
  ];
}
