/**
 * Asks an HTTP server as fast as it answers, on some keep-alive connections, one request at a time on each. A program of its
 * own on bare sockets: node:http as a client would cost more than most of what is measured.
 */
import { connect, type Socket } from "node:net";
import { PEOPLE, passwordOf, personAt, usernameOf } from "./people.ts";
import { answerQuestions } from "./processes.ts";

/** What to send. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Ends after so many milliseconds, or so many requests. */
  readonly milliseconds?: number;
  readonly requests?: number;
  /**
   * Whose name and password is sent: nobody's, the same person's, everybody's in turn, or everybody's with a wrong password. `random` and
   * `wrong` spell the names in another way in each turn, so that nobody can be known by it; `known` does not.
   */
  readonly who: "nobody" | "same" | "known" | "random" | "wrong";
  /** A session's cookie for each connection. Default: none. */
  readonly cookies?: readonly string[];
}

/** How it was answered. */
export interface LoadResult {
  readonly perSecond: number;
  /** By HTTP status. */
  readonly answers: Readonly<Record<string, number>>;
}

/** Connections that a server may end in one measurement. */
const MOST_LOST = 200;

let turn = 0;
const basics = Array.from({ length: PEOPLE }, (_, number) =>
  basic(usernameOf(number), passwordOf(number)),
);

/** For the directory letter case does not count. */
function spelled(username: string, spelling: number): string {
  const letters = [...username.slice(0, 4)];
  const changed = letters.map((letter, bit) =>
    (spelling >> bit) & 1 ? letter.toUpperCase() : letter,
  );
  return changed.join("") + username.slice(4);
}

/** The next one, and a name of theirs that has not been used for long. */
function nextPerson(): { readonly number: number; readonly name: string } {
  turn += 1;
  const number = personAt(turn);
  return { number, name: spelled(usernameOf(number), Math.floor(turn / PEOPLE) % 16) };
}

function basic(name: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString("base64")}\r\n`;
}

function writeRequest({ who, cookies }: Load, connection: number): string {
  const cookie = cookies?.[connection % cookies.length];
  let credentials = "";
  if (who === "same") credentials = basics[0] ?? "";
  if (who === "known") credentials = basics[personAt(turn++)] ?? "";
  if (who === "random" || who === "wrong") {
    const { number, name } = nextPerson();
    // Never the same password twice.
    credentials = basic(name, who === "random" ? passwordOf(number) : `wrong-${turn}`);
  }
  const session = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
  return `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n${credentials}${session}\r\n`;
}

function generate(load: Load): Promise<LoadResult> {
  const { port, connections, milliseconds = Number.POSITIVE_INFINITY } = load;
  const { requests = Number.POSITIVE_INFINITY } = load;
  const answers: Record<string, number> = {};
  const began = performance.now();
  let sent = 0;
  let counted = 0;
  let last = began;
  let open = connections;
  let lost = 0;

  return new Promise((resolve, reject) => {
    function leave(): void {
      open -= 1;
      if (open > 0) return;
      const seconds = (last - began) / 1_000;
      resolve({ perSecond: counted / seconds, answers });
    }

    function converse(connection: number): void {
      let socket = dial();
      let request: string | undefined;
      let rest: Buffer | undefined;
      let isOver = false;

      function next(): void {
        if (sent >= requests || performance.now() - began >= milliseconds) {
          isOver = true;
          socket.destroy();
          leave();
          return;
        }
        sent += 1;
        request = writeRequest(load, connection);
        socket.write(request);
      }

      function read(chunk: Buffer): void {
        const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
        const answer = readAnswer(bytes);
        if (answer === undefined) {
          rest = bytes;
          return;
        }
        rest = undefined;
        const now = performance.now();
        // What comes after the end, or is waited for at the end, would make a slow server look slower.
        if (now - began <= milliseconds) {
          counted += 1;
          last = now;
        }
        answers[answer] = (answers[answer] ?? 0) + 1;
        next();
      }

      function dial(): Socket {
        const dialled = connect({ port, host: "127.0.0.1", noDelay: true });
        dialled.on("connect", () => (request === undefined ? next() : dialled.write(request)));
        dialled.on("data", read);
        dialled.on("error", () => {});
        dialled.on("close", () => {
          if (isOver) return;
          lost += 1;
          rest = undefined;
          if (lost > MOST_LOST) {
            reject(new Error(`port ${port} closes its connections`));
            return;
          }
          // A server may end a connection between two requests (RFC 9112 section 9.3.1): clients ask again.
          socket = dial();
        });
        return dialled;
      }
    }

    for (let connection = 0; connection < connections; connection++) converse(connection);
  });
}

/** The status, as soon as the whole answer is there. */
function readAnswer(bytes: Buffer): string | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without length: ${head}`);
  return bytes.length < end + 4 + Number(length) ? undefined : head.slice(9, 12);
}

answerQuestions("ready", { run: (load) => generate(load as Load) });
