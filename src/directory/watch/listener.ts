import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { DirectoryError } from "../../errors.ts";
import type { Answer, Connection } from "../connection.ts";
import { openMessageStream } from "../message-stream.ts";
import { type Request, unbind } from "../requests.ts";
import { openMessage, type ReceivedEntry, readResponse } from "../responses.ts";
import { type Heard, readHeard } from "./heard.ts";

/** A connection whose server tells something by itself. Ordinary questions can be asked on it, too: few, and small ones. */
export interface Listener extends Connection {
  /** When something last came, in milliseconds of `performance.now()`. */
  readonly lastHeard: number;
  /** Rejects with a `DirectoryError` when the connection is over. */
  readonly lost: Promise<never>;
  /** Sends a search that goes on. Each message that comes for it is handed over and not kept. One at a time. */
  listen(request: Request, hear: (heard: Heard) => void): void;
}

/** The most bytes of one message: a DN and a few words, or a few thousand ids. */
const MOST_MESSAGE_BYTES = 1024 * 1024;
/** Who tells more messages, or half kilobytes, within a second is not listened to for the rest of it. */
const MOST_A_SECOND = 20_000;
const MESSAGE_BYTES = 512;
const SECOND = 1_000;
/** The most entries of an ordinary question's answer. */
const MOST_ENTRIES = 100;
const CLOSING_TIME = 1_000;

interface Question {
  readonly operation: Request["operation"];
  readonly entries: ReceivedEntry[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: DirectoryError) => void;
}

/**
 * Takes over a socket that `dial` made; it does not keep the process alive. Whatever is not an answer to what was asked ends the connection.
 * `server` is its name, for messages.
 */
export function openListener(socket: Socket, server: string): Listener {
  const stream = openMessageStream(MOST_MESSAGE_BYTES);
  const questions = new Map<number, Question>();
  let followed: { readonly id: number; readonly hear: (heard: Heard) => void } | undefined;
  let lastId = randomInt(2 ** 24);
  let answered = 0;
  let isOpen = true;
  let lastHeard = performance.now();
  let second = 0;
  let load = 0;
  const over = Promise.withResolvers<never>();
  // Nobody need wait for it.
  over.promise.catch(() => {});

  function onData(chunk: Buffer): void {
    lastHeard = performance.now();
    try {
      for (const message of stream.push(chunk)) {
        receive(message);
        if (!isOpen) return;
        load += 1 + message.length / MESSAGE_BYTES;
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : "unreadable";
      destroy(violation(reason, cause));
      return;
    }
    slowDown();
  }

  /** A server that pours out messages must not take this process's time. */
  function slowDown(): void {
    if (lastHeard >= second + SECOND) {
      second = lastHeard;
      load = 0;
    }
    if (load <= MOST_A_SECOND) return;
    socket.pause();
    setTimeout(() => socket.resume(), second + SECOND - lastHeard).unref();
  }

  function receive(bytes: Buffer): void {
    const { id } = openMessage(bytes);
    if (followed && id === followed.id) {
      const heard = readHeard(bytes);
      const { hear } = followed;
      if (heard.type === "done") followed = undefined;
      hear(heard);
      return;
    }
    const response = readResponse(bytes);
    // RFC 4511 section 4.4.1: the only unsolicited notification is the Notice of Disconnection.
    if (id === 0) {
      destroy(lost("it announced that it ends the connection"));
      return;
    }
    const question = questions.get(id);
    const kind = response.type === "result" ? response.operation : "search";
    if (!question || kind !== question.operation) {
      destroy(violation("an answer to no question"));
      return;
    }
    if (response.type === "entry") {
      question.entries.push(response.entry);
      if (question.entries.length > MOST_ENTRIES) destroy(violation("too many entries"));
      return;
    }
    if (response.type !== "result") return;
    questions.delete(id);
    answered += 1;
    // A server may repeat the request in its text, and a bind's holds a password.
    const result = kind === "bind" ? { ...response.result, text: "" } : response.result;
    question.resolve({ result, entries: question.entries, references: [] });
  }

  function violation(what: string, cause?: unknown): DirectoryError {
    return new DirectoryError(`${server}: unusable answer: ${what}`, { code: "protocol", cause });
  }

  function lost(what: string, cause?: unknown): DirectoryError {
    return new DirectoryError(`${server}: ${what}`, { code: "unreachable", cause });
  }

  async function request({ operation, write }: Request, timeout: number): Promise<Answer> {
    if (!isOpen) throw lost("the connection is closed");
    const id = nextId();
    const message = write(id);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        questions.set(id, { operation, entries: [], resolve, reject });
        const late = new DirectoryError(
          `${server}: no answer to a ${operation} within ${Math.round(timeout)} ms`,
          { code: "timeout" },
        );
        timer = setTimeout(() => destroy(late), Math.max(timeout, 0)).unref();
        socket.write(message);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  function retire(): void {
    if (!isOpen) return;
    close(lost("the connection was given up"), () => {
      socket.write(unbind(nextId()));
      socket.destroySoon();
      setTimeout(() => socket.destroy(), CLOSING_TIME).unref();
    });
  }

  function destroy(error?: DirectoryError): void {
    close(error ?? lost("the connection was given up"), () => socket.destroy());
  }

  function close(error: DirectoryError, end: () => void): void {
    if (!isOpen) return;
    isOpen = false;
    followed = undefined;
    socket.off("data", onData);
    // Nobody reads any more; an unread end of the stream would keep the socket open.
    socket.resume();
    end();
    for (const { reject } of questions.values()) reject(error);
    questions.clear();
    over.reject(error);
  }

  socket.unref();
  socket.on("data", onData);
  socket.on("end", () => destroy(lost("it closed the connection")));
  socket.on("error", (cause) => destroy(lost(`the connection broke: ${cause.message}`, cause)));
  socket.on("close", () => destroy(lost("the connection was closed")));
  if (socket.destroyed) destroy(lost("the connection was closed"));

  return {
    get usable() {
      return isOpen;
    },
    get answered() {
      return answered;
    },
    get lastHeard() {
      return lastHeard;
    },
    lost: over.promise,
    request,
    listen({ write }, hear) {
      if (!isOpen) return;
      const id = nextId();
      followed = { id, hear };
      socket.write(write(id));
    },
    retire,
    destroy,
  };
}
