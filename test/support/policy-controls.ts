import { BerWriter } from "ldapts";

/** A control of an answer; `undefined` leaves its value away. */
export type AnswerControl = readonly [type: string, value: Buffer | undefined];

export const POLICY = "1.3.6.1.4.1.42.2.27.8.5.1";
export const NETSCAPE_EXPIRED = "2.16.840.1.113730.3.4.4";
export const NETSCAPE_EXPIRING = "2.16.840.1.113730.3.4.5";

/** An LDAPResult with controls. */
export function resultWithControls(
  {
    id,
    tag,
    code,
    text = "",
  }: {
    readonly id: number;
    readonly tag: number;
    readonly code: number;
    readonly text?: string;
  },
  controls: readonly AnswerControl[],
): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  writer.writeEnumeration(code);
  writer.writeString("");
  writer.writeString(text);
  writer.endSequence();
  if (controls.length > 0) {
    writer.startSequence(0xa0);
    for (const [type, value] of controls) {
      writer.startSequence();
      writer.writeString(type);
      if (value !== undefined) writer.writeBuffer(value, 0x04);
      writer.endSequence();
    }
    writer.endSequence();
  }
  writer.endSequence();
  return Buffer.from(writer.buffer);
}

/** The password policy's control with a value in hexadecimal: `3003810102` is changeAfterReset. */
export function policy(hex: string): AnswerControl {
  return [POLICY, Buffer.from(hex, "hex")];
}
