import { hash } from "node:crypto";
import { escapeHtml } from "./escape-html.ts";
import { STYLE } from "./style.ts";

/** Allows just our style sheet in a Content-Security-Policy. */
export const STYLE_SOURCE: string = `'sha256-${hash("sha256", STYLE, "base64")}'`;

/** A browser would ask for /favicon.ico, and be refused there like anybody. */
const ICON = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="11" fill="#1f5fbf"/><path d="M20 9.5l8.5 3.2v6.6c0 5.3-3.5 9.2-8.5 11.2-5-2-8.5-5.9-8.5-11.2v-6.6z" fill="none" stroke="#fff" stroke-width="2.5"/></svg>')}`;

/** A keyhole in a shield; drawn in the page, as a picture would be one more request and one more rule. */
const MARK = `<svg class="mark" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">
<rect class="tile" width="40" height="40" rx="11"/>
<path class="line" d="M20 9.5l8.5 3.2v6.6c0 5.3-3.5 9.2-8.5 11.2-5-2-8.5-5.9-8.5-11.2v-6.6z"/>
<circle class="hole" cx="20" cy="18.4" r="2.4"/><path class="line" d="M20 20.4v4.2"/>
</svg>`;

/** A whole page with one card. `title` and `site`, which stands beside the mark, are raw text; `body` is HTML. */
export function layout(title: string, body: string, site = ""): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<main class="card">
<div class="brand">${MARK}<span>${escapeHtml(site)}</span></div>
${body}
</main>
</body>
</html>
`;
}
