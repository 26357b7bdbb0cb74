import type { AuthnzLdapOptions } from "../src/index.ts";
import { type ApacheOptions, hasApache, startApache } from "./apache.ts";
import type { Load, LoadResult } from "./load.ts";
import { PEOPLE } from "./people.ts";
import { type Child, connectionsTo, cpuTime, peakMemory, startChild } from "./processes.ts";
import type { RawLoad } from "./subjects/raw.ts";

/** One subject under one load. */
export interface Contestant {
  readonly name: string;
  /** The status that each answer must have, or the figures would mean nothing. */
  readonly expected: string;
  measure(milliseconds: number): Promise<LoadResult>;
  /** So many logins one after the other, as fast as they go. Absent where there is no HTTP. */
  repeat?(requests: number): Promise<LoadResult>;
  /** The most memory that its process has had, in MB. */
  memory(): number;
  /** The CPU time that its process has used, in milliseconds. */
  cpu(): number;
  /** What is on the heap, in bytes. Absent where it is not Node. */
  heap?(): Promise<number>;
  /** Microseconds that each function takes itself while it is measured, by its name. Absent where it is not Node. */
  profile?(milliseconds: number): Promise<Profile>;
  /** Its connections to the directory at this moment. */
  connections(): number;
  close(): Promise<void>;
}

/** Where the time of a measurement went. */
export interface Profile {
  readonly result: LoadResult;
  readonly times: Readonly<Record<string, number>>;
}

/** HTTP connections that ask at the same time. */
const CLIENTS = 32;

/** Starts subjects on one directory; all are asked by the same load generator. */
export interface Starters {
  bare(name: string): Promise<Contestant>;
  bareSession(name: string): Promise<Contestant>;
  ours(name: string, settings: OurSettings): Promise<Contestant>;
  peer(name: string, file: string, who?: Load["who"]): Promise<Contestant>;
  /** Undefined where it is not installed. */
  apache(name: string, who: Load["who"], options: ApacheOptions): Promise<Contestant | undefined>;
  raw(name: string, isWrong: boolean): Promise<Contestant>;
}

/** How this package is asked. */
export interface OurSettings {
  readonly who: Load["who"];
  readonly options?: Partial<AuthnzLdapOptions>;
  /** Each connection has a session, in which somebody is signed in. */
  readonly hasSession?: boolean;
  /** Everybody has logged in once before. */
  readonly isKnown?: boolean;
}

/** `port` is the directory's, or that of a proxy before it. */
export function prepareStarters(generator: Child, port: number): Starters {
  async function run(load: Load): Promise<LoadResult> {
    return (await generator.ask("run", load)) as LoadResult;
  }

  function contestant(
    name: string,
    { pid, close }: { readonly pid: number; readonly close: () => Promise<void> },
    load: Omit<Load, "connections">,
  ): Contestant {
    const all = { ...load, connections: CLIENTS };
    return {
      name,
      expected: load.who === "wrong" ? "401" : "200",
      measure: (milliseconds) => run({ ...all, milliseconds }),
      repeat: (requests) => run({ ...all, requests }),
      memory: () => peakMemory(pid),
      cpu: () => cpuTime(pid),
      connections: () => connectionsTo(port, pid),
      close,
    };
  }

  async function inNode(
    name: string,
    file: string,
    settings: unknown,
    load: Omit<Load, "connections" | "port" | "cookies">,
    hasSession = false,
  ): Promise<Contestant> {
    const child = await startChild(file, settings);
    const own = Number(child.ready);
    const cookies = hasSession ? { cookies: await signIn(own) } : {};
    const started = contestant(name, child, { ...load, ...cookies, port: own });
    return {
      ...started,
      heap: async () => Number(await child.ask("heap")),
      async profile(milliseconds) {
        await child.ask("startProfile");
        const result = await started.measure(milliseconds);
        return { result, times: (await child.ask("stopProfile")) as Profile["times"] };
      },
    };
  }

  return {
    bare: (name) => inNode(name, "subjects/bare.ts", { hasSession: false }, { who: "nobody" }),
    bareSession: (name) =>
      inNode(name, "subjects/bare.ts", { hasSession: true }, { who: "nobody" }, true),
    async ours(name, { who, options = {}, hasSession = false, isKnown = false }) {
      const settings = { port, hasSession, options };
      const started = await inNode(name, "subjects/ours.ts", settings, { who }, hasSession);
      if (isKnown) await started.repeat?.(PEOPLE);
      return started;
    },
    peer: (name, file, who = "random") => inNode(name, file, { port }, { who }),
    async apache(name, who, options) {
      if (!hasApache) return undefined;
      const apache = await startApache(port, options);
      return contestant(name, apache, { port: apache.port, who });
    },
    async raw(name, isWrong) {
      const child = await startChild("subjects/raw.ts", { port });
      const ask = async (load: RawLoad) => (await child.ask("run", load)) as LoadResult;
      let best = { binds: 1, perSecond: 0 };
      await ask({ milliseconds: 300, binds: 32, isWrong });
      for (const binds of [1, 2, 4, 8, 16, 32]) {
        const { perSecond } = await ask({ milliseconds: 300, binds, isWrong });
        if (perSecond > best.perSecond) best = { binds, perSecond };
      }
      return {
        name: `${name}, ${best.binds} to bind`,
        expected: isWrong ? "401" : "200",
        measure: (milliseconds) => ask({ milliseconds, binds: best.binds, isWrong }),
        memory: () => peakMemory(child.pid),
        cpu: () => cpuTime(child.pid),
        connections: () => connectionsTo(port, child.pid),
        close: child.close,
      };
    },
  };
}

/** One session for each connection, by the subject's own login page. */
async function signIn(port: number): Promise<readonly string[]> {
  const origin = `http://127.0.0.1:${port}`;
  const logins = Array.from({ length: CLIENTS }, async () => {
    const answer = await fetch(`${origin}/login`, {
      method: "POST",
      redirect: "manual",
      headers: { Origin: origin },
      body: new URLSearchParams({ username: "user0", password: "secret-0" }),
    });
    const [cookie = ""] = answer.headers.getSetCookie();
    if (answer.status !== 303 || cookie === "") throw new Error(`no login: ${answer.status}`);
    return cookie.replace(/;.*$/s, "");
  });
  return await Promise.all(logins);
}
