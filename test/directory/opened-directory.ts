import { readFileSync } from "node:fs";
import { after } from "node:test";
import { type Deadline, startDeadline } from "../../src/directory/deadline.ts";
import type { Directory, SearchQuery } from "../../src/directory/directory.ts";
import type { DirectorySettings } from "../../src/directory/directory-settings.ts";
import { openDirectory } from "../../src/directory/open-directory.ts";
import type { LogRecord } from "../../src/log.ts";
import type { TestDirectory, TestDirectoryOptions } from "../../src/testing/index.ts";
import {
  type FakeServer,
  type FakeServerOptions,
  type Script,
  startFakeServer,
} from "../support/fake-server.ts";
import { startFixtureDirectory } from "../support/fixture-directory.ts";

const opened: { close(): Promise<void> }[] = [];
after(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

/** What no fault may ever cause: counted from the first import on. */
export const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));

export interface OpenedDirectory {
  readonly directory: Directory;
  readonly log: readonly LogRecord[];
}

/** A directory on these ports of this machine, with short times; closed at the end of the file. */
export function openedDirectory(
  ports: readonly number[],
  settings: Partial<DirectorySettings> = {},
): OpenedDirectory {
  const log: LogRecord[] = [];
  const directory = openDirectory({
    servers: ports.map((port) => ({ kind: "tcp", host: "127.0.0.1", port })),
    security: "none",
    tls: { minVersion: "TLSv1.2" },
    serviceAccount: { kind: "anonymous" },
    connections: { search: 2, bind: 32, queue: 1_000 },
    dialTimeout: 2_000,
    operationTimeout: 2_000,
    idleTimeout: 300_000,
    log: (record) => log.push(record),
    ...settings,
  });
  opened.push(directory);
  return { directory, log };
}

/** A fake server that is closed at the end of the file. */
export async function fakeServer(
  script?: Script,
  options?: FakeServerOptions,
): Promise<FakeServer> {
  const server = await startFakeServer(script, options);
  opened.push(server);
  return server;
}

/** The built-in directory on the tests' tree, closed at the end of the file. */
export async function builtIn(options?: Partial<TestDirectoryOptions>): Promise<TestDirectory> {
  const server = await startFixtureDirectory(options);
  opened.push(server);
  return server;
}

export function soon(milliseconds = 2_000): Deadline {
  return startDeadline(milliseconds);
}

export const ANYBODY: SearchQuery = {
  base: "dc=test",
  scope: "sub",
  filter: { type: "equal", attribute: "uid", value: Buffer.from("anybody") },
  attributes: ["uid"],
  limit: 2,
};

/** A file of test/fixtures/tls. */
export function pem(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

/** A key and certificate of test/fixtures/tls. */
export function keyPair(name: string): { key: Buffer; cert: Buffer } {
  return { key: pem(`${name}.key`), cert: pem(`${name}.pem`) };
}
