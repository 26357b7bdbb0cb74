import { ConfigError } from "../errors.ts";
import type { DirectoryState } from "./directory-state.ts";
import { add, modify, modifyDn, remove } from "./operations/update.ts";
import { type LdifRecord, parseLdif } from "./parse-ldif.ts";
import { RESULT, type Result } from "./result.ts";

/** Does what an LDIF text says, as the directory's owner. Throws `ConfigError` at the first record that can't be done; those before it stay done. */
export function applyLdif(state: DirectoryState, text: string): void {
  for (const record of parseLdif(text)) {
    const { code, message } = applyRecord(state, record);
    if (code === RESULT.success) continue;
    const reason = [`result code ${code}`, message].filter(Boolean).join(", ");
    throw new ConfigError(`ldif, line ${record.line}: “${record.dn}”: ${reason}`, {
      option: "ldif",
    });
  }
}

function applyRecord(state: DirectoryState, record: LdifRecord): Result {
  switch (record.operation) {
    case "add":
      return add(state, "owner", record);
    case "delete":
      return remove(state, "owner", record);
    case "modify":
      return modify(state, "owner", record);
    case "modify-dn":
      return modifyDn(state, "owner", record);
  }
}
