import { isAboutAccess } from "./about-access.ts";
import { CONDITIONAL, type Verdict, verdictOf } from "./conditions.ts";
import { configErrorAt } from "./config-error-at.ts";
import { notDefined } from "./config-line.ts";
import type { Directive } from "./directive.ts";
import { OutsideError } from "./included-files.ts";
import { filesOf, type Reading } from "./reading.ts";

/** A section that is not closed yet. */
export interface Frame {
  readonly opened: Opened | undefined;
  readonly children: Directive[];
  /** False in a conditional section that does not hold: nothing in it is carried out. */
  readonly counts: boolean;
  /** In a section of which nobody knows whether it holds. */
  readonly isDoubtful: boolean;
  touchesAccess: boolean;
}

export interface Opened {
  readonly directive: Directive;
  /** A conditional section that holds: what is in it goes to where it stands. */
  readonly isReplaced: boolean;
  /** Whether it holds depends on what only a running httpd knows, or its arguments have a variable that is not defined. */
  readonly doubt: string | undefined;
}

/** Opens a section. Throws a `ConfigError` for macros, and for a condition without arguments. */
export function openSection(
  directive: Directive,
  frame: Frame,
  undefinedName: string | undefined,
  reading: Reading,
): Frame {
  const name = directive.name.toLowerCase();
  if (frame.counts && name === "macro") {
    throw configErrorAt(directive, "macros are not supported: write out what they stand for");
  }
  const doubt = undefinedName === undefined ? undefined : notDefined(undefinedName);
  // Where nothing counts anyway, or the section is an ordinary one, there is nothing to decide.
  if (!frame.counts || !CONDITIONAL.has(name)) {
    const opened: Opened = { directive, isReplaced: false, doubt };
    const { counts, isDoubtful } = frame;
    return { opened, children: [], counts, isDoubtful, touchesAccess: isAboutAccess(name) };
  }
  if (directive.args.length === 0)
    throw configErrorAt(directive, "it requires additional arguments");
  const verdict = undefinedName === undefined ? verdictAt(directive, reading) : undefined;
  const opened: Opened = {
    directive,
    isReplaced: verdict === true,
    doubt: verdict === undefined ? (doubt ?? UNKNOWN) : undefined,
  };
  const children = verdict === true ? frame.children : [];
  const isDoubtful = verdict === undefined;
  return { opened, children, counts: verdict === true, isDoubtful, touchesAccess: false };
}

const UNKNOWN =
  "what is in it decides about access, and whether it holds is known only to a running httpd: take the section's two lines " +
  "away if it does, or all of it if it doesn't (for <IfDefine>, Define or UnDefine its name above)";

function verdictAt(directive: Directive, reading: Reading): Verdict {
  return verdictOf(directive.name, directive.args, reading.definitions, (path) => {
    if (reading.serverRoot === undefined) return undefined;
    try {
      return filesOf(directive, reading.serverRoot, reading).exists(path);
    } catch (error) {
      if (error instanceof OutsideError) return undefined;
      throw error;
    }
  });
}

/** Closes the innermost section. Throws a `ConfigError` if it is another one, or touches access and nobody knows whether it holds. */
export function closeSection(
  frames: Frame[],
  word: string,
  at: Pick<Directive, "name" | "line" | "file">,
): void {
  const { opened, children, touchesAccess } = frames.at(-1) ?? {};
  const parent = frames.at(-2);
  const name = word.slice(2).replace(/>$/, "");
  const shown = /^\w{1,64}$/.test(name) ? { ...at, name: `/${name}`, children: [] } : at;
  if (!word.endsWith(">")) throw configErrorAt(shown, "directive missing closing '>'");
  if (!opened || !children || !parent)
    throw configErrorAt(shown, "there is no such section to close");
  const { directive, isReplaced, doubt } = opened;
  if (directive.name.toLowerCase() !== name.toLowerCase()) {
    throw configErrorAt(shown, `expected </${directive.name}>, of line ${directive.line}`);
  }
  if (touchesAccess && doubt !== undefined) throw configErrorAt(directive, doubt);
  frames.pop();
  // What does not hold protects nothing, so it is no reason to refuse what stands around it.
  const isDead = parent.counts && CONDITIONAL.has(directive.name.toLowerCase()) && !isReplaced;
  if (touchesAccess && !isDead) parent.touchesAccess = true;
  if (!isReplaced) parent.children.push({ ...directive, children });
}
