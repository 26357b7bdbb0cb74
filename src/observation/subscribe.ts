import { ConfigError } from "../errors.ts";
import { logToStandardError } from "../log.ts";
import { CHANNELS, type EventOf, type EventType } from "./channels.ts";

/**
 * Calls a function with each event of a type, of all instances in this process, while what caused it goes on: it should be quick. Returns how to
 * stop that. What it throws, or rejects with, changes no request; the first time it is written to standard error. Throws a `ConfigError` for a type
 * that does not exist.
 */
export function subscribe<Type extends EventType>(
  type: Type,
  listener: (event: EventOf<Type>) => unknown,
): () => void {
  if (!Object.hasOwn(CHANNELS, type)) {
    const types = Object.keys(CHANNELS).join(", ");
    throw new ConfigError(`There are no such events. There are: ${types}.`, { option: "type" });
  }
  if (typeof listener !== "function") {
    throw new ConfigError("A function is needed, to be called with events.", {
      option: "listener",
    });
  }
  const failed = reportOnce(type);
  const onMessage = (message: unknown) => {
    try {
      const returned = listener(message as EventOf<Type>);
      // An async one's rejection would end the process.
      if (typeof returned === "object") Promise.resolve(returned).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  CHANNELS[type].subscribe(onMessage);
  return () => {
    CHANNELS[type].unsubscribe(onMessage);
  };
}

/** The first failure, as the others will be like it. */
function reportOnce(type: EventType): (error: unknown) => void {
  let isReported = false;
  return (error) => {
    if (isReported) return;
    isReported = true;
    const reason = error instanceof Error ? error.name : typeof error;
    const message = "A subscriber to events failed; this is said once.";
    logToStandardError({
      ...{ level: "error", event: "subscriber-failed", message },
      details: { type, reason },
    });
  };
}
