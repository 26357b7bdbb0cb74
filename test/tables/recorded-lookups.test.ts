import { startRecordedBuiltIn } from "../support/postfix-servers.ts";
import { describeRecordedLookups } from "../support/recorded-lookup-suite.ts";

describeRecordedLookups({
  name: "the built-in directory",
  skip: false,
  start: startRecordedBuiltIn,
  isInOrder: false,
});
