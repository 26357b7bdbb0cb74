/**
 * A TCP proxy that holds back each piece for some milliseconds, in either direction, as a network would: it does not limit
 * how many are under way. A program of its own, so that its work is nobody else's.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { answerQuestions, settingsOf } from "./processes.ts";

interface Held {
  readonly due: number;
  readonly to: Socket;
  /** Undefined: the end of the stream. */
  readonly piece: Buffer | undefined;
}

const { port, delay } = settingsOf<{ readonly port: number; readonly delay: number }>();

// All pieces wait equally long, so they leave in the order in which they came, and one timer serves all.
let held: Held[] = [];
let isWaiting = false;

function hold(to: Socket, piece: Buffer | undefined): void {
  held.push({ due: performance.now() + delay, to, piece });
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(release, delay);
}

function release(): void {
  const now = performance.now();
  let count = 0;
  for (const { due, to, piece } of held) {
    if (due > now) break;
    count += 1;
    if (piece === undefined) to.end();
    else to.write(piece);
  }
  held = held.slice(count);
  const next = held[0];
  isWaiting = next !== undefined;
  if (next) setTimeout(release, Math.max(next.due - now, 0));
}

function forward(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on("data", (piece) => hold(to, piece));
  from.on("end", () => hold(to, undefined));
  from.on("error", () => to.destroy());
  from.on("close", () => from.errored && to.destroy());
}

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  forward(client, upstream);
  forward(upstream, client);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
answerQuestions(typeof address === "object" ? address?.port : undefined);
