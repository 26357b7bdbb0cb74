import { DirectoryError } from "../errors.ts";
import type { OperationReport } from "./directory.ts";

/** Hears of an operation when it has ended. */
export type Report = (operation: OperationReport) => void;

/** What an operation asks, as a report names it. */
export type Asked = Pick<OperationReport, "operation" | "dn" | "scope" | "filter" | "attribute">;

/**
 * Runs an operation and tells how it went. `run` gets a function to name the server with; nothing is worked out where nobody wants
 * to know.
 */
export function reported<T>(
  report: Report | undefined,
  what: () => Asked,
  describe: (value: T) => string,
  run: (heard: (server: string) => void) => Promise<T>,
): Promise<T> {
  return report === undefined ? run(nobody) : runAndTell(report, what, describe, run);
}

function nobody(): void {}

async function runAndTell<T>(
  report: Report,
  what: () => Asked,
  describe: (value: T) => string,
  run: (heard: (server: string) => void) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let server: string | undefined;
  const tell = (result: string) => {
    const milliseconds = performance.now() - began;
    report({ ...what(), server, result, milliseconds, cacheHit: false });
  };
  try {
    const value = await run((name) => {
      server = name;
    });
    tell(describe(value));
    return value;
  } catch (error) {
    tell(errorText(error));
    throw error;
  }
}

function errorText(error: unknown): string {
  if (!(error instanceof DirectoryError)) return "failed";
  const { code, resultCode } = error;
  return resultCode === undefined ? code : `${code} (${resultCode})`;
}
