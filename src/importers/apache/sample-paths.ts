import type { Sections } from "./sections.ts";

/**
 * Paths that meet the sections of a configuration, as far as these can be told from what is written: so that sections that can't go
 * together are found at start.
 */
export function samplePaths({ sections, mapping }: Sections): readonly string[] {
  const paths = new Set<string>(["/"]);
  const folders: string[] = ["/"];
  for (const { walk, path } of sections) {
    if (walk !== "directory") continue;
    const folder = sampleOf(path.written, path.isPattern);
    for (const root of mapping.roots) {
      if (`${folder}/`.startsWith(`${root.folder}/`)) {
        folders.push(`${root.url}${folder.slice(root.folder.length)}` || "/");
      } else if (`${root.folder}/`.startsWith(`${folder}/`)) folders.push(root.url || "/");
    }
  }
  for (const folder of folders) paths.add(folder);
  for (const { walk, path } of sections) {
    const sample = sampleOf(path.written, path.isPattern);
    if (walk === "location" && sample.startsWith("/")) paths.add(sample);
    if (walk !== "files") continue;
    for (const folder of folders) paths.add(`${folder === "/" ? "" : folder}/${sample}`);
  }
  return [...paths].filter((path) => !path.includes("//") && path.length <= LONGEST);
}

/** A longer one may be too long for a pattern to look at. */
const LONGEST = 1000;

/** A text that a path or pattern could match: what it begins with, and something for each simple wildcard. */
function sampleOf(written: string, isPattern: boolean): string {
  if (!isPattern) return written.replace(/[*?]/g, "x");
  const body = written.startsWith("^") ? written.slice(1) : written;
  return (/^(?:[\w/~-]|\\[./-])*/.exec(body)?.[0] ?? "").replaceAll("\\", "");
}
