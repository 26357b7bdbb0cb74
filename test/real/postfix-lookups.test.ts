import { startRecordedSlapd } from "../support/postfix-servers.ts";
import { describeRecordedLookups } from "../support/recorded-lookup-suite.ts";
import { slapd } from "../support/slapd.ts";

describeRecordedLookups({
  name: "slapd",
  skip: slapd.skip,
  start: () => startRecordedSlapd(),
  isInOrder: true,
});
