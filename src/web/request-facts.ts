import type { Request } from "express";
import type { RequestFacts } from "../authorization/request-facts.ts";
import { requestUri } from "./request-uri.ts";

/** What the request itself does not tell. Looked at anew at each question: it changes while rules are asked. */
export interface KnownOfRequest {
  /** REMOTE_USER; undefined while nobody is signed in. */
  readonly remoteUser: string | undefined;
  /** AUTH_TYPE of somebody who is signed in. Default: `Basic`. */
  readonly authType?: string;
  /** An environment variable, in any letter case. */
  env(name: string): string | undefined;
}

/**
 * What rules and httpd's expressions may know of a request. Addresses, host and scheme are those of Express, so that its
 * `trust proxy` decides whom to believe. Never throws.
 */
export function requestFacts(req: Request, known: KnownOfRequest): RequestFacts {
  const { socket } = req;
  return {
    method: req.method,
    clientAddress: plainAddress(req.ip),
    serverAddress: plainAddress(socket.localAddress),
    variable: (name) => VARIABLES.get(name)?.(req, known),
    header: (name) => headerOf(req, name),
    env: (name) => known.env(name),
  };
}

type Lookup = (req: Request, known: KnownOfRequest) => string | undefined;

const VARIABLES: ReadonlyMap<string, Lookup> = new Map<string, Lookup>([
  [
    "AUTH_TYPE",
    (_req, { remoteUser, authType = "Basic" }) => (remoteUser === undefined ? undefined : authType),
  ],
  ["CONN_REMOTE_ADDR", (req) => plainAddress(req.socket.remoteAddress)],
  ["HTTP2", (req) => onOrOff(req.httpVersionMajor === 2)],
  ["HTTPS", (req) => onOrOff(req.secure)],
  ["IPV6", (req) => onOrOff(plainAddress(req.socket.remoteAddress).includes(":"))],
  ["QUERY_STRING", (req) => /\?(.*)$/s.exec(req.originalUrl)?.[1]],
  ["REMOTE_ADDR", (req) => plainAddress(req.ip)],
  ["REMOTE_PORT", (req) => req.socket.remotePort?.toString()],
  ["REMOTE_USER", (_req, { remoteUser }) => remoteUser],
  ["REQUEST_METHOD", (req) => req.method],
  ["REQUEST_SCHEME", (req) => (req.secure ? "https" : "http")],
  ["REQUEST_URI", (req) => requestUri(req.originalUrl)],
  ["SERVER_NAME", (req) => req.hostname?.toLowerCase().replace(/\.$/, "")],
  ["SERVER_PORT", serverPort],
  ["SERVER_PROTOCOL", protocol],
  ["THE_REQUEST", (req) => `${req.method} ${req.originalUrl} ${protocol(req)}`],
]);

function protocol(req: Request): string {
  return `HTTP/${req.httpVersion}`;
}

function onOrOff(is: boolean): string {
  return is ? "on" : "off";
}

/** That of the Host header, else the scheme's own: what the client asked for, as with httpd's UseCanonicalName Off. */
function serverPort(req: Request): string {
  return /:([0-9]+)$/.exec(req.headers.host ?? "")?.[1] ?? (req.secure ? "443" : "80");
}

/** An IPv4 address also where the socket is an IPv6 one. */
function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=[0-9]+\.)/i, "");
}

/** Node reads the bytes of headers as Latin-1; they are UTF-8 as far as they are text at all. */
function headerOf({ headers }: Request, name: string): string | undefined {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : value.join(", ");
  return Buffer.from(text, "latin1").toString();
}
