import { BlockList, isIPv6 } from "node:net";
import type { Request } from "express";
import { isFromTrustedProxy } from "./trusted-proxy.ts";
import type { WebSettings } from "./web-settings.ts";

/** What proxies add to a request that they pass on, besides `X-Forwarded-…`. */
const ADDED_BY_PROXIES = ["forwarded", "via", "x-real-ip"];

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Would a password that this request brings, or its answer asks for, travel in clear where others can listen (Dovecot's `ssl = required`)? `req.secure` says
 * what is TLS; what comes from this machine itself and from no proxy has not been anywhere.
 */
export function isExposed(req: Request, { requireTls }: WebSettings): boolean {
  if (requireTls === false || req.secure) return false;
  return requireTls === true || !isFromHere(req);
}

/** Behind a proxy on this machine everybody's connection comes from here: then each address that it names must be one of here, too. */
function isFromHere(req: Request): boolean {
  if (!isLoopback(req.socket.remoteAddress) || !isLoopback(req.ip)) return false;
  const signs = Object.keys(req.headers).filter(isAddedByProxy);
  if (signs.length === 0) return true;
  const forwardedFor = req.get("x-forwarded-for");
  const isTold = isFromTrustedProxy(req) && forwardedFor !== undefined;
  // Express does not read it, so nothing tells whose word it is.
  if (!isTold || req.headers.forwarded !== undefined) return false;
  return forwardedFor.split(",").every((address) => isLoopback(address.trim()));
}

function isAddedByProxy(header: string): boolean {
  return header.startsWith("x-forwarded-") || ADDED_BY_PROXIES.includes(header);
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
