import type { Request } from "express";

/** Whether the app takes the word of who sent this request for where it comes from (Express' `trust proxy`). */
export function isFromTrustedProxy(req: Request): boolean {
  const trusts = req.app.get("trust proxy fn") as
    | ((address: string, hop: number) => boolean)
    | undefined;
  return trusts?.(req.socket.remoteAddress ?? "", 0) === true;
}
