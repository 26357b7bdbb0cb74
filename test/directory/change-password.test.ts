import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import type { PasswordChangeAnswer } from "../../src/directory/account-answer.ts";
import type { Directory } from "../../src/directory/directory.ts";
import type { LdapEvent } from "../../src/events.ts";
import type { LogRecord } from "../../src/log.ts";
import {
  entry,
  type FakeConnection,
  type FakeServer,
  type Received,
  result,
  resultFor,
  type Script,
} from "../support/fake-server.ts";
import { type AnswerControl, policy, resultWithControls } from "../support/policy-controls.ts";
import { fakeServer, keyPair, openedDirectory, pem, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";
const OLD = "old-canary";
const NEW = "new-canary";

const BIND = 0x60;
const SEARCH = 0x63;
const MODIFY = 0x66;
const EXTENDED = 0x77;

/** What a server does with the change itself; all else succeeds. */
type OnChange = (received: Received, connection: FakeConnection) => void;

interface FakeKind {
  readonly isActiveDirectory?: boolean;
  /** The result code and text of the person's bind. */
  readonly bind?: readonly [code: number, text?: string];
}

function serving(onChange: OnChange, { isActiveDirectory = false, bind }: FakeKind = {}): Script {
  return (received, connection) => {
    const { id, tag, bytes } = received;
    if (tag === MODIFY || tag === EXTENDED) {
      onChange(received, connection);
    } else if (tag === SEARCH) {
      const capabilities = isActiveDirectory ? ["1.2.840.113556.1.4.800"] : [];
      connection.send(entry(id, "", { supportedCapabilities: capabilities }), resultFor(received));
    } else if (tag === BIND && bytes.includes(OLD) && bind) {
      connection.send(resultFor(received, ...bind));
    } else if (tag === 0x42) {
      connection.socket.end();
    } else {
      connection.send(resultFor(received));
    }
  };
}

interface Served {
  readonly directory: Directory;
  readonly log: readonly LogRecord[];
  readonly servers: readonly FakeServer[];
  change(): Promise<PasswordChangeAnswer>;
}

/** A directory over TLS on servers that do this. */
async function served(...scripts: readonly Script[]): Promise<Served> {
  const servers = await Promise.all(
    scripts.map((script) => fakeServer(script, { ...keyPair("good"), tls: true })),
  );
  const { directory, log } = openedDirectory(
    servers.map(({ port }) => port),
    {
      security: "tls",
      tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")] },
      operationTimeout: 300,
      dialTimeout: 1_000,
    },
  );
  const change = () => directory.changePassword(USER, OLD, NEW, soon());
  return { directory, log, servers, change };
}

function count({ servers }: Served, ...tags: readonly number[]): number {
  return servers.flatMap(({ received }) => received).filter(({ tag }) => tags.includes(tag)).length;
}

/** An answer to the change. */
function answering(code: number, text = "", controls: readonly AnswerControl[] = []): OnChange {
  return ({ id, tag }, { send }) =>
    send(resultWithControls({ id, tag: tag === MODIFY ? 0x67 : 0x78, code, text }, controls));
}

const CHANGED = { outcome: "changed" };
const WRONG = { outcome: "wrong-password" };

describe("the change of a password", () => {
  it("is sent as RFC 3062 writes it, on the connection that the person is bound on", async () => {
    const at: number[] = [];
    const script = serving(answering(0));
    const one = await served((received, connection) => {
      if (received.tag === EXTENDED || received.bytes.includes(OLD)) at.push(connection.number);
      script(received, connection);
    });
    assert.deepEqual(await one.change(), CHANGED);
    assert.equal(at.length, 2);
    assert.equal(at[0], at[1]);
    const sent = one.servers[0]?.received.find(({ tag }) => tag === EXTENDED);
    assert(sent);
    const value = `3018810a${Buffer.from(OLD).toString("hex")}820a${Buffer.from(NEW).toString("hex")}`;
    assert(sent.bytes.includes(Buffer.from(value, "hex")));
    assert(sent.bytes.includes("1.3.6.1.4.1.4203.1.11.1"));
  });

  it("takes the old one away and adds the new one, with Active Directory", async () => {
    const one = await served(serving(answering(0), { isActiveDirectory: true }));
    assert.deepEqual(await one.change(), CHANGED);
    const [sent, ...more] = (one.servers[0]?.received ?? []).filter(({ tag }) => tag === MODIFY);
    assert.deepEqual(more, []);
    const bytes = sent?.bytes ?? Buffer.alloc(0);
    const value = (text: string) => Buffer.from(`"${text}"`, "utf16le");
    // RFC 4511 section 4.6: add 0, delete 1, replace 2.
    const part = (operation: string, text: string) =>
      bytes.indexOf(value(text)) > bytes.indexOf(Buffer.from(`0a01${operation}`, "hex"));
    assert(part("01", OLD) && part("00", NEW));
    assert(bytes.indexOf(value(OLD)) < bytes.indexOf(value(NEW)));
    assert(!bytes.includes(Buffer.from("0a0102", "hex")), "replaces nothing");
    assert.equal(count(one, EXTENDED), 0);
  });

  it("asks once what kind of server it is", async () => {
    const one = await served(serving(answering(0)));
    await one.change();
    await one.change();
    assert.equal(count(one, SEARCH), 1);
  });

  for (const isActiveDirectory of [false, true]) {
    it(`is an event of its own, without passwords (Active Directory: ${isActiveDirectory})`, async () => {
      const events: LdapEvent[] = [];
      const server = await fakeServer(serving(answering(0), { isActiveDirectory }), {
        ...keyPair("good"),
        tls: true,
      });
      const { directory } = openedDirectory([server.port], {
        security: "tls",
        tls: { minVersion: "TLSv1.2", ca: [pem("ca.pem")] },
        observe: (event) => events.push(event),
      });
      await directory.changePassword(USER, OLD, NEW, soon());
      const told = events.flatMap((event) =>
        event.type === "operation" ? [`${event.operation} ${event.result}`] : [],
      );
      assert.deepEqual(told, ["bind success", "search success", "password-change success"]);
      assert(!inspect(events).includes("canary"));
    });
  }

  it("is sent to nobody with a wrong old password", async () => {
    const one = await served(serving(answering(0), { bind: [49] }));
    assert.deepEqual(await one.change(), WRONG);
    assert.equal(count(one, EXTENDED, MODIFY, SEARCH), 0);
    assert.equal(count(one, BIND), 1);
  });

  for (const [dn, oldPassword, newPassword, expected] of [
    ["", OLD, NEW, WRONG],
    [USER, "", NEW, WRONG],
    [USER, undefined, NEW, WRONG],
    [USER, OLD, "", { outcome: "refused", text: undefined }],
    [USER, OLD, null, { outcome: "refused", text: undefined }],
    [USER, OLD, ["x"], { outcome: "refused", text: undefined }],
  ] as const) {
    it(`sends nothing for ${inspect([dn, oldPassword, newPassword])}`, async () => {
      const one = await served(serving(answering(0)));
      const change = one.directory.changePassword as (...args: unknown[]) => Promise<unknown>;
      assert.deepEqual(await change(dn, oldPassword, newPassword, soon()), expected);
      assert.equal(one.servers[0]?.totalConnections, 0);
    });
  }

  it("is sent over nothing that others could read", async () => {
    const server = await fakeServer(serving(answering(0)));
    const { directory } = openedDirectory([server.port]);
    assert.equal(directory.isProtected, false);
    await assert.rejects(directory.changePassword(USER, OLD, NEW, soon()), { code: "tls" });
    assert.equal(server.totalConnections, 0);
  });

  it("is sent over a Unix socket", async () => {
    const path = `/tmp/change-password-${process.pid}.socket`;
    await fakeServer(serving(answering(0)), { path });
    const { directory } = openedDirectory([], { servers: [{ kind: "unix", path }] });
    assert.equal(directory.isProtected, true);
    assert.deepEqual(await directory.changePassword(USER, OLD, NEW, soon()), CHANGED);
  });
});

const AD_SAYS = (code: string) =>
  `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${code}, v4563`;

describe("somebody who can't log in", () => {
  for (const code of ["773", "532"]) {
    it(`gets a new password of Active Directory (${code}), by the service account`, async () => {
      const kind = { isActiveDirectory: true, bind: [49, AD_SAYS(code)] } as const;
      const one = await served(serving(answering(0), kind));
      assert.deepEqual(await one.change(), CHANGED);
      assert.equal(count(one, MODIFY), 1);
    });
  }

  for (const [code, state] of [
    ["533", "account-disabled"],
    ["701", "account-expired"],
    ["530", "not-at-this-time"],
    ["531", "not-from-here"],
  ] as const) {
    it(`gets none of Active Directory (${code})`, async () => {
      const kind = { isActiveDirectory: true, bind: [49, AD_SAYS(code)] } as const;
      const one = await served(serving(answering(0), kind));
      assert.deepEqual(await one.change(), { outcome: "not-possible", state });
      assert.equal(count(one, MODIFY, EXTENDED), 0);
    });
  }

  for (const code of ["775", "52e", "525"]) {
    it(`is told nothing (${code})`, async () => {
      const kind = { isActiveDirectory: true, bind: [49, AD_SAYS(code)] } as const;
      const one = await served(serving(answering(0), kind));
      assert.deepEqual(await one.change(), WRONG);
      assert.equal(count(one, MODIFY, EXTENDED), 0);
    });
  }

  it("gets none by RFC 3062 once the password has expired", async () => {
    const script = serving(answering(0));
    const one = await served((received, connection) => {
      const { id, tag, bytes } = received;
      if (tag !== BIND || !bytes.includes(OLD)) return script(received, connection);
      connection.send(resultWithControls({ id, tag: 0x61, code: 49 }, [policy("3003810100")]));
    });
    assert.deepEqual(await one.change(), { outcome: "not-possible", state: "password-expired" });
    assert.equal(count(one, EXTENDED), 0);
  });
});

const RESTRICTION = "0000052D: Constraint violation - check_password_restrictions: too short!";

describe("the answer to a new password", () => {
  for (const [code, text, controls, expected] of [
    [0, "", [], CHANGED],
    [0, "whatever", [policy("3003810105")], CHANGED],
    [19, "too short", [policy("3003810106")], { outcome: "refused", text: "too short" }],
    [19, "", [policy("3003810106")], { outcome: "refused", text: "The password is too short." }],
    [19, "", [policy("3003810108")], { outcome: "refused", text: "The password was used before." }],
    [50, "no", [policy("3003810103")], { outcome: "refused", text: "no" }],
    [53, "no", [policy("3003810104")], { outcome: "refused", text: "no" }],
    [19, "no good", [], { outcome: "refused", text: "no good" }],
    [19, "", [], { outcome: "refused", text: undefined }],
    [49, "", [], WRONG],
    ...[2, 8, 10, 12, 13, 16, 17, 20, 32, 34, 48, 50, 53, 65, 71, 118, 4096].map(
      (resultCode) => [resultCode, "x", [], { outcome: "not-possible", resultCode }] as const,
    ),
  ] as const) {
    it(`result code ${code} ${text} ${inspect(controls)}`, async () => {
      const one = await served(serving(answering(code, text, controls)));
      assert.deepEqual(await one.change(), expected);
      assert.equal(count(one, EXTENDED), 1);
    });
  }

  for (const code of [1, 3, 11, 51, 52, 80]) {
    it(`result code ${code}: nobody knows`, async () => {
      const one = await served(serving(answering(code)));
      await assert.rejects(one.change(), { name: "DirectoryError", resultCode: code });
      assert.equal(count(one, EXTENDED), 1);
    });
  }

  for (const [code, text, expected] of [
    [19, RESTRICTION, { outcome: "refused", text: "too short!" }],
    [
      19,
      "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0",
      { outcome: "refused", text: undefined },
    ],
    [53, RESTRICTION, { outcome: "refused", text: "too short!" }],
    [19, "00000056: AtrErr: DSID-03191083, #1:", WRONG],
    [53, "0000001F: SvcErr: DSID-031A12D2", { outcome: "not-possible", resultCode: 53 }],
    [19, "00000775: Password change not permitted", { outcome: "not-possible", resultCode: 19 }],
    [50, "00000005: SecErr: DSID-03152492", { outcome: "not-possible", resultCode: 50 }],
  ] as const) {
    it(`Active Directory's ${code} ${text.slice(0, 20)}`, async () => {
      const one = await served(serving(answering(code, text), { isActiveDirectory: true }));
      assert.deepEqual(await one.change(), expected);
      assert.equal(count(one, MODIFY), 1);
    });
  }

  it("tells an operator that the directory lets nobody change it, and why", async () => {
    const one = await served(serving(answering(50)));
    await one.change();
    const [record] = one.log.filter(({ event }) => event === "password-change-not-possible");
    assert.deepEqual(record?.details, { resultCode: 50 });
  });
});

/** How a connection can end after the change was sent. */
const BREAKS: readonly (readonly [what: string, code: string, onChange: OnChange])[] = [
  ["is reset", "unreachable", (_, { socket }) => void socket.destroy()],
  ["is closed", "unreachable", (_, { socket }) => void socket.end()],
  ["is silent", "timeout", () => {}],
  ["brings garbage", "protocol", (_, { send }) => send(Buffer.from("HTTP/1.1 400\r\n\r\n"))],
  ["brings a bind's answer", "protocol", ({ id }, { send }) => send(result(id, 0x61, 0))],
  [
    "brings an empty answer",
    "protocol",
    ({ id }, { send }) => send(Buffer.from([0x30, 5, 2, 1, id & 0x7f, 0x78, 0])),
  ],
  ["brings a control that can't be read", "protocol", answering(0, "", [policy("308480000000")])],
  ["brings that it is busy", "refused", answering(51)],
];

describe("a connection that ends when a new password was sent", () => {
  for (const isActiveDirectory of [false, true]) {
    for (const [what, code, onChange] of BREAKS) {
      it(`${what}: it is not sent again (${isActiveDirectory ? "unicodePwd" : "RFC 3062"})`, async () => {
        const kind = { isActiveDirectory };
        const one = await served(serving(onChange, kind), serving(answering(0), kind));
        // So that all connections are old ones, which are taken for cut off.
        assert.equal((await one.directory.checkPassword(USER, OLD, soon())).accepted, true);
        await one.directory.checkPassword(USER, OLD, soon());
        await assert.rejects(one.change(), (error: Error) => {
          assert.equal(error.name, "DirectoryError");
          assert.equal((error as Error & { code: string }).code, code);
          assert.match(error.message, /not known whether the password was changed/);
          return true;
        });
        assert.equal(count(one, EXTENDED, MODIFY), 1);
      });
    }
  }

  it("is not sent again by the service account either", async () => {
    const kind = { isActiveDirectory: true, bind: [49, AD_SAYS("773")] } as const;
    const cut: OnChange = (_, { socket }) => void socket.destroy();
    const one = await served(serving(cut, kind), serving(answering(0), kind));
    await one.directory.checkPassword(USER, OLD, soon());
    await assert.rejects(one.change(), { code: "unreachable" });
    assert.equal(count(one, MODIFY), 1);
  });
});

/** All that anybody could get to see. */
async function shown(one: Served): Promise<string> {
  const outcome = await one.change().catch((error: unknown) => error);
  return inspect([outcome, one.log, one.directory, one.directory.health()], {
    depth: 20,
    showHidden: true,
  });
}

describe("the passwords of a change", () => {
  const echo =
    (code: number): OnChange =>
    (received, connection) =>
      answering(code, received.bytes.toString("latin1"))(received, connection);

  for (const isActiveDirectory of [false, true]) {
    for (const code of [19, 1, 51, 53, 80]) {
      it(`are nowhere to be seen if the server repeats them (${code}, ${isActiveDirectory})`, async () => {
        const text = await shown(await served(serving(echo(code), { isActiveDirectory })));
        for (const secret of [OLD, NEW]) {
          assert(!text.includes(secret), text);
          const wide = [...secret].join("\\x00");
          assert(!text.includes(wide), text);
        }
        assert(!text.includes("c\\x00a\\x00n"), text);
      });
    }
    for (const [what, , onChange] of BREAKS) {
      it(`are in no error if the connection ${what} (${isActiveDirectory})`, async () => {
        const text = await shown(await served(serving(onChange, { isActiveDirectory })));
        assert(!text.includes(OLD) && !text.includes(NEW), text);
      });
    }
  }
});

after(() => assert.deepEqual(unhandled, []));
