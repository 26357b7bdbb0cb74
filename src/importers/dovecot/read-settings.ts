import { configErrorAt } from "./config-error-at.ts";
import { readLines } from "./lines.ts";
import type { Setting } from "./setting.ts";
import { SETTINGS, type SettingName } from "./setting-table.ts";
import type { Settings } from "./settings.ts";

/**
 * Reads a dovecot-ldap.conf.ext (Dovecot 2.3). Of a setting that stands there twice the last line counts, as in Dovecot. Throws a `ConfigError` for what
 * Dovecot does not know, for sections and included files, and for values from the environment: Dovecot's is not that of this process.
 */
export function readSettings(text: string, file?: string): Settings {
  if (typeof text !== "string") {
    throw configErrorAt({ name: "fromDovecotConfig", line: 0 }, "it takes the text of the file");
  }
  const settings = new Map<SettingName, Setting>();
  const repeated: Setting[] = [];
  for (const { text: line, line: number } of readLines(text, file)) {
    const setting = settingOf(line, { line: number, ...(file !== undefined && { file }) });
    const known = settings.get(setting.name);
    if (known !== undefined) repeated.push(known);
    settings.set(setting.name, setting);
  }
  return { settings, repeated, ...(file !== undefined && { file }) };
}

function settingOf(
  line: string,
  at: Pick<Setting, "line" | "file">,
): Setting & { readonly name: SettingName } {
  const [, key = "", sign, rest = ""] = /^([^ \t=]*)[ \t]*(=?)[ \t]*(.*)$/s.exec(line) ?? [];
  if (key === "!include" || key === "!include_try") {
    throw configErrorAt({ name: key, ...at }, "no other file is read: put its lines here");
  }
  // Whatever was meant, it could be a password.
  const name = /^[a-z_]{1,40}$/.test(key) ? key : "line";
  if (sign !== "=") throw configErrorAt({ name, ...at }, "it is no setting: name = value");
  if (!isSettingName(name)) throw configErrorAt({ name, ...at }, "Unknown setting");
  return { name, value: readValue(rest, { name, ...at }), ...at };
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function readValue(text: string, at: Omit<Setting, "value">): string {
  const quote = text[0];
  if ((quote === '"' || quote === "'") && text.endsWith(quote)) {
    if (text.length === 1) throw configErrorAt(at, "there is a quote without its second one");
    return text.slice(1, -1).replace(/\\(.?)/gs, "$1");
  }
  if (/(?:^|[ \t])\$ENV:/.test(text)) {
    throw configErrorAt(at, "$ENV: is not carried, as Dovecot's environment is another one");
  }
  return text;
}
