import { Attribute, BerWriter, Change, Control, ExtendedRequest, ModifyRequest } from "ldapts";
import { PASSWORD_POLICY } from "./password-policy.ts";
import { policyText } from "./policy-text.ts";
import type { Request } from "./requests.ts";

/** The old password and the new one. Both are never empty: an empty new one would ask the server to make one up, or take it away. */
export interface Passwords {
  readonly oldPassword: string;
  readonly newPassword: string;
}

const PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1";
const OLD = 0x81;
const NEW = 0x82;

/** Sets the password of whoever the connection is bound as (RFC 3062). */
export function passwordModify({ oldPassword, newPassword }: Passwords): Request {
  return {
    operation: "extended",
    quote: (text) => policyText(text, [oldPassword, newPassword]),
    write: (messageId) => {
      const writer = new BerWriter();
      writer.startSequence();
      writer.writeString(oldPassword, OLD);
      writer.writeString(newPassword, NEW);
      writer.endSequence();
      const controls = [new Control(PASSWORD_POLICY)];
      const value = writer.buffer;
      return new ExtendedRequest({ messageId, oid: PASSWORD_MODIFY, value, controls }).write();
    },
  };
}

/**
 * Active Directory's way ([MS-ADTS] section 3.1.1.3.1.5): one modify that takes the old unicodePwd away and adds the new one is a change, that the person's right
 * to change their own password is enough for; anybody may send it who knows the old one. `replace` would be an administrator's reset.
 */
export function unicodePwdChange(dn: string, { oldPassword, newPassword }: Passwords): Request {
  const change = (operation: "add" | "delete", password: string) =>
    new Change({
      operation,
      modification: new Attribute({ type: "unicodePwd", values: [quoted(password)] }),
    });
  return {
    operation: "modify",
    quote: (text) => policyText(text, [oldPassword, newPassword]),
    write: (messageId) => {
      const changes = [change("delete", oldPassword), change("add", newPassword)];
      return new ModifyRequest({ messageId, dn, changes }).write();
    },
  };
}

function quoted(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}
