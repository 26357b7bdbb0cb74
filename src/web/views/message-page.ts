import { escapeHtml } from "./escape-html.ts";
import { layout } from "./layout.ts";

/** Something a visitor can do next: follow a link, or send an empty form. */
export type MessageAction =
  | { readonly label: string; readonly href: string }
  | { readonly label: string; readonly post: string };

/** A page that says something. Every string is raw. */
export interface MessagePage {
  readonly site: string;
  readonly title: string;
  readonly text: string;
  readonly actions: readonly MessageAction[];
}

/** Renders a page in the look of the login page. */
export function messagePage({ site, title, text, actions }: MessagePage): string {
  return layout(
    `${title} · ${site}`,
    `<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(text)}</p>
${actions.length === 0 ? "" : `<div class="actions">\n${actions.map(renderAction).join("\n")}\n</div>`}`,
    site,
  );
}

function renderAction(action: MessageAction): string {
  const label = escapeHtml(action.label);
  if ("href" in action) return `<a class="button" href="${escapeHtml(action.href)}">${label}</a>`;
  return `<form method="post" action="${escapeHtml(action.post)}"><button type="submit">${label}</button></form>`;
}
