/** A line `name = value` of a dovecot-ldap.conf.ext. */
export interface Setting {
  readonly name: string;
  /** Without its quotes. Could be a password. */
  readonly value: string;
  /** Counted from 1; where lines are continued, the last of them, as Dovecot counts. */
  readonly line: number;
  readonly file?: string;
}

/** What is said of a setting to whoever reads the configuration. Holds no values: these could be passwords. */
export interface DovecotNote {
  /** 0 for a setting that has no line, and counts with Dovecot's default. */
  readonly line: number;
  /** The file it stands in, where it is known. */
  readonly file?: string;
  readonly setting: string;
  /** Why it is left out, or how it is carried where that is not to the letter. */
  readonly reason: string;
}
