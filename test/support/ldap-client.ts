import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Filter } from "../../src/ldap/filter.ts";
import { parseFilter } from "../../src/ldap/parse-filter.ts";
import { element, integer, readElements, readInteger } from "../../src/testing/ber-element.ts";
import {
  type Control,
  cutMessage,
  decodeMessage,
  type Message,
} from "../../src/testing/message.ts";

/** How an operation ended, and what came before the end. */
export interface Answer {
  readonly code: number;
  readonly matchedDn: string;
  readonly message: string;
  readonly entries: readonly AnsweredEntry[];
  /** The URLs of each search reference, and of the result's referral. */
  readonly references: readonly (readonly string[])[];
  readonly referral: readonly string[];
  readonly controls: readonly Control[];
  /** An extended response's value. */
  readonly value: Buffer | undefined;
}

export interface AnsweredEntry {
  readonly dn: string;
  /** By name as the server spells it; values that are not UTF-8 as base64 behind "base64:". */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface SearchOptions {
  readonly base: string;
  readonly scope?: "base" | "one" | "sub";
  readonly filter?: string;
  readonly attributes?: readonly string[];
  readonly sizeLimit?: number;
  readonly typesOnly?: boolean;
  readonly dereference?: "never" | "searching" | "finding" | "always";
}

/** One attribute's change. */
export interface ModifyOptions {
  readonly change: "add" | "delete" | "replace" | "increment";
  readonly name: string;
  readonly values: readonly string[];
}

const SCOPES = ["base", "one", "sub"];
const DEREFERENCES = ["never", "searching", "finding", "always"];
const CHANGES = ["add", "delete", "replace", "increment"];

/** A bare LDAP client that shows what the server says and hides nothing. Rejects what takes longer than five seconds. */
export class LdapClient {
  socket: Socket;
  readonly #waiting = new Map<number, (messages: readonly Message[]) => void>();
  readonly #partial = new Map<number, Message[]>();
  #received: Buffer = Buffer.alloc(0);
  #id = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  static async connect(port: number, ca?: string): Promise<LdapClient> {
    const socket =
      ca === undefined
        ? connect(port, "127.0.0.1")
        : connectTls({ port, host: "127.0.0.1", ca, servername: "" });
    await once(socket, ca === undefined ? "connect" : "secureConnect");
    return new LdapClient(socket);
  }

  #listen(): void {
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (let next = cutMessage(this.#received); next; next = cutMessage(this.#received)) {
        this.#received = next.rest;
        this.#take(decodeMessage(next.message));
      }
    });
  }

  #take(message: Message): void {
    const messages = [...(this.#partial.get(message.id) ?? []), message];
    this.#partial.set(message.id, messages);
    // 0x64 and 0x73: a search's entry and reference; more follows.
    if (message.operation.tag === 0x64 || message.operation.tag === 0x73) return;
    this.#partial.delete(message.id);
    this.#waiting.get(message.id)?.(messages);
    this.#waiting.delete(message.id);
  }

  /** Sends an encoded operation and waits for its end. */
  async request(operation: Buffer, controls: readonly Control[] = []): Promise<Answer> {
    const { answered } = this.send(operation, controls);
    return answered;
  }

  /** Sends an encoded operation; `answered` rejects when the connection ends before. */
  send(
    operation: Buffer,
    controls: readonly Control[] = [],
  ): { readonly id: number; readonly answered: Promise<Answer> } {
    this.#id += 1;
    const id = this.#id;
    const answered = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer within 5 s")), 5000);
      const onClose = (): void => {
        clearTimeout(timer);
        reject(new Error("the connection ended"));
      };
      this.socket.once("close", onClose);
      this.#waiting.set(id, (messages) => {
        clearTimeout(timer);
        this.socket.off("close", onClose);
        resolve(readAnswer(messages));
      });
    });
    // Whoever does not wait for it does not want it to end the process either.
    answered.catch(() => {});
    this.socket.write(encodeRequest(id, operation, controls));
    return { id, answered };
  }

  bind(dn: string, password: string, controls: readonly Control[] = []): Promise<Answer> {
    return this.request(encodeBind(dn, element(0x80, password)), controls);
  }

  bindExternal(authorizationId?: string): Promise<Answer> {
    const value = authorizationId === undefined ? [] : [element(0x04, authorizationId)];
    return this.request(encodeBind("", element(0xa3, element(0x04, "EXTERNAL"), ...value)));
  }

  search(options: SearchOptions, controls: readonly Control[] = []): Promise<Answer> {
    return this.request(encodeSearch(options), controls);
  }

  compare(dn: string, attribute: string, value: string): Promise<Answer> {
    const assertion = element(0x30, element(0x04, attribute), element(0x04, value));
    return this.request(element(0x6e, element(0x04, dn), assertion));
  }

  modify(dn: string, changes: readonly ModifyOptions[]): Promise<Answer> {
    const encoded = changes.map(({ change, name, values }) =>
      element(0x30, integer(CHANGES.indexOf(change), 0x0a), encodeAttribute(name, values)),
    );
    return this.request(element(0x66, element(0x04, dn), element(0x30, ...encoded)));
  }

  add(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<Answer> {
    const encoded = Object.entries(attributes).map(([name, values]) =>
      encodeAttribute(name, values),
    );
    return this.request(element(0x68, element(0x04, dn), element(0x30, ...encoded)));
  }

  delete(dn: string): Promise<Answer> {
    return this.request(element(0x4a, dn));
  }

  modifyDn(
    dn: string,
    newRdn: string,
    deleteOldRdn: boolean,
    newSuperior?: string,
  ): Promise<Answer> {
    const flag = element(0x01, Buffer.of(deleteOldRdn ? 0xff : 0));
    const superior = newSuperior === undefined ? [] : [element(0x80, newSuperior)];
    return this.request(element(0x6c, element(0x04, dn), element(0x04, newRdn), flag, ...superior));
  }

  extended(oid: string, value?: Buffer): Promise<Answer> {
    const parts = value === undefined ? [] : [element(0x81, value)];
    return this.request(element(0x77, element(0x80, oid), ...parts));
  }

  whoAmI(): Promise<Answer> {
    return this.extended("1.3.6.1.4.1.4203.1.11.3");
  }

  /** StartTLS; where the server agrees, goes on over TLS. */
  async startTls(ca: string, client: { cert?: string; key?: string } = {}): Promise<Answer> {
    const answer = await this.extended("1.3.6.1.4.1.1466.20037");
    if (answer.code !== 0) return answer;
    this.socket.removeAllListeners("data");
    const secure = connectTls({ socket: this.socket, ca, host: "127.0.0.1", ...client });
    await once(secure, "secureConnect");
    this.socket = secure;
    this.#listen();
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Encodes a whole message. */
export function encodeRequest(
  id: number,
  operation: Buffer,
  controls: readonly Control[] = [],
): Buffer {
  const encoded = controls.map(({ oid, critical, value }) =>
    element(
      0x30,
      element(0x04, oid),
      ...(critical ? [element(0x01, Buffer.of(0xff))] : []),
      ...(value ? [element(0x04, value)] : []),
    ),
  );
  const tail = encoded.length > 0 ? [element(0xa0, ...encoded)] : [];
  return element(0x30, integer(id), operation, ...tail);
}

export function encodeBind(dn: string, credentials: Buffer, version = 3): Buffer {
  return element(0x60, integer(version), element(0x04, dn), credentials);
}

export function encodeSearch(options: SearchOptions): Buffer {
  const attributes = (options.attributes ?? []).map((name) => element(0x04, name));
  return element(
    0x63,
    element(0x04, options.base),
    integer(SCOPES.indexOf(options.scope ?? "sub"), 0x0a),
    integer(DEREFERENCES.indexOf(options.dereference ?? "never"), 0x0a),
    integer(options.sizeLimit ?? 0),
    integer(0),
    element(0x01, Buffer.of(options.typesOnly ? 0xff : 0)),
    encodeFilter(parseFilter(options.filter ?? "(objectClass=*)")),
    element(0x30, ...attributes),
  );
}

function encodeAttribute(name: string, values: readonly string[]): Buffer {
  const encoded = values.map((value) => element(0x04, value));
  return element(0x30, element(0x04, name), element(0x31, ...encoded));
}

const ASSERTIONS = {
  equal: 0xa3,
  "greater-or-equal": 0xa5,
  "less-or-equal": 0xa6,
  approx: 0xa8,
} as const;

/** RFC 4511 section 4.5.1.7. */
export function encodeFilter(filter: Filter): Buffer {
  switch (filter.type) {
    case "and":
      return element(0xa0, ...filter.filters.map(encodeFilter));
    case "or":
      return element(0xa1, ...filter.filters.map(encodeFilter));
    case "not":
      return element(0xa2, encodeFilter(filter.filter));
    case "present":
      return element(0x87, filter.attribute);
    case "substrings":
      return element(
        0xa4,
        element(0x04, filter.attribute),
        element(
          0x30,
          ...(filter.initial ? [element(0x80, filter.initial)] : []),
          ...filter.any.map((part) => element(0x81, part)),
          ...(filter.final ? [element(0x82, filter.final)] : []),
        ),
      );
    case "extensible":
      return element(
        0xa9,
        ...(filter.rule ? [element(0x81, filter.rule)] : []),
        ...(filter.attribute ? [element(0x82, filter.attribute)] : []),
        element(0x83, filter.value),
        ...(filter.dnAttributes ? [element(0x84, Buffer.of(0xff))] : []),
      );
    default:
      return element(
        ASSERTIONS[filter.type],
        element(0x04, filter.attribute),
        element(0x04, filter.value),
      );
  }
}

function readAnswer(messages: readonly Message[]): Answer {
  const last = messages.at(-1);
  if (last === undefined) throw new Error("an answer without messages");
  const [code, matchedDn, message, ...more] = readElements(last.operation.content);
  return {
    code: code ? readInteger(code.content) : -1,
    matchedDn: matchedDn?.content.toString() ?? "",
    message: message?.content.toString() ?? "",
    entries: messages.filter(({ operation }) => operation.tag === 0x64).map(readEntry),
    references: messages
      .filter(({ operation }) => operation.tag === 0x73)
      .map(({ operation }) => readUrls(operation.content)),
    referral: readUrls(more.find(({ tag }) => tag === 0xa3)?.content),
    controls: last.controls,
    value: more.find(({ tag }) => tag === 0x8b)?.content,
  };
}

function readUrls(content: Buffer = Buffer.alloc(0)): readonly string[] {
  return readElements(content).map((url) => url.content.toString());
}

function readEntry({ operation }: Message): AnsweredEntry {
  const [dn, list] = readElements(operation.content);
  const attributes = readElements(list?.content ?? Buffer.alloc(0)).map(({ content }) => {
    const [name, values] = readElements(content);
    const texts = readElements(values?.content ?? Buffer.alloc(0)).map((value) =>
      isUtf8(value.content)
        ? value.content.toString()
        : `base64:${value.content.toString("base64")}`,
    );
    return [name?.content.toString() ?? "", texts] as const;
  });
  return { dn: dn?.content.toString() ?? "", attributes: Object.fromEntries(attributes) };
}
