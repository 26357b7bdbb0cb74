import {
  type BerReader,
  enterElement,
  MalformedMessage,
  readElement,
  readText,
} from "./read-element.ts";

/** A control of an answer (RFC 4511 section 4.1.11). */
export interface ReceivedControl {
  readonly type: string;
  readonly value: Buffer | undefined;
}

const CONTROLS = 0xa0;
const SEQUENCE = 0x30;
const BOOLEAN = 0x01;
const OCTET_STRING = 0x04;

/** An answer has one or two. */
const MOST_CONTROLS = 64;

/** The controls that follow an operation. Throws `MalformedMessage`. */
export function readControls(rest: BerReader): readonly ReceivedControl[] {
  if (rest.remain === 0) return [];
  const list = enterElement(rest, CONTROLS);
  const controls: ReceivedControl[] = [];
  while (list.remain > 0) {
    const control = enterElement(list, SEQUENCE);
    const type = readText(control);
    if (control.peek() === BOOLEAN) readElement(control, BOOLEAN);
    const value = control.remain > 0 ? readElement(control, OCTET_STRING) : undefined;
    if (control.remain > 0) throw new MalformedMessage("an unknown part of a control");
    controls.push({ type, value });
    if (controls.length > MOST_CONTROLS) throw new MalformedMessage("too many controls");
  }
  return controls;
}
