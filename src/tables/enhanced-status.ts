/** RFC 3463 as Postfix accepts it: a class, and two numbers of at most three digits. */
const WITH_STATUS = /^(?<status>[245]\.\d{1,3}\.\d{1,3})(?:[ \t\r\n\v\f]+(?<rest>.*))?$/s;

/** What Postfix makes of a status about a mailbox (`x.1.n`) where it is a sender that is refused. */
const OF_SENDERS: Readonly<Record<string, string>> = {
  "1": "7",
  "2": "8",
  "3": "7",
  "4": "7",
  "5": "0",
  "6": "7",
};

/** An enhanced status code and the words that follow it. */
export interface StatusAndText {
  readonly enhancedStatus: string;
  readonly text: string;
}

/**
 * Takes the enhanced status code (RFC 3463) off a text, or the usual one for policy (`x.7.1`) where it begins with none. As in Postfix its class is that of
 * the reply code, and one about a recipient becomes one about a sender.
 */
export function splitStatus(text: string, code: number): StatusAndText {
  const ofCode = Math.floor(code / 100);
  const { status, rest = "" } = WITH_STATUS.exec(text)?.groups ?? {};
  if (status === undefined) return { enhancedStatus: `${ofCode}.7.1`, text };
  const [, subject = "", detail = ""] = status.split(".");
  const own = subject === "1" ? (OF_SENDERS[detail] ?? detail) : detail;
  return { enhancedStatus: `${ofCode}.${subject}.${own}`, text: rest };
}
