import { readFileSync } from "node:fs";
import type { Variables } from "../../src/expressions/variables.ts";

/** What a real httpd made of expressions; see `httpd-expressions.json` for its version. */
export interface HttpdExpressions {
  /** Asked with no header but Host, and GRP set to x. */
  readonly conditions: readonly {
    readonly expression: string;
    readonly holds?: boolean;
    readonly error?: string;
  }[];
  /** Asked with a header X. */
  readonly strings: readonly {
    readonly text: string;
    readonly x: string;
    readonly result: string;
  }[];
  readonly refused: readonly {
    readonly kind: "condition" | "string";
    readonly text: string;
    readonly error: string;
  }[];
  /** `V|W|Z` after these lines. */
  readonly environment: readonly {
    readonly lines: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
    readonly result: string;
  }[];
}

export function httpdExpressions(): HttpdExpressions {
  const url = new URL("../fixtures/httpd-expressions.json", import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

/** The request that the recordings were made with. */
const SERVER: Readonly<Record<string, string>> = {
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/t1/",
  REQUEST_SCHEME: "http",
  REMOTE_ADDR: "127.0.0.1",
  SERVER_PROTOCOL: "HTTP/1.1",
  HTTP2: "off",
  HTTPS: "off",
  IPV6: "off",
};

/** Variables of a request with these headers and environment variables. */
export function variablesWith(
  headers: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  server: Readonly<Record<string, string>> = {},
): Variables {
  const find = (record: Readonly<Record<string, string>>) => {
    const values = new Map(Object.entries(record).map(([k, value]) => [k.toLowerCase(), value]));
    return (name: string) => values.get(name.toLowerCase());
  };
  return {
    variable: find({ ...SERVER, ...server }),
    header: find({ Host: "localhost", ...headers }),
    env: find(env),
  };
}
