import { fixtureLdif, startFixtureDirectory } from "./fixture-directory.ts";
import { slapd, startSlapd } from "./slapd.ts";

/** A directory on the tests' tree. */
export interface RunningDirectory {
  readonly port: number;
  close(): Promise<void>;
}

/** The same tree on slapd and on the built-in directory; `more` is LDIF to load after it. */
export const bothDirectories: readonly {
  readonly name: string;
  readonly skip: string | false;
  start(more?: string): Promise<RunningDirectory>;
}[] = [
  {
    name: "the built-in directory",
    skip: false,
    start: (more = "") => startFixtureDirectory({ ldif: `${fixtureLdif}\n${more}` }),
  },
  {
    name: "slapd",
    skip: slapd.skip,
    start: (more = "") => startSlapd({ ldif: more }),
  },
];
