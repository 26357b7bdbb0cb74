/**
 * What an access(5) result refuses somebody, as a mail server would say it. Plain data: results of a login and a rereading carry it.
 */
export interface Restriction {
  /** `reject`: 5NN, answered with 403. `defer`: 4NN, answered with 503. */
  readonly kind: "reject" | "defer";
  /** The SMTP reply code: 400 to 599. */
  readonly code: number;
  /** The enhanced status code of RFC 3463: `5.7.1`. */
  readonly enhancedStatus: string;
  /** The administrator's words for the person. */
  readonly text: string;
}
