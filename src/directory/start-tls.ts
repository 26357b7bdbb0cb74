import type { Socket } from "node:net";
import { DirectoryError } from "../errors.ts";
import { openMessageStream } from "./message-stream.ts";
import { startTls } from "./requests.ts";
import { readResponse } from "./responses.ts";
import { SUCCESS } from "./result-codes.ts";

const MESSAGE_ID = 1;
const MOST_ANSWER_BYTES = 4096;

/**
 * Asks for StartTLS on a fresh connection and resolves when the server has agreed and nothing else was sent: bytes
 * that came in clear after the agreement could have been put there by anybody on the way, and would later pass for the
 * server's. Whatever else happens is an error; the caller destroys the socket then.
 */
export function requestStartTls(
  socket: Socket,
  server: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = openMessageStream(MOST_ANSWER_BYTES);

    function fail(problem: string, options: { cause?: unknown; resultCode?: number } = {}): void {
      settle();
      reject(new DirectoryError(`${server}: ${problem}`, { code: "tls", ...options }));
    }
    function onData(chunk: Buffer): void {
      try {
        const messages = [...stream.push(chunk)];
        const [answer] = messages;
        if (answer === undefined) return;
        if (messages.length > 1 || stream.pending > 0) {
          fail("it sent something in clear after agreeing to StartTLS");
          return;
        }
        readAnswer(answer);
      } catch (cause) {
        fail("its answer to StartTLS is not LDAP", { cause });
      }
    }
    function readAnswer(answer: Buffer): void {
      const response = readResponse(answer);
      if (
        response.type !== "result" ||
        response.operation !== "extended" ||
        response.id !== MESSAGE_ID
      ) {
        fail("it answered something else to StartTLS");
        return;
      }
      const { code, text } = response.result;
      if (code !== SUCCESS) {
        fail(`it refused StartTLS (result code ${code}${text && `: ${text}`})`, {
          resultCode: code,
        });
        return;
      }
      settle();
      resolve();
    }
    function onError(cause: Error): void {
      fail(`the connection broke during StartTLS: ${cause.message}`, { cause });
    }
    function onClose(): void {
      fail("it closed the connection instead of answering StartTLS");
    }
    function onAbort(): void {
      settle();
      reject(signal.reason);
    }
    function settle(): void {
      socket.pause();
      socket.off("data", onData).off("error", onError).off("close", onClose).off("end", onClose);
      signal.removeEventListener("abort", onAbort);
    }

    if (signal.aborted) {
      onAbort();
      return;
    }
    socket.on("data", onData).on("error", onError).on("close", onClose).on("end", onClose);
    signal.addEventListener("abort", onAbort);
    socket.write(startTls(MESSAGE_ID));
  });
}
