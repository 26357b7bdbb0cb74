import { configErrorAt } from "./config-error-at.ts";
import type { Setting } from "./setting.ts";
import { SETTINGS, type SettingName } from "./setting-table.ts";

/** The settings of a configuration. */
export interface Settings {
  readonly settings: ReadonlyMap<SettingName, Setting>;
  /** Lines that a later one has overridden. */
  readonly repeated: readonly Setting[];
  readonly file?: string;
}

/** The setting as it was written, if it was. */
export function writtenOf({ settings }: Settings, name: SettingName): Setting | undefined {
  return settings.get(name);
}

/** The setting as it was written, or with Dovecot's default, without a line. */
export function settingOf({ settings, file }: Settings, name: SettingName): Setting {
  const { byDefault: value = "" } = SETTINGS[name];
  return settings.get(name) ?? { name, value, line: 0, ...(file !== undefined && { file }) };
}

/** `yes` or `no`, in any letter case. Throws a `ConfigError` for anything else. */
export function flagOf(all: Settings, name: SettingName): boolean {
  return wordOf(all, name, ["no", "yes"]) === "yes";
}

/** One of the words that Dovecot knows, in any letter case. Throws a `ConfigError` for anything else. */
export function wordOf<Word extends string>(
  all: Settings,
  name: SettingName,
  words: readonly Word[],
): Word {
  const setting = settingOf(all, name);
  const found = words.find((word) => word === setting.value.toLowerCase());
  if (found !== undefined) return found;
  throw configErrorAt(setting, `it is one of ${words.join(", ")}`);
}
