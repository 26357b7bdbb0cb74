import { type Browser, chromium } from "playwright-core";
import { realProgram } from "./real.ts";

/** Give its `skip` to the tests that use `startBrowser`. */
export const browserProgram = realProgram("chromium");

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the system's Chromium; `close()` it after. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram.path === undefined) throw new Error(browserProgram.skip);
  return await chromium.launch({ executablePath: browserProgram.path, args: FLAGS });
}
