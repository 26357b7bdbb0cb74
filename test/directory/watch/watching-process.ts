import { openDirectory } from "../../../src/directory/open-directory.ts";

/** Opens a watch and does nothing else: `node watching-process.ts PORT SECURITY CA-FILE`. */
const [, , port, security, ca = ""] = process.argv;
const directory = openDirectory({
  servers: [{ kind: "tcp", host: "127.0.0.1", port: Number(port) }],
  security: security === "tls" ? "tls" : "none",
  tls: { minVersion: "TLSv1.2", ca: [ca] },
  serviceAccount: { kind: "anonymous" },
  connections: { search: 1, bind: 1, queue: 1 },
  dialTimeout: 5_000,
  operationTimeout: 5_000,
  idleTimeout: 60_000,
  log: () => {},
});
// What would have kept the process alive until then.
const alive = setTimeout(() => {}, 60_000);
const onMode = (mode: string | undefined) => {
  process.stdout.write(`${mode}\n`);
  clearTimeout(alive);
};
directory.watch({ base: "dc=test", scope: "sub", onMode }, () => {});
