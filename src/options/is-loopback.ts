import { isIPv4 } from "node:net";

/** Whether a host is this machine, going by its name: what is sent there leaves no trace on a wire. */
export function isLoopback(host: string): boolean {
  return (
    host.toLowerCase() === "localhost" ||
    host === "::1" ||
    (isIPv4(host) && host.startsWith("127."))
  );
}
