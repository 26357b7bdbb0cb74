import type { Variables } from "../expressions/variables.ts";

/** What rules may know of a request. */
export interface RequestFacts extends Variables {
  /** As in the request line; letter case counts. */
  readonly method: string;
  /** The client's address, as Express' `trust proxy` sees it. */
  readonly clientAddress: string;
  /** The address that the client connected to. */
  readonly serverAddress: string;
}
