import { readdirSync, readFileSync } from "node:fs";

/** What a real httpd 2.4 with mod_authnz_ldap made of a configuration, and of requests to what it protects. */
export interface RecordedCase {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  /** Lines at the top level of the configuration. */
  readonly server: readonly string[];
  /** The section, `<Location "/t/ID">`. */
  readonly config: string;
  /** httpd's message where it refused to start. */
  readonly configError: string | null;
  readonly requests: readonly RecordedRequest[];
}

export interface RecordedRequest {
  /** What was done before it, in order. */
  readonly before?: readonly Incident[];
  readonly method: string;
  /** Behind `/t/ID`. */
  readonly path: string;
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect: Expectation;
}

/** Something that happens to the directory between two requests. */
export type Incident = "stop" | "start" | { readonly modify: string };

export interface Expectation {
  readonly status: number;
  /** WWW-Authenticate. */
  readonly challenge?: string;
  /** Of a CGI program that was let run; a value that is not UTF-8 is `{ base64 }`. Not seen where there is no body (HEAD). */
  readonly environment?: Readonly<Record<string, RecordedValue>>;
  /** What httpd logged about LDAP operations that failed. */
  readonly trouble?: readonly string[];
}

export type RecordedValue = string | { readonly base64: string };

const FOLDER = new URL("httpd/", import.meta.url);

/** All cases, topic by topic. */
export function readRecordedCases(): readonly RecordedCase[] {
  return readdirSync(FOLDER)
    .toSorted()
    .flatMap((file): RecordedCase[] => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")));
}

/** Whether something happens to the directory in it: then it needs the directory for itself. */
export function hasIncidents({ requests }: RecordedCase): boolean {
  return requests.some(({ before }) => before !== undefined);
}
