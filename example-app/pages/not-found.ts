import { html } from "./html.ts";
import { page } from "./page.ts";

/** The answer to a path that there is not. */
export function notFoundPage(username: string): string {
  const content = html`<p class="lead">There is nothing at this address. Perhaps it moved.</p>
      <p><a class="button" href="/">To the start page</a></p>`;
  return page({ title: "Page not found", username, content });
}
