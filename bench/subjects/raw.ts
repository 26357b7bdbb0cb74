/** ldapts alone, without HTTP: a search and a bind for each login, 32 logins at a time. What nobody in Node can beat by much. */
import { Client, EqualityFilter, InvalidCredentialsError } from "ldapts";
import type { LoadResult } from "../load.ts";
import { BASE, passwordOf, personAt, SERVICE, usernameOf } from "../people.ts";
import { answerQuestions, settingsOf } from "../processes.ts";

/** How to log in. */
export interface RawLoad {
  readonly milliseconds: number;
  /** Connections that bind. */
  readonly binds: number;
  readonly isWrong: boolean;
}

const { port } = settingsOf<{ readonly port: number }>();
const url = `ldap://127.0.0.1:${port}`;
const searcher = new Client({ url });
await searcher.bind(SERVICE.dn, SERVICE.password);
const binders: Client[] = [];
const LOGINS = 32;
let turn = 0;

async function find(value: string): Promise<string> {
  const { searchEntries } = await searcher.search(BASE, {
    scope: "sub",
    filter: new EqualityFilter({ attribute: "uid", value }),
    attributes: ["uid", "mail"],
    sizeLimit: 2,
  });
  const [entry] = searchEntries;
  if (entry === undefined || searchEntries.length > 1) throw new Error(`${value} was not found`);
  return entry.dn;
}

async function bind(binder: Client, dn: string, password: string): Promise<boolean> {
  try {
    await binder.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  }
}

async function run({ milliseconds, binds, isWrong }: RawLoad): Promise<LoadResult> {
  while (binders.length < binds) {
    const binder = new Client({ url });
    await binder.bind(SERVICE.dn, SERVICE.password);
    binders.push(binder);
  }
  const free = binders.slice(0, binds);
  const waiting: ((binder: Client) => void)[] = [];
  const answers = { 200: 0, 401: 0 };
  const began = performance.now();
  let counted = 0;
  const isOver = () => performance.now() - began >= milliseconds;

  async function logInRepeatedly(): Promise<void> {
    while (!isOver()) {
      const number = personAt(turn++);
      const dn = await find(usernameOf(number));
      const binder =
        free.pop() ?? (await new Promise<Client>((resolve) => void waiting.push(resolve)));
      const password = isWrong ? `wrong-${number}` : passwordOf(number);
      const isIn = await bind(binder, dn, password);
      const next = waiting.shift();
      if (next) next(binder);
      else free.push(binder);
      answers[isIn ? 200 : 401] += 1;
      if (!isOver()) counted += 1;
    }
  }
  await Promise.all(Array.from({ length: LOGINS }, logInRepeatedly));
  return { perSecond: counted / (milliseconds / 1_000), answers };
}

answerQuestions(port, { run: (load) => run(load as RawLoad) });
