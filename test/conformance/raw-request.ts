import { once } from "node:events";
import { connect } from "node:net";

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Sent byte for byte, also what no HTTP client would let through. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const PATIENCE = 30_000;

/** Sends a request over a socket of its own to 127.0.0.1. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error("no answer within 30 s")));
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = once(socket, "end");
  socket.write(write(request), "latin1");
  try {
    await ended;
  } finally {
    socket.destroy();
  }
  return read(Buffer.concat(chunks));
}

function write({ method, path, headers }: RawRequest): string {
  const all = { Host: "localhost", Connection: "close", ...headers, "Content-Length": "0" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function read(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  if (!status) throw new Error(`no HTTP answer: ${JSON.stringify(first)}`);
  return { status, headers, body: bytes.subarray(end + 4).toString("utf8") };
}
