import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { DirectoryError } from "../../src/errors.ts";
import { eventually } from "../support/eventually.ts";
import { entry, result, resultFor, type Script, succeed } from "../support/fake-server.ts";
import { ANYBODY, fakeServer, openedDirectory, soon, unhandled } from "./opened-directory.ts";

const USER = "uid=anybody,dc=test";

/** Right is right and everything else wrong. */
const judge: Script = (received, connection) => {
  const isWrong = received.tag === 0x60 && !received.bytes.includes("right");
  if (received.tag === 0x42) connection.socket.end();
  else connection.send(resultFor(received, isWrong ? 49 : 0));
};

/** Answers as `judge` does, but each connection's answers so many milliseconds later. */
const slowly = (milliseconds: number): Script => {
  return (received, connection) => {
    setTimeout(judge, milliseconds, received, connection);
  };
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: DirectoryError) => reason,
  );
  assert.equal(error?.name, "DirectoryError");
  return error?.code ?? "";
}

describe("connections", () => {
  it("are not opened before there is something to ask", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port]);
    assert.equal(directory.health().state, "degraded");
    assert.equal(directory.health().servers[0]?.state, "unknown");
    assert.equal(server.totalConnections, 0);
  });

  it("give each of 100 logins at the same time its own verdict", async () => {
    const server = await fakeServer(slowly(2));
    const { directory } = openedDirectory([server.port]);
    const passwords = Array.from({ length: 100 }, (_, index) => (index % 3 ? "wrong" : "right"));
    const verdicts = await Promise.all(
      passwords.map((password) => directory.checkPassword(USER, password, soon())),
    );
    assert.deepEqual(
      verdicts.map(({ accepted }) => accepted),
      passwords.map((password) => password === "right"),
    );
    assert(server.totalConnections <= 32);
  });

  it("check one password at a time each, and never search", async () => {
    const busy = new Map<number, number>();
    const kinds = new Map<number, Set<number>>();
    const server = await fakeServer((received, connection) => {
      const { number } = connection;
      kinds.set(number, (kinds.get(number) ?? new Set()).add(received.tag));
      busy.set(number, (busy.get(number) ?? 0) + 1);
      if (received.tag === 0x60) assert.equal(busy.get(number), 1);
      setTimeout(() => {
        busy.set(number, (busy.get(number) ?? 0) - 1);
        judge(received, connection);
      }, 1);
    });
    const { directory } = openedDirectory([server.port], {
      connections: { search: 2, bind: 4, queue: 1_000 },
    });
    const work: Promise<unknown>[] = [];
    for (let index = 0; index < 100; index++) {
      work.push(directory.checkPassword(USER, index % 2 ? "right" : "wrong", soon()));
      work.push(directory.search(ANYBODY, soon()));
    }
    await Promise.all(work);
    for (const tags of kinds.values()) assert.equal(tags.size, 1);
    assert(kinds.size <= 6);
  });

  it("stay as many as they are through 10,000 wrong passwords", async () => {
    const server = await fakeServer(judge);
    const { directory } = openedDirectory([server.port], {
      connections: { search: 2, bind: 8, queue: 1_000 },
    });
    async function guess(): Promise<void> {
      for (let attempt = 0; attempt < 1_250; attempt++) {
        assert.equal(
          (await directory.checkPassword(USER, `wrong${attempt}`, soon())).accepted,
          false,
        );
      }
    }
    await Promise.all(Array.from({ length: 8 }, guess));
    assert.equal(server.received.length, 10_000);
    assert(server.totalConnections <= 8, `${server.totalConnections}`);
    assert.equal(server.connections, directory.health().connections.bind);
  });

  it("refuse at once when the queue is full, and serve the others", async () => {
    const server = await fakeServer(slowly(30));
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 2 },
    });
    const attempts = Array.from({ length: 6 }, () =>
      directory.checkPassword(USER, "right", soon()),
    );
    const outcomes = await Promise.allSettled(attempts);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 2);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") assert.equal(outcome.reason.code, "busy");
    }
  });

  it("serve whoever waits in the order of coming, and nobody whose time is over", async () => {
    const server = await fakeServer(slowly(40));
    const { directory } = openedDirectory([server.port], {
      connections: { search: 1, bind: 1, queue: 100 },
    });
    const order: string[] = [];
    const attempt = async (name: string, time: number) => {
      await directory.checkPassword(USER, `right ${name}`, soon(time)).then(
        () => order.push(name),
        (error: DirectoryError) => order.push(`${name}: ${error.code}`),
      );
    };
    await Promise.all([attempt("a", 2_000), attempt("b", 10), attempt("c", 2_000)]);
    assert.deepEqual(order, ["b: timeout", "a", "c"]);
    assert(!server.clearBytes.includes("right b"));
  });

  it("are closed when they were idle for long, and opened again", async () => {
    const server = await fakeServer();
    const { directory } = openedDirectory([server.port], { idleTimeout: 50 });
    await directory.search(ANYBODY, soon());
    await directory.checkPassword(USER, "right", soon());
    assert.equal(server.connections, 2);
    await eventually(() => server.connections === 0);
    assert(
      server.received.some(({ tag }) => tag === 0x42),
      "with an unbind request",
    );
    await directory.search(ANYBODY, soon());
  });

  it("are not needed by a decoy more than by a wrong password", async () => {
    const server = await fakeServer(judge);
    const { directory } = openedDirectory([server.port]);
    await directory.checkNobody(soon());
    const [bind, ...more] = server.received;
    assert.equal(bind?.tag, 0x60);
    assert.deepEqual(more, []);
    assert(bind?.bytes.includes("dc=invalid"));
  });
});

describe("a decoy", () => {
  it("takes about as long as wrong passwords took", async () => {
    const server = await fakeServer((received, connection) => {
      const isReal = received.bytes.includes(USER);
      setTimeout(judge, isReal ? 60 : 0, received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    for (let attempt = 0; attempt < 3; attempt++) {
      await directory.checkPassword(USER, "wrong", soon());
    }
    const began = performance.now();
    await directory.checkNobody(soon());
    const took = performance.now() - began;
    assert(took > 55 && took < 600, `${took}`);
  });

  it("holds back the refusal of somebody without a password, however often they are tried", async () => {
    const server = await fakeServer((received, connection) => {
      setTimeout(judge, received.bytes.includes("uid=usual") ? 60 : 0, received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    for (const name of ["usual1", "usual2", "usual3"]) {
      await directory.checkPassword(`uid=${name},dc=x`, "wrong", soon());
    }
    for (let attempt = 0; attempt < 8; attempt++) {
      const began = performance.now();
      await directory.checkPassword("uid=without,dc=x", "wrong", soon());
      const took = performance.now() - began;
      assert(took > 55, `${took}`);
    }
    const began = performance.now();
    await directory.checkNobody(soon());
    assert(performance.now() - began > 55);
  });

  it("does not take longer than there is time", async () => {
    const server = await fakeServer((received, connection) => {
      setTimeout(judge, received.bytes.includes(USER) ? 1_200 : 0, received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    await directory.checkPassword(USER, "wrong", soon());
    const began = performance.now();
    await directory.checkNobody(soon(200));
    assert(performance.now() - began < 900);
  });

  it("does not mind any result code, but does mind a directory that is away", async () => {
    const server = await fakeServer((received, { send }) => send(resultFor(received, 53)));
    const { directory } = openedDirectory([server.port]);
    await directory.checkNobody(soon());
    await server.close();
    assert.equal(await codeOf(directory.checkNobody(soon())), "unreachable");
  });

  it("tells loudly of a directory that lets in everybody", async () => {
    const server = await fakeServer(succeed);
    const { directory, log } = openedDirectory([server.port]);
    await directory.checkNobody(soon());
    assert.deepEqual(
      log.map(({ level, event }) => [level, event]),
      [["error", "directory-accepts-anything"]],
    );
  });
});

describe("time", () => {
  it("is kept with a server that accepts and says nothing: the budget, and not more", async () => {
    const server = await fakeServer(() => {});
    const { directory } = openedDirectory([server.port]);
    for (const ask of [
      () => directory.search(ANYBODY, soon(100)),
      () => directory.compare(USER, "uid", "x", soon(100)),
      () => directory.checkPassword(USER, "right", soon(100)),
    ]) {
      const began = performance.now();
      assert.equal(await codeOf(ask()), "timeout");
      assert(performance.now() - began < 400);
    }
  });

  it("is limited for each operation, also where the request has more", async () => {
    const server = await fakeServer(() => {});
    const { directory } = openedDirectory([server.port], { operationTimeout: 60 });
    const began = performance.now();
    assert.equal(await codeOf(directory.search(ANYBODY, soon(5_000))), "timeout");
    assert(performance.now() - began < 1_000);
  });

  it("of one operation is no concern of its neighbours on the connection", async () => {
    const server = await fakeServer((received, connection) => {
      if (!received.bytes.includes("slow")) setTimeout(judge, 60, received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    const slow = directory.search({ ...ANYBODY, base: "dc=slow" }, soon(400));
    const neighbours = (async () => {
      for (let round = 0; round < 10; round++) await directory.search(ANYBODY, soon());
    })();
    assert.equal(await codeOf(slow), "timeout");
    await neighbours;
    assert.equal(server.totalConnections, 1);
  });

  it("that is over does not spoil the connection: the late answer is swallowed", async () => {
    const late: (() => void)[] = [];
    const server = await fakeServer((received, connection) => {
      const { id } = received;
      if (received.bytes.includes("slow")) {
        late.push(() => connection.send(entry(id, "uid=late"), result(id, 0x65, 0)));
      } else {
        judge(received, connection);
      }
    });
    const { directory } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    const slow = codeOf(directory.search({ ...ANYBODY, base: "dc=slow" }, soon(300)));
    await eventually(() => late.length === 1);
    await directory.search(ANYBODY, soon());
    assert.equal(await slow, "timeout");
    for (const answer of late) answer();
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    assert.equal(server.totalConnections, 1);
  });

  it("that is over ends a connection on which nothing comes any more", async () => {
    const server = await fakeServer((received, connection) => {
      if (connection.number > 1) judge(received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    assert.equal(await codeOf(directory.search(ANYBODY, soon(50))), "timeout");
    assert.deepEqual(await directory.search(ANYBODY, soon()), []);
    await eventually(() => server.connections === 1);
  });

  it("that is over ends the connection that checks a password", async () => {
    const server = await fakeServer((received, connection) => {
      if (connection.number > 1) judge(received, connection);
    });
    const { directory } = openedDirectory([server.port]);
    assert.equal(await codeOf(directory.checkPassword(USER, "right", soon(50))), "timeout");
    await eventually(() => server.connections === 0);
    assert.equal((await directory.checkPassword(USER, "wrong", soon())).accepted, false);
  });
});

describe("a connection that checks a password", () => {
  it("is not used again after a bind that was not answered in time, though something came", async () => {
    const binds: number[] = [];
    const server = await fakeServer((received, connection) => {
      if (received.tag !== 0x60) return;
      binds.push(connection.number);
      if (binds.length > 1) judge(received, connection);
      else setTimeout(connection.send, 20, Buffer.from([0x30]));
    });
    const { directory } = openedDirectory([server.port]);
    assert.equal(await codeOf(directory.checkPassword(USER, "right", soon(80))), "timeout");
    assert.equal((await directory.checkPassword(USER, "wrong", soon())).accepted, false);
    assert.deepEqual(binds, [1, 2]);
  });
});

describe("close", () => {
  it("waits for what is under way, then ends everything and refuses what comes", async () => {
    const server = await fakeServer(slowly(50));
    const { directory } = openedDirectory([server.port]);
    await directory.search(ANYBODY, soon());
    const login = directory.checkPassword(USER, "right", soon());
    await eventually(() => server.received.some(({ tag }) => tag === 0x60));
    const [verdict] = await Promise.all([login, directory.close(), directory.close()]);
    assert.equal(verdict.accepted, true);
    await eventually(() => server.connections === 0);
    for (const late of [
      directory.search(ANYBODY, soon()),
      directory.checkPassword(USER, "right", soon()),
      directory.checkNobody(soon()),
      directory.compare(USER, "uid", "x", soon()),
    ]) {
      assert.equal(await codeOf(late), "closed");
    }
    assert.equal(directory.health().state, "down");
    assert.equal(server.connections, 0);
  });

  it("ends a connection that is being opened", async () => {
    const server = await fakeServer(() => {});
    const { directory } = openedDirectory([server.port], {
      security: "tls",
      serviceAccount: { kind: "anonymous" },
    });
    const search = codeOf(directory.search(ANYBODY, soon()));
    await eventually(() => server.connections === 1);
    await directory.close();
    assert.equal(await search, "closed");
    await eventually(() => server.connections === 0);
  });
});

after(() => assert.deepEqual(unhandled, []));
