import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { PEOPLE_TO_TRY, startBuiltInDirectory } from "./built-in-directory.ts";
import { readEnvironment } from "./environment.ts";
import { ldapOptionsOf } from "./ldap-options.ts";
import { closeOnSignal } from "./shutdown.ts";

try {
  const environment = readEnvironment();
  const { host, port, ldapUrl, sessionSecret } = environment;
  const builtIn = ldapUrl ? undefined : await startBuiltInDirectory();
  const url = ldapUrl ?? builtIn?.url ?? "";
  const { app, ldap } = createApp({ ldapOptions: ldapOptionsOf(url, environment), sessionSecret });

  const server = app.listen(port, host);
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  closeOnSignal(server, async () => {
    await ldap.close();
    await builtIn?.directory.close();
  });

  const address = server.address() as AddressInfo;
  const shownHost = address.family === "IPv6" ? `[${address.address}]` : address.address;
  write(`The intranet is at http://${shownHost}:${address.port}/`);
  write(`It asks ${url}`);
  if (builtIn) {
    write("\nSign in with one of these (the password is the name and -pw):\n");
    for (const [username, about] of PEOPLE_TO_TRY) {
      write(`  ${username.padEnd(10)} ${`${username}-pw`.padEnd(13)} ${about}`);
    }
  }
  write("\nStop it with Ctrl-C.");
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
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
