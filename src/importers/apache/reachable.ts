import { configErrorAt } from "./config-error-at.ts";
import type { Directive } from "./directive.ts";
import type { FileMapping } from "./file-mapping.ts";
import { matchesGlob } from "./glob.ts";
import { isAll } from "./method-set.ts";
import type { SectionContent } from "./section-content.ts";
import type { SectionPath } from "./section-path.ts";

/** Whether no URL leads to a folder. Of patterns that can't be told. */
export function isUnreachable(path: SectionPath, { roots }: FileMapping): boolean {
  if (path.depth === 0) return path.isPattern && roots.length === 0;
  const own = path.written.split("/");
  return !roots.some(({ folder }) => {
    const segments = folder.split("/");
    const shared = Math.min(own.length, segments.length);
    for (let i = 1; i < shared; i++) {
      if (own[i] !== segments[i] && !matchesGlob(own[i] ?? "", segments[i] ?? "")) return false;
    }
    return true;
  });
}

/** Throws a `ConfigError` for a section that no URL leads to, unless it only opens: then nothing is lost without it. */
export function refuseUnreachable(
  directive: Directive,
  { require, directives, files }: SectionContent,
  { roots }: FileMapping,
): void {
  const opens =
    require?.node.kind === "require" &&
    isAll(require.methods) &&
    /^all +granted$/i.test(require.node.rest.replaceAll("\t", " "));
  const isHarmless =
    directives.length === 0 && (require === undefined || opens) && files.length === 0;
  if (isHarmless && roots.length > 0) return;
  if (isHarmless && require === undefined) return;
  throw configErrorAt(
    directive,
    "no path is known to lead there: add the DocumentRoot or Alias that does, or write it as <Location>",
  );
}
