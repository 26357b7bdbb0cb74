import { connect } from "node:net";

/** The status of a request that is sent byte by byte as it is given here, on a connection of its own; 0 where there was no answer. */
export function rawStatus(url: string, head: string | Buffer, body = ""): Promise<number> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0)));
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from(`\r\n\r\n${body}`)]));
  });
}

/** The head of a GET request with these header lines, whatever bytes they hold (latin1). */
export function getHead(path: string, ...lines: readonly string[]): Buffer {
  const head = [`GET ${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...lines];
  return Buffer.from(head.join("\r\n"), "latin1");
}
