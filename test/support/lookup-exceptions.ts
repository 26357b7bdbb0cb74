const UNDERSCORE = "OpenLDAP's library refuses _ in an attribute's name, other servers have such";
const STATE =
  "Postfix lets one entry's being terminal, or a group, take values from the entries after it";

/** The recorded look-ups where this is not what Postfix says: why, and what is said instead. */
export const lookupExceptions: ReadonlyMap<
  string,
  { readonly why: string; readonly value?: string }
> = new Map([
  // slapd knows no such attribute, and so nobody is restricted.
  ["seed-004", { why: UNDERSCORE }],
  ["filter-expansion-074", { why: UNDERSCORE, value: "alice" }],
  [
    "nested-053",
    {
      why: STATE,
      value:
        "alice@mbox.example.net,bob@mbox.example.net,bob2@mbox.example.net,bob3@mbox.example.net,carol@sub.mail.example.org,testuser2@example.org,ext@other.example,term@lists.example.net",
    },
  ],
  [
    "nested-059",
    {
      why: STATE,
      value:
        "term@lists.example.net,alice@mbox.example.net,deep5@other.example,deep4@other.example,deep3@other.example,deep2@other.example,deep1@other.example,m2@other.example,m1@other.example",
    },
  ],
  [
    "nested-060",
    {
      why: STATE,
      value:
        "alice@mbox.example.net,bob@mbox.example.net,bob2@mbox.example.net,bob3@mbox.example.net,carol@sub.mail.example.org,term@lists.example.net,m2@other.example,m1@other.example",
    },
  ],
  [
    "nested-063",
    {
      why: STATE,
      value:
        "alice@mbox.example.net,bob@mbox.example.net,bob2@mbox.example.net,bob3@mbox.example.net,carol@sub.mail.example.org,alice@mbox.example.net,deep5@other.example",
    },
  ],
  [
    "nested-064",
    {
      why: STATE,
      value:
        "alice@example.org,alice.smith@example.org,alice@example.org,alice.smith@example.org,alice@example.org",
    },
  ],
]);
