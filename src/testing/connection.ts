import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { normalizeDn } from "../ldap/dn.ts";
import type { OperationName } from "./access.ts";
import { MalformedMessageError } from "./ber-element.ts";
import { syncControlOf, synchronize } from "./content-sync.ts";
import type { DirectoryState, Session } from "./directory-state.ts";
import type { Fault, Faults } from "./faults.ts";
import { faultyResult, GARBAGE, refuseStartTls } from "./faulty-answer.ts";
import { cutMessage, decodeMessage, encodeMessage, type Message } from "./message.ts";
import { describeRequest, type OperationRecord, operationName } from "./operation-record.ts";
import { type AnsweredRequest, perform, restrict } from "./perform.ts";
import { decodeRequest } from "./request.ts";
import { encodeNoticeOfDisconnection, encodeResult, RESULT, type Result } from "./result.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** What a connection needs of the directory it belongs to. */
export interface ConnectionContext {
  readonly state: DirectoryState;
  readonly faults: Faults;
  readonly tls: TlsSettings | undefined;
  /** Milliseconds before each answer. */
  latency(): number;
  log(record: OperationRecord): void;
}

/** An operation that is not answered yet. */
interface Ticket {
  readonly message: Message;
  readonly request: AnsweredRequest;
  readonly record: { resultCode: number | undefined };
  readonly name: OperationName;
  abandoned: boolean;
  /** Ends a search that goes on. */
  stop?: () => void;
}

/** Milliseconds between two bytes of a slow answer. */
const SLOW_BYTE_INTERVAL = 20;

/** One client's connection, from accept to close. */
export class Connection {
  readonly #context: ConnectionContext;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #inFlight = new Map<number, Ticket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What arrived while a bind was being answered: a server must not begin it before (RFC 4511 section 4.2.1). Nor while a password is changed. */
  readonly #waiting: Ticket[] = [];
  #binding: Ticket | undefined;
  /** The socket, or the TLS on top of it. */
  #stream: Socket;
  #received: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, number: number, implicitTls: boolean, context: ConnectionContext) {
    this.#context = context;
    this.#socket = socket;
    this.#stream = socket;
    this.#session = {
      connection: number,
      secure: implicitTls,
      who: "",
      whoSpelled: "",
      binds: 0,
      mustChangePassword: false,
      page: undefined,
      certificateSubject: () => this.#certificateSubject(),
    };
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.destroy());
    this.#open(implicitTls);
  }

  /** Ends it at once: nothing more is read, answered or waited for. */
  destroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const ticket of [...this.#inFlight.values()]) this.#abandon(ticket);
    this.#waiting.length = 0;
    this.#stream.destroy();
    this.#socket.destroy();
  }

  #open(implicitTls: boolean): void {
    const fault = this.#context.faults.take({ operation: "connect" });
    if (fault?.fault === "stall") {
      // Reading on, so that the client's end is noticed.
      this.#socket.resume();
    } else if (fault !== undefined && fault.fault !== "result") {
      this.#misbehave(fault);
    } else if (implicitTls) {
      this.#beginTls();
    } else {
      this.#read(this.#socket);
    }
  }

  #read(stream: Socket): void {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  #beginTls(): void {
    const { tls, faults } = this.#context;
    if (tls === undefined) {
      this.destroy();
      return;
    }
    const stream = tls.secure(this.#socket, faults.takeBadCertificate());
    stream.on("error", () => this.destroy());
    stream.on("close", () => this.destroy());
    this.#session.secure = true;
    this.#read(stream);
  }

  #certificateSubject(): string | undefined {
    const stream = this.#stream;
    return stream instanceof TLSSocket ? this.#context.tls?.clientSubject(stream) : undefined;
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      for (let next = cutMessage(this.#received); next; next = cutMessage(this.#received)) {
        this.#received = next.rest;
        this.#accept(decodeMessage(next.message));
        if (this.#stream.destroyed) return;
      }
    } catch (error) {
      this.#disconnect(error);
    }
  }

  /** Answers what is not LDAP by going away (RFC 4511 section 4.1.1). */
  #disconnect(error: unknown): void {
    const isMalformed = error instanceof MalformedMessageError;
    const code = isMalformed ? RESULT.protocolError : RESULT.other;
    const reason = error instanceof Error ? error.message : "unknown error";
    this.#stream.removeAllListeners("data");
    this.#write(encodeMessage(0, encodeNoticeOfDisconnection(code, reason)));
    this.#stream.end();
    // Bytes that come still are thrown away, so that the client gets to see the notice and not a reset.
    this.#stream.resume();
    this.#later(1000, () => this.destroy());
  }

  #accept(message: Message): void {
    const request = decodeRequest(message.operation);
    const name = operationName(request);
    const record = {
      connection: this.#session.connection,
      operation: name,
      dn: "dn" in request ? request.dn : "",
      secure: this.#session.secure,
      who: this.#session.who,
      resultCode: undefined,
      controls: message.controls.map(({ oid }) => oid),
      ...describeRequest(request),
    };
    this.#context.log(record);
    if (request.operation === "unbind") {
      this.destroy();
      return;
    }
    if (request.operation === "abandon") {
      const ticket = this.#inFlight.get(request.id);
      // A bind can't be abandoned (RFC 4511 section 4.11), and neither can StartTLS.
      const isAbandoned = ticket !== this.#binding && ticket?.name !== "starttls";
      if (isAbandoned) this.#abandon(ticket);
      return;
    }
    const ticket: Ticket = { message, request, record, name, abandoned: false };
    // As slapd does: whoever binds does not want the answers of before.
    if (name === "bind") {
      for (const each of [...this.#inFlight.values()]) this.#abandon(each);
      this.#session.binds += 1;
    }
    this.#inFlight.set(message.id, ticket);
    if (this.#binding !== undefined && name !== "bind") this.#waiting.push(ticket);
    else this.#begin(ticket);
  }

  #abandon(ticket: Ticket | undefined): void {
    if (ticket === undefined) return;
    ticket.abandoned = true;
    ticket.stop?.();
    this.#inFlight.delete(ticket.message.id);
    if (this.#binding === ticket) this.#binding = undefined;
  }

  #begin(ticket: Ticket): void {
    if (ticket.abandoned) return;
    if (ticket.name === "bind") this.#binding = ticket;
    const dn = "dn" in ticket.request ? normalizeDn(ticket.request.dn) : undefined;
    const fault = this.#context.faults.take({
      operation: ticket.name,
      ...(dn !== undefined && { dn }),
    });
    if (fault?.fault === "stall") return;
    const latency = this.#context.latency();
    if (latency > 0) this.#later(latency, () => this.#answer(ticket, fault));
    else this.#answer(ticket, fault);
  }

  #answer(ticket: Ticket, fault: Fault | undefined): void {
    if (ticket.abandoned) return;
    try {
      if (ticket.name === "starttls") this.#startTls(ticket, fault);
      else if (fault === undefined && this.#goesOn(ticket)) return;
      else if (fault === undefined) this.#perform(ticket, "at once");
      else if (fault.fault === "result") {
        this.#answerWith(ticket, [this.#performFaulty(ticket, fault)], "at once");
      } else if (fault.fault === "slow-bytes") {
        this.#perform(ticket, "slowly");
      } else this.#misbehave(fault);
    } catch (error) {
      this.#disconnect(error);
    }
  }

  /** Whether it is a search that goes on from now. */
  #goesOn(ticket: Ticket): boolean {
    const { message, request } = ticket;
    const { state } = this.#context;
    const control = syncControlOf(message.controls);
    const isOffered = control !== undefined && state.changeLog !== undefined;
    if (!isOffered || request.operation !== "search") return false;
    if (restrict(state, this.#session, request) !== undefined) return false;
    const begun = synchronize(state, this.#session, message.id, request, control, (bytes) =>
      this.#write(bytes),
    );
    if (typeof begun === "function") {
      ticket.stop = begun;
      return true;
    }
    ticket.record.resultCode = begun.code;
    this.#answerWith(ticket, [encodeAnswer(message.id, request, begun)], "at once");
    return true;
  }

  #perform(ticket: Ticket, how: "at once" | "slowly"): void {
    const { message, request, record } = ticket;
    const answer: Buffer[] = [];
    const { state } = this.#context;
    const performed = perform(state, this.#session, request, message.controls, (entry) => {
      answer.push(encodeMessage(message.id, entry));
    });
    const complete = (result: Result): void => {
      if (ticket.abandoned) return;
      record.resultCode = result.code;
      answer.push(encodeAnswer(message.id, request, result));
      this.#answerWith(ticket, answer, how);
    };
    if (!(performed instanceof Promise)) {
      complete(performed);
      return;
    }
    this.#binding = ticket;
    performed.then(complete).catch((error) => this.#disconnect(error));
  }

  #performFaulty({ message, request, record }: Ticket, fault: Fault): Buffer {
    const result = faultyResult(fault, this.#session, request, message.controls);
    record.resultCode = result.code;
    return encodeAnswer(message.id, request, result);
  }

  #answerWith(ticket: Ticket, answer: readonly Buffer[], how: "at once" | "slowly"): void {
    if (ticket.abandoned) return;
    const bytes = Buffer.concat(answer);
    if (how === "slowly") this.#writeSlowly(bytes);
    else this.#write(bytes);
    this.#finish(ticket);
  }

  #finish(ticket: Ticket): void {
    // The id may have been given again since: a client that reuses ids has only itself to blame.
    if (this.#inFlight.get(ticket.message.id) === ticket) this.#inFlight.delete(ticket.message.id);
    if (this.#binding !== ticket) return;
    this.#binding = undefined;
    for (const next of this.#waiting.splice(0)) this.#begin(next);
  }

  #misbehave(fault: Fault): void {
    switch (fault.fault) {
      case "reset":
        this.#socket.resetAndDestroy();
        break;
      case "garbage":
        this.#write(GARBAGE);
        break;
      case "slow-bytes":
        this.#writeSlowly(GARBAGE);
        break;
      default:
        this.#stream.end();
        this.#socket.end();
    }
  }

  /** RFC 4511 section 4.14. */
  #startTls(ticket: Ticket, fault: Fault | undefined): void {
    const refusal = refuseStartTls(fault, {
      secure: this.#session.secure,
      isBusy: this.#inFlight.size > 1,
      isOffered: this.#context.tls !== undefined,
    });
    if (refusal !== undefined) {
      ticket.record.resultCode = refusal.code;
      const answer = encodeAnswer(ticket.message.id, ticket.request, refusal);
      this.#answerWith(ticket, [answer], "at once");
      return;
    }
    if (fault?.fault === "reset" || fault?.fault === "close" || fault?.fault === "garbage") {
      this.#misbehave(fault);
      return;
    }
    ticket.record.resultCode = RESULT.success;
    this.#socket.removeAllListeners("data");
    // What came in clear behind the request must not be taken for something that came over TLS.
    this.#received = Buffer.alloc(0);
    const agreed = encodeAnswer(ticket.message.id, ticket.request, { code: RESULT.success });
    const injected = encodeMessage(
      ticket.message.id + 1,
      encodeResult("bind", { code: RESULT.success }),
    );
    this.#finish(ticket);
    switch (fault?.fault) {
      case "close-during-starttls":
        this.#socket.end(agreed);
        break;
      case "stall-during-starttls":
        this.#socket.write(agreed);
        this.#socket.resume();
        break;
      case "inject-after-starttls":
        this.#socket.write(Buffer.concat([agreed, injected]));
        this.#beginTls();
        break;
      default:
        this.#socket.write(agreed);
        this.#beginTls();
    }
  }

  #write(bytes: Buffer): void {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(bytes);
  }

  #writeSlowly(bytes: Buffer): void {
    this.#write(bytes.subarray(0, 1));
    if (bytes.length > 1) {
      this.#later(SLOW_BYTE_INTERVAL, () => this.#writeSlowly(bytes.subarray(1)));
    }
  }

  #later(milliseconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds);
    timer.unref();
    this.#timers.add(timer);
  }
}

function encodeAnswer(id: number, request: AnsweredRequest, result: Result): Buffer {
  return encodeMessage(id, encodeResult(request.operation, result), result.controls);
}
