import type { DovecotNote, Setting } from "./setting.ts";

/** Where it is collected what is not carried to the letter. */
export interface Notes {
  add(setting: Omit<Setting, "value">, reason: string): void;
  readonly list: readonly DovecotNote[];
}

/** Begins a collection. */
export function createNotes(): Notes {
  const list: DovecotNote[] = [];
  return {
    list,
    add({ name, line, file }, reason) {
      list.push({ line, ...(file !== undefined && { file }), setting: name, reason });
    },
  };
}
