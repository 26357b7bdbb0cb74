import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { DirectoryError } from "../errors.ts";
import { MOST_BYTES, MOST_ENTRIES, openMessageStream } from "./message-stream.ts";
import { type Request, unbind } from "./requests.ts";
import { type ReceivedEntry, type Response, type Result, readResponse } from "./responses.ts";

/** What an operation brought: its result, and a search's entries and references. */
export interface Answer {
  readonly result: Result;
  readonly entries: readonly ReceivedEntry[];
  /** Where the search is to be continued (RFC 4511 section 4.5.3): the URLs of each are alternatives. */
  readonly references: readonly (readonly string[])[];
}

/** What a connection tells whoever opened it. */
export interface ConnectionEvents {
  /** Once, when it is over. `error` is absent if this side wanted that, or nobody was waiting for anything. */
  readonly closed: (error: DirectoryError | undefined) => void;
  /** Nothing at all came back while an operation waited for so many milliseconds. */
  readonly silent: (waited: number) => void;
}

/** One connection to one server. It is used until its socket closes and never opened again. */
export interface Connection {
  /** False once it may not take new operations. */
  readonly usable: boolean;
  /** How many operations were answered. */
  readonly answered: number;
  /** Sends one operation and waits for its end, `timeout` milliseconds at most. Rejects with a `DirectoryError`. */
  request(request: Request, timeout: number): Promise<Answer>;
  /** Takes no new operations, and closes when those under way have ended. */
  retire(): void;
  /** Ends it now; what is under way rejects with the error. */
  destroy(error?: DirectoryError): void;
}

interface Operation {
  readonly operation: Request["operation"];
  readonly entries: ReceivedEntry[];
  readonly references: (readonly string[])[];
  readonly sent: number;
  /** When its caller leaves. */
  readonly due: number;
  readonly quote: Request["quote"];
  /** Absent once its caller has left: the late answer is then only swallowed. */
  settle?: { resolve: (answer: Answer) => void; reject: (error: DirectoryError) => void };
}

const MOST_MESSAGE_ID = 2 ** 31 - 1;
const MOST_REFERENCES = 10_000;
/** How long an answer may be late before the connection is given up, in milliseconds. */
const GRACE = 2_000;
const CLOSING_TIME = 1_000;

/** Takes over a socket that `dial` made. `server` is its name, for messages. */
export function openConnection(
  socket: Socket,
  server: string,
  events: ConnectionEvents,
): Connection {
  const stream = openMessageStream();
  const operations = new Map<number, Operation>();
  let state: "open" | "retired" | "closed" = "open";
  // Not the first numbers: an answer that is there before the question must not fit it.
  let lastId = randomInt(2 ** 24);
  let waiting = 0;
  let answered = 0;
  /** One for all operations, set for the one that is due first: most are answered long before. */
  let timer: NodeJS.Timeout | undefined;
  let timerDue = Number.POSITIVE_INFINITY;
  /** Requests that leave together, in one write, when all that can be done at the moment has been done. */
  let outbox: Buffer[] = [];
  /** Since an operation last ended. */
  let bytes = 0;
  let lastHeard = performance.now();

  function onData(chunk: Buffer): void {
    lastHeard = performance.now();
    bytes += chunk.length;
    try {
      for (const message of stream.push(chunk)) {
        receive(readResponse(message));
        if (state === "closed") return;
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : "unreadable";
      destroy(violation(reason, cause));
      return;
    }
    if (bytes > MOST_BYTES) destroy(violation(`an answer of more than ${MOST_BYTES} bytes`));
  }

  function violation(what: string, cause?: unknown): DirectoryError {
    return new DirectoryError(`${server}: unusable answer: ${what}`, { code: "protocol", cause });
  }

  function receive(response: Response): void {
    if (response.id === 0) {
      // RFC 4511 section 4.4.1: the only unsolicited notification is the Notice of Disconnection.
      destroy(lost("it announced that it ends the connection"));
      return;
    }
    const operation = operations.get(response.id);
    if (!operation) {
      destroy(violation("an answer to no question"));
      return;
    }
    const { type } = response;
    const kind = type === "result" ? response.operation : "search";
    if (kind !== operation.operation) {
      destroy(violation(`a ${kind} answer to a ${operation.operation}`));
      return;
    }
    if (type === "ignored") return;
    if (type === "entry") {
      if (operation.settle) operation.entries.push(response.entry);
      if (operation.entries.length > MOST_ENTRIES) destroy(violation("too many entries"));
      return;
    }
    if (type === "reference") {
      if (operation.settle) operation.references.push(response.urls);
      if (operation.references.length > MOST_REFERENCES) destroy(violation("too many references"));
      return;
    }
    operations.delete(response.id);
    bytes = 0;
    answered += 1;
    const { entries, references, quote } = operation;
    const result = quote ? withoutText(response.result, quote) : response.result;
    if (operation.settle) {
      waiting -= 1;
      operation.settle.resolve({ result, entries, references });
    }
    finishIfIdle();
  }

  function lost(what: string, cause?: unknown): DirectoryError {
    return new DirectoryError(`${server}: ${what}`, { code: "unreachable", cause });
  }

  /** With TLS 1.3 a server refuses a client's certificate after the handshake is over. */
  function broken(cause: NodeJS.ErrnoException): DirectoryError {
    const code = cause.code?.startsWith("ERR_SSL") ? "tls" : "unreachable";
    const message = `${server}: the connection broke: ${cause.message}`;
    return new DirectoryError(message, { code, cause });
  }

  function request({ operation, write, quote }: Request, timeout: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (state !== "open") throw lost("the connection is closed");
      if (timeout <= 0) throw new DirectoryError(`${server}: no time left`, { code: "timeout" });
      const id = nextId();
      const message = write(id);
      const sent = performance.now();
      const due = sent + timeout;
      const settle = { resolve, reject };
      operations.set(id, { operation, entries: [], references: [], sent, due, quote, settle });
      waiting += 1;
      if (due < timerDue) setTimer(due);
      send(operation, message);
    });
  }

  function send(operation: Request["operation"], message: Buffer): void {
    outbox.push(message);
    // Only searches and compares come in numbers on one connection; a write costs more than they do.
    if (operation !== "search" && operation !== "compare") flush();
    else if (outbox.length === 1) setImmediate(flush);
  }

  function flush(): void {
    const messages = outbox;
    const [first] = messages;
    if (first === undefined) return;
    outbox = [];
    socket.write(messages.length === 1 ? first : Buffer.concat(messages));
  }

  function setTimer(due: number): void {
    clearTimeout(timer);
    timerDue = due;
    // The socket is what keeps the process running.
    timer = setTimeout(leaveOverdue, Math.ceil(due - performance.now())).unref();
  }

  function leaveOverdue(): void {
    timerDue = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [id, { due, settle }] of operations) {
      if (settle === undefined) continue;
      if (due <= now) leave(id);
      else next = Math.min(next, due);
    }
    if (next < timerDue && state !== "closed") setTimer(next);
  }

  function nextId(): number {
    do {
      lastId = (lastId % MOST_MESSAGE_ID) + 1;
    } while (operations.has(lastId));
    return lastId;
  }

  /** The caller's time is over. Its neighbours go on, unless the server is silent altogether. */
  function leave(id: number): void {
    const operation = operations.get(id);
    const settle = operation?.settle;
    if (!operation || !settle) return;
    const { sent } = operation;
    delete operation.settle;
    waiting -= 1;
    operation.entries.length = 0;
    operation.references.length = 0;
    const waited = Math.round(performance.now() - sent);
    const what = `no answer to a ${operation.operation} within ${waited} ms`;
    settle.reject(new DirectoryError(`${server}: ${what}`, { code: "timeout" }));
    // A bind that is still on its way would come between the operations that follow (RFC 4511 section 4.2.1).
    if (operation.operation === "bind") destroy();
    else if (lastHeard < sent) retire();
    else setTimeout(() => operations.has(id) && retire(), GRACE).unref();
    if (lastHeard < sent) events.silent(waited);
  }

  function finishIfIdle(): void {
    if (state === "retired" && waiting === 0) farewell();
  }

  function retire(): void {
    if (state !== "open") return;
    state = "retired";
    finishIfIdle();
  }

  /** RFC 4511 section 4.3: tells the server, and does not wait for it. */
  function farewell(): void {
    close(undefined, () => {
      flush();
      socket.write(unbind(nextId()));
      socket.destroySoon();
      setTimeout(() => socket.destroy(), CLOSING_TIME).unref();
    });
  }

  function destroy(error?: DirectoryError): void {
    close(error, () => socket.destroy());
  }

  function close(error: DirectoryError | undefined, end: () => void): void {
    if (state === "closed") return;
    state = "closed";
    clearTimeout(timer);
    socket.off("data", onData);
    // Nobody reads any more; an unread end of the stream would keep the socket open.
    socket.resume();
    const pending = [...operations.values()];
    operations.clear();
    waiting = 0;
    end();
    const reason = error ?? lost("the connection was given up");
    for (const { settle } of pending) settle?.reject(reason);
    events.closed(pending.length > 0 ? error : undefined);
  }

  socket.on("data", onData);
  socket.on("end", () => destroy(lost("it closed the connection")));
  socket.on("error", (cause) => destroy(broken(cause)));
  socket.on("close", () => destroy(lost("the connection was closed")));
  if (socket.destroyed) destroy(lost("the connection was closed"));

  return {
    get usable() {
      return state === "open";
    },
    get answered() {
      return answered;
    },
    request,
    retire,
    destroy,
  };
}

/** A server may repeat the request in its text, and this one holds a password. */
function withoutText(result: Result, quote: NonNullable<Request["quote"]>): Result {
  const said = quote(result.text);
  return { ...result, text: "", ...(said !== undefined && { said }) };
}
