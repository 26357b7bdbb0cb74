/** A mail that was sent. */
export interface SentMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
}

/** What was sent, in memory: everybody here may read it, and it is gone when the process ends. */
export interface Outbox {
  add(mail: Omit<SentMail, "at">): void;
  /** The last one first. */
  messages(): readonly SentMail[];
}

/** How many are kept. */
const MOST = 50;

/** Begins an empty one. */
export function createOutbox(): Outbox {
  let sent: readonly SentMail[] = [];
  return {
    add(mail) {
      sent = [{ ...mail, at: new Date() }, ...sent].slice(0, MOST);
    },
    messages: () => sent,
  };
}

/** Whether it looks like a mail address. */
export function isAddress(text: unknown): text is string {
  return typeof text === "string" && text.length <= 254 && /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text);
}
