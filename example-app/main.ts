import cluster from "node:cluster";
import { ACCOUNTS_TO_TRY } from "./accounts.ts";
import { PEOPLE_TO_TRY } from "./built-in-directory.ts";
import { readEnvironment } from "./environment.ts";
import { MAIL_USERS_TO_TRY } from "./mail/people.ts";
import { serve } from "./serve.ts";
import { startWorkers } from "./workers.ts";

try {
  const environment = readEnvironment();
  const { mechanism, workers, ldapUrl } = environment;
  if (cluster.isWorker) {
    await serve(environment);
  } else {
    const { address, url } = await (workers > 1 ? startWorkers : serve)(environment);
    const shownHost = address.address.includes(":") ? `[${address.address}]` : address.address;
    write(`The intranet is at http://${shownHost}:${address.port}/`);
    if (workers > 1) write(`${workers} processes serve it`);
    write(`It asks ${url}`);
    if (!ldapUrl) {
      write("\nSign in with one of these (the password is the name and -pw):\n");
      writePeople([...PEOPLE_TO_TRY, ...ACCOUNTS_TO_TRY]);
      write(`\nThe mail server's users sign in at /mail (${mechanism}):\n`);
      writePeople(MAIL_USERS_TO_TRY);
    }
    write("\nStop it with Ctrl-C.");
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** Names, passwords, and what is special about them. */
function writePeople(people: readonly (readonly [username: string, about: string])[]): void {
  for (const [username, about] of people) {
    write(`  ${username.padEnd(10)} ${`${username}-pw`.padEnd(13)} ${about}`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What went wrong while starting, in words. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === "EADDRINUSE") {
    return `Port ${port} is in use. Choose another one: PORT=${Number(port) + 1} npm start`;
  }
  if (code === "EACCES")
    return `Port ${port} may not be opened by this user. Choose one above 1023.`;
  return error.message;
}
