import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import express, { type Request } from "express";
import fc from "fast-check";
import type { RequestFacts } from "../../src/authorization/request-facts.ts";
import { CannotTell } from "../../src/expressions/cannot-tell.ts";
import { type KnownOfRequest, requestFacts } from "../../src/web/request-facts.ts";
import { requestUri } from "../../src/web/request-uri.ts";

const NOBODY: KnownOfRequest = { remoteUser: undefined, env: () => undefined };

describe("requestFacts", () => {
  let port: number;
  let look: (req: Request) => void = () => {};
  let close: () => void;

  before(async () => {
    const app = express();
    app.set("trust proxy", "loopback");
    app.use((req, res) => {
      look(req);
      res.end();
    });
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    port = (server.address() as AddressInfo).port;
    close = () => server.close();
  });
  after(() => close());

  /** What is found out about a request that is sent byte for byte. */
  async function factsOf<T>(
    head: readonly string[],
    ask: (facts: RequestFacts) => T,
    known = NOBODY,
  ): Promise<T> {
    const asked = new Promise<T>((resolve, reject) => {
      look = (req) => {
        try {
          resolve(ask(requestFacts(req, known)));
        } catch (error) {
          reject(error);
        }
      };
    });
    const socket = connect(port, "127.0.0.1");
    socket.end([...head, "Connection: close", "", ""].join("\r\n"));
    socket.resume();
    const answer = await asked;
    socket.destroy();
    return answer;
  }

  const ask = (name: string) => (facts: RequestFacts) => facts.variable(name);
  const GET = ["GET /a%20b//c?x=%20y?z HTTP/1.1", "Host: Example.ORG.:8080"];

  for (const [name, value] of [
    ["REQUEST_METHOD", "GET"],
    ["REQUEST_URI", "/a b/c"],
    ["QUERY_STRING", "x=%20y?z"],
    ["THE_REQUEST", "GET /a%20b//c?x=%20y?z HTTP/1.1"],
    ["REQUEST_SCHEME", "http"],
    ["SERVER_PROTOCOL", "HTTP/1.1"],
    ["SERVER_NAME", "example.org"],
    ["SERVER_PORT", "8080"],
    ["REMOTE_ADDR", "127.0.0.1"],
    ["CONN_REMOTE_ADDR", "127.0.0.1"],
    ["HTTPS", "off"],
    ["HTTP2", "off"],
    ["IPV6", "off"],
    ["REMOTE_USER", undefined],
    ["AUTH_TYPE", undefined],
    ["NO_SUCH", undefined],
    ["constructor", undefined],
  ] as const) {
    it(`says that ${name} is ${value}`, async () => {
      assert.equal(await factsOf(GET, ask(name)), value);
    });
  }

  it("knows the port of the client, and its own address", async () => {
    assert.match((await factsOf(GET, ask("REMOTE_PORT"))) ?? "", /^\d+$/);
    assert.equal(await factsOf(GET, (facts) => facts.serverAddress), "127.0.0.1");
  });

  it("has no query where there is none", async () => {
    assert.equal(await factsOf(["GET / HTTP/1.1", "Host: a"], ask("QUERY_STRING")), undefined);
  });

  it("takes the scheme's port where the host names none", async () => {
    assert.equal(await factsOf(["GET / HTTP/1.1", "Host: a"], ask("SERVER_PORT")), "80");
    assert.equal(await factsOf(["GET / HTTP/1.1", "Host: [::1]"], ask("SERVER_PORT")), "80");
  });

  it("believes a trusted proxy, and only it", async () => {
    const head = [
      ...GET,
      "X-Forwarded-For: 192.0.2.7, ::ffff:198.51.100.9",
      "X-Forwarded-Proto: https",
    ];
    assert.equal(await factsOf(head, ({ clientAddress }) => clientAddress), "198.51.100.9");
    assert.equal(await factsOf(head, ask("REMOTE_ADDR")), "198.51.100.9");
    assert.equal(await factsOf(head, ask("CONN_REMOTE_ADDR")), "127.0.0.1");
    assert.equal(await factsOf(head, ask("HTTPS")), "on");
  });

  it("says who it is as often as it is asked, as that changes", async () => {
    let remoteUser: string | undefined;
    const known = {
      get remoteUser() {
        return remoteUser;
      },
      env: (name: string) => (name === "GRP" ? "admins" : undefined),
    };
    await factsOf(
      GET,
      (facts) => {
        assert.equal(facts.variable("REMOTE_USER"), undefined);
        remoteUser = "alice";
        assert.equal(facts.variable("REMOTE_USER"), "alice");
        assert.equal(facts.variable("AUTH_TYPE"), "Basic");
        assert.equal(facts.env("GRP"), "admins");
      },
      known,
    );
  });

  it("reads headers in any letter case, joined where there are several, as UTF-8", async () => {
    const head = [...GET, "X-Test: Bücher", "x-test: 2", "Set-Cookie: a", "Set-Cookie: b"];
    const header = (name: string) => factsOf(head, (facts) => facts.header(name));
    assert.equal(await header("x-TEST"), "Bücher, 2");
    assert.equal(await header("set-cookie"), "a, b");
    assert.equal(await header("X-None"), undefined);
  });

  it("takes nothing for a header that is none", async () => {
    for (const name of ["constructor", "__proto__", "toString", ""]) {
      assert.equal(await factsOf(GET, (facts) => facts.header(name)), undefined);
    }
  });
});

describe("requestFacts of anything", () => {
  const NAMES = [
    ..."AUTH_TYPE CONN_REMOTE_ADDR HTTP2 HTTPS IPV6 QUERY_STRING REMOTE_ADDR REMOTE_PORT".split(
      " ",
    ),
    ..."REMOTE_USER REQUEST_METHOD REQUEST_SCHEME REQUEST_URI SERVER_NAME SERVER_PORT".split(" "),
    ..."SERVER_PROTOCOL THE_REQUEST __proto__".split(" "),
  ];

  it("never throws, and gives text or nothing", () => {
    const app = express();
    app.set("trust proxy", ["10.0.0.0/8", "loopback"]);
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "[", "[::1", "a:b:c", ":1", "http://", "10.0.0.1, x, ", "127.0.0.1"),
    );
    const headers = fc.record(
      { host: text, "x-forwarded-for": text, "x-forwarded-proto": text, "x-forwarded-host": text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, text, fc.option(text), (sent, originalUrl, address) => {
        const socket = { remoteAddress: address ?? undefined };
        const own = { app, headers: sent, originalUrl, socket, connection: socket, method: "GET" };
        const req = Object.assign(Object.create(express.request), own);
        const facts = requestFacts(req, { remoteUser: "alice", env: () => undefined });
        for (const name of NAMES) {
          assert(["string", "undefined"].includes(typeof facts.variable(name)), name);
        }
        assert.equal(
          facts.header("host"),
          sent.host && Buffer.from(sent.host, "latin1").toString(),
        );
      }),
    );
  });
});

describe("requestUri", () => {
  for (const [url, uri] of [
    ["/t/a%20b//c/./d/../e%41?x=%20y?z", "/t/a b/c/eA"],
    ["/a%25b%3Fc%23;d=1", "/a%b?c#;d=1"],
    ["/%C3%A4", "/ä"],
    ["/x?", "/x"],
    ["/x/..", "/"],
    ["/x/", "/x/"],
    ["/x/.", "/x/"],
    ["/x/%2e%2E/y", "/y"],
    ["/../../etc", "/etc"],
    ["http://example.org/a%41", "/aA"],
    ["http://example.org", "/"],
    ["*", "*"],
    ["", "/"],
  ] as const) {
    it(`makes ${uri} of ${url}`, () => {
      assert.equal(requestUri(url), uri);
    });
  }

  for (const url of [
    "/a%5Cb",
    "/a\\b",
    "/a%2Fb",
    "/a%2fb",
    "/a%00b",
    "/a%zz",
    "/a%",
    "/public/..%2fin",
  ]) {
    it(`can't tell what ${url} is`, () => {
      assert.throws(() => requestUri(url), CannotTell);
    });
  }

  it("never throws anything else, and never gives two slashes or dot segments", () => {
    const url = fc.array(fc.constantFrom("/", "a", ".", "..", "%2e", "%2F", "%", "?", "%ff", "//"));
    fc.assert(
      fc.property(url, (parts) => {
        const url = `/${parts.join("")}`;
        try {
          assert.doesNotMatch(requestUri(url), /\/\/|\/\.{1,2}(\/|$)/);
        } catch (error) {
          assert(error instanceof CannotTell, String(error));
        }
      }),
    );
  });
});
