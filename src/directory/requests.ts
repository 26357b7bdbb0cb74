import {
  type BerWriter,
  BindRequest,
  CompareRequest,
  type CompareRequestMessageOptions,
  Control,
  ExtendedRequest,
  PagedResultsControl,
  SearchRequest,
  UnbindRequest,
} from "ldapts";
import type { SearchQuery } from "./directory.ts";
import type { DereferenceAliases } from "./directory-settings.ts";
import { PASSWORD_POLICY } from "./password-policy.ts";
import { toLdaptsFilter } from "./to-ldapts-filter.ts";

/** A request that only lacks its message id. */
export interface Request {
  readonly operation: "bind" | "search" | "compare" | "extended" | "modify";
  readonly write: (messageId: number) => Buffer;
  /** What of the server's text about it may be shown to whoever asked. Only where the request holds a password: then nobody gets to see the text itself. */
  readonly quote?: (text: string) => string | undefined;
}

function nothing(): undefined {}

/** RFC 4513 section 5.1.3. Whoever calls this has refused an empty DN and an empty password: both would be "success". */
export function simpleBind(dn: string, password: string): Request {
  return {
    operation: "bind",
    quote: nothing,
    write: (messageId) => new BindRequest({ messageId, dn, password }).write(),
  };
}

/** The same, with a person's password, and asking what the password policy says of it. The same about both must be refused. */
export function personBind(dn: string, password: string): Request {
  return {
    operation: "bind",
    quote: nothing,
    write: (messageId) => {
      const controls = [new Control(PASSWORD_POLICY)];
      return new BindRequest({ messageId, dn, password, controls }).write();
    },
  };
}

/** SASL EXTERNAL (RFC 4422 appendix A): as whom the client certificate, or the Unix socket's peer, stands for. */
export function externalBind(): Request {
  return {
    operation: "bind",
    quote: nothing,
    write: (messageId) => new BindRequest({ messageId, mechanism: "EXTERNAL" }).write(),
  };
}

/** One page of entries: up to `size` of them, from where the cookie of the page before says. */
export interface Page {
  readonly size: number;
  readonly cookie: Buffer;
}

/** What ldapts calls the ways to follow aliases. */
const DEREFERENCE = {
  never: "never",
  searching: "search",
  finding: "find",
  always: "always",
} as const;

/** How a search is to be done, besides what it looks for. */
export interface SearchTerms {
  /** How long the server may work on it: whoever asked is gone after that. */
  readonly seconds: number;
  /** Default: never. */
  readonly dereferenceAliases?: DereferenceAliases | undefined;
}

export function search(query: SearchQuery, terms: SearchTerms, page?: Page): Request {
  const { base: baseDN, scope, limit = query.most } = query;
  const filter = toLdaptsFilter(query.filter);
  const attributes = query.attributes.length > 0 ? [...query.attributes] : ["1.1"];
  return {
    operation: "search",
    write: (messageId) =>
      new SearchRequest({
        messageId,
        baseDN,
        scope,
        filter,
        attributes,
        derefAliases: DEREFERENCE[terms.dereferenceAliases ?? "never"],
        timeLimit: terms.seconds,
        ...(limit === undefined ? {} : { sizeLimit: limit }),
        ...(page ? { controls: [pagedResults(page)] } : {}),
      }).write(),
  };
}

/** RFC 2696. */
function pagedResults({ size, cookie }: Page): PagedResultsControl {
  return new PagedResultsControl({ value: { size, cookie } });
}

export function compare(dn: string, attribute: string, value: string | Buffer): Request {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return {
    operation: "compare",
    write: (messageId) => new ByteCompareRequest({ messageId, dn, attribute }, bytes).write(),
  };
}

/** ldapts compares strings only. */
class ByteCompareRequest extends CompareRequest {
  readonly #bytes: Buffer;

  constructor(options: CompareRequestMessageOptions, bytes: Buffer) {
    super(options);
    this.#bytes = bytes;
  }

  override writeMessage(writer: BerWriter): void {
    writer.writeString(this.dn);
    writer.startSequence();
    writer.writeString(this.attribute);
    writer.writeBuffer(this.#bytes, 0x04);
    writer.endSequence();
  }
}

/** RFC 4511 section 4.14. */
export function startTls(messageId: number): Buffer {
  return new ExtendedRequest({ messageId, oid: "1.3.6.1.4.1.1466.20037" }).write();
}

export function unbind(messageId: number): Buffer {
  return new UnbindRequest({ messageId }).write();
}
