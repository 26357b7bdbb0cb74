import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { Security, TlsSettings } from "../../src/directory/directory-settings.ts";
import type { DirectoryErrorCode } from "../../src/errors.ts";
import { eventually } from "../support/eventually.ts";
import { resultFor, type Script, succeed } from "../support/fake-server.ts";
import {
  ANYBODY,
  fakeServer,
  keyPair,
  openedDirectory,
  pem,
  soon,
  unhandled,
} from "./opened-directory.ts";

const SERVICE = "cn=service,dc=test";
const SERVICE_PASSWORD = "service-secret";
const USER_PASSWORD = "user-secret";

function secured(ports: readonly number[], security: Security, tls: Partial<TlsSettings> = {}) {
  return openedDirectory(ports, {
    security,
    tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")], ...tls },
    serviceAccount: { kind: "simple", dn: SERVICE, password: SERVICE_PASSWORD },
    dialTimeout: 1_000,
    operationTimeout: 1_000,
  }).directory;
}

/** StartTLS as it should not be, and what then has to be told. */
const onStartTls = (answer: Script): Script => {
  return (received, connection) => {
    if (received.tag === 0x77) answer(received, connection);
    else succeed(received, connection);
  };
};
const ATTACKS: readonly (readonly [what: string, code: DirectoryErrorCode, script: Script])[] = [
  [
    "is refused",
    "tls",
    onStartTls((received, { send }) =>
      send(resultFor(received, 2, "unsupported extended operation")),
    ),
  ],
  [
    "is agreed to, but clear text follows",
    "tls",
    onStartTls((received, { send }) => {
      send(resultFor(received));
      setTimeout(send, 20, resultFor({ ...received, id: 2, tag: 0x60 }));
    }),
  ],
  [
    "is agreed to with another answer behind it",
    "tls",
    onStartTls((received, connection) => {
      connection.send(resultFor(received), resultFor({ ...received, id: 2, tag: 0x60 }));
      connection.secure();
    }),
  ],
  [
    "is agreed to with half a message behind it",
    "tls",
    onStartTls((received, connection) => {
      connection.send(resultFor(received), Buffer.from([0x30]));
      connection.secure();
    }),
  ],
  [
    "is answered as if it were a bind",
    "tls",
    onStartTls((received, { send }) => send(resultFor({ ...received, tag: 0x60 }))),
  ],
  [
    "is answered under another message id",
    "tls",
    onStartTls((received, { send }) => send(resultFor({ ...received, id: 7 }))),
  ],
  [
    "is answered with an empty result",
    "tls",
    onStartTls((_, { send }) => send(Buffer.from("300502010178" + "00", "hex"))),
  ],
  [
    "is answered with something that is not LDAP",
    "tls",
    onStartTls((_, { send }) => send(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))),
  ],
  ["is never answered", "timeout", onStartTls(() => {})],
  [
    "is agreed to, but the handshake never answered",
    "timeout",
    onStartTls((received, { send, socket }) => {
      socket.removeAllListeners("data");
      socket.on("data", () => {});
      send(resultFor(received));
    }),
  ],
  ["makes the server close", "tls", onStartTls((_, { socket }) => socket.end())],
  ["makes the server reset", "tls", onStartTls((_, { socket }) => socket.resetAndDestroy())],
  [
    "is agreed to, but then the server closes",
    "tls",
    onStartTls((received, { send, socket }) => {
      send(resultFor(received));
      socket.end();
    }),
  ],
];

describe("StartTLS", () => {
  for (const [what, code, script] of ATTACKS) {
    it(`sends no password when it ${what}`, async () => {
      const server = await fakeServer(script, keyPair("good"));
      const directory = secured([server.port], "starttls");

      await assert.rejects(directory.search(ANYBODY, soon()), { name: "DirectoryError", code });
      await assert.rejects(directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon()), {
        name: "DirectoryError",
        code,
      });

      const sent = Buffer.concat([server.clearBytes, server.securedBytes]);
      assert(sent.length > 0);
      for (const secret of [SERVICE_PASSWORD, USER_PASSWORD, SERVICE]) {
        assert(!sent.includes(secret), `sent ${secret}`);
      }
      assert(server.received.every(({ tag }) => tag === 0x77 || tag < 0));
      await eventually(() => server.connections === 0);
    });
  }

  it("puts every password inside TLS, also after the server was restarted", async () => {
    const server = await fakeServer(succeed, keyPair("good"));
    const directory = secured([server.port], "starttls");

    for (let restart = 0; restart < 3; restart++) {
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
      assert.equal(
        (await directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon())).accepted,
        true,
      );
      server.cutAll();
    }

    assert(server.securedBytes.includes(USER_PASSWORD));
    assert(server.securedBytes.includes(SERVICE_PASSWORD));
    assert(!server.clearBytes.includes(USER_PASSWORD));
    assert(!server.clearBytes.includes(SERVICE_PASSWORD));
    const requests = server.received.filter(({ tag }) => tag === 0x77);
    assert.equal(requests.length, server.totalConnections);
  });

  it("does not go on in clear when the restarted server no longer knows it", async () => {
    const server = await fakeServer(succeed, keyPair("good"));
    const directory = secured([server.port], "starttls");
    assert.equal(
      (await directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon())).accepted,
      true,
    );

    server.script = (received, { send }) =>
      send(resultFor(received, received.tag === 0x77 ? 2 : 0));
    server.cutAll();

    await assert.rejects(directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon()), {
      code: "tls",
    });
    assert(!server.clearBytes.includes(USER_PASSWORD));
  });
});

describe("TLS from the first byte", () => {
  it("sends nothing but TLS", async () => {
    const server = await fakeServer(succeed, { ...keyPair("good"), tls: true });
    const directory = secured([server.port], "tls");
    assert.equal(
      (await directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon())).accepted,
      true,
    );
    assert.equal(server.clearBytes.length, 0);
  });

  it("refuses a server that speaks plain LDAP", async () => {
    const server = await fakeServer((received, { send }) => send(resultFor(received)));
    const directory = secured([server.port], "tls");
    await assert.rejects(directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon()), {
      name: "DirectoryError",
    });
    assert(!server.clearBytes.includes(USER_PASSWORD));
  });

  it("gives up a handshake that stalls", async () => {
    const server = await fakeServer(() => {});
    const directory = secured([server.port], "tls");
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "timeout" });
    await eventually(() => server.connections === 0);
  });
});

describe("the server's certificate", () => {
  const bad: readonly (readonly [certificate: string, cause: RegExp])[] = [
    ["expired", /has expired/],
    ["not-yet-valid", /not yet valid/],
    ["unknown-ca", /authority of its certificate is not trusted/],
    ["self-signed", /self-signed/],
    ["wrong-host", /for another host/],
    ["name-only", /for another host/],
    ["common-name-only", /does not contain a DNS name|for another host/],
    ["for-clients", /not meant for servers/],
  ];
  for (const security of ["starttls", "tls"] as const) {
    for (const [certificate, message] of bad) {
      it(`is refused if it is "${certificate}" (${security})`, async () => {
        const options = { ...keyPair(certificate), tls: security === "tls" };
        const server = await fakeServer(succeed, options);
        const directory = secured([server.port], security);

        await assert.rejects(directory.search(ANYBODY, soon()), { code: "tls", message });
        await assert.rejects(directory.checkPassword("uid=a,dc=test", USER_PASSWORD, soon()), {
          code: "tls",
          message,
        });

        assert(!server.securedBytes.includes(SERVICE_PASSWORD));
        assert(!server.securedBytes.includes(USER_PASSWORD));
      });
    }

    it(`is refused if its TLS version is too old (${security})`, async () => {
      const options = {
        ...keyPair("good"),
        tls: security === "tls",
        maxVersion: "TLSv1.2",
      } as const;
      const server = await fakeServer(succeed, options);
      const directory = secured([server.port], security, { minVersion: "TLSv1.3" });
      await assert.rejects(directory.search(ANYBODY, soon()), {
        code: "tls",
        message: /no TLS version that is allowed/,
      });
    });

    it(`is accepted if it is "good" (${security})`, async () => {
      const server = await fakeServer(succeed, { ...keyPair("good"), tls: security === "tls" });
      const directory = secured([server.port], security);
      assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    });
  }

  it("is checked against the name where a name was given, and against the address where an address was", async () => {
    const cases: readonly (readonly [certificate: string, host: string, isGood: boolean])[] = [
      ["name-only", "localhost", true],
      ["name-only", "127.0.0.1", false],
      ["address-only", "127.0.0.1", true],
      ["address-only", "localhost", false],
      ["good", "::1", true],
      ["good", "0:0:0:0:0:0:0:1", true],
      ["good", "::2", false],
      ["good", "127.0.0.2", false],
      ["name-only", "::1", false],
      ["common-name-only", "localhost", false],
    ];
    for (const [certificate, serverName, isGood] of cases) {
      const server = await fakeServer(succeed, keyPair(certificate));
      const directory = secured([server.port], "starttls", { serverName });
      const answer = directory.search(ANYBODY, soon());
      if (isGood) assert.deepEqual(await answer, [], `${certificate} for ${serverName}`);
      else await assert.rejects(answer, { code: "tls" }, `${certificate} for ${serverName}`);
    }
  });

  it("is not checked where that was asked for, in so many words", async () => {
    const server = await fakeServer(succeed, keyPair("self-signed"));
    const directory = secured([server.port], "starttls", { dangerouslyAcceptAnyCertificate: true });
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
  });

  it("is checked although NODE_TLS_REJECT_UNAUTHORIZED says otherwise", async (t) => {
    const server = await fakeServer(succeed, keyPair("self-signed"));
    const directory = secured([server.port], "starttls");
    const { env } = process;
    env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    t.after(() => delete env.NODE_TLS_REJECT_UNAUTHORIZED);
    await assert.rejects(directory.search(ANYBODY, soon()), { code: "tls" });
  });
});

describe("the client certificate", () => {
  it("is shown by the service account's connections and never by those that check a password", async () => {
    const server = await fakeServer(succeed, { ...keyPair("good"), clientCa: pem("ca.pem") });
    const { directory } = openedDirectory([server.port], {
      security: "starttls",
      tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")], ...keyPair("client") },
      serviceAccount: { kind: "external" },
    });

    await directory.search(ANYBODY, soon());
    const [bind] = server.received.filter(({ tag }) => tag === 0x60);
    assert(bind?.bytes.includes("EXTERNAL"));
    assert.deepEqual(server.clients, ["service"]);

    await directory.checkPassword("EXTERNAL", USER_PASSWORD, soon());
    assert.deepEqual(server.clients, ["service", undefined]);
    const last = server.received.at(-1);
    assert(last?.bytes.includes(USER_PASSWORD), "the name EXTERNAL is a simple bind");
  });

  it("is refused at start if it cannot be used", () => {
    const tls = { minVersion: "TLSv1.2", cert: "not PEM", key: "not PEM" } as const;
    assert.throws(() => openedDirectory([1], { security: "tls", tls }), {
      name: "ConfigError",
      option: "tls",
    });
  });
});

after(() => assert.deepEqual(unhandled, []));
