import { type Html, html } from "./html.ts";

/** What each page shows. */
export interface Page {
  readonly title: string;
  /** Who is signed in. */
  readonly username: string;
  readonly content: Html;
  /** Where "Sign out" goes. Default: `/logout`. */
  readonly logoutPath?: string;
}

/** A whole page: the header with sign-out, and the content. Needs no script, and works under helmet's defaults. */
export function page({ title, username, content, logoutPath = "/logout" }: Page): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Domain Intranet</title>
    <link rel="icon" href="/mark.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <header class="bar">
      <a class="brand" href="/"><img src="/mark.svg" alt="" width="28" height="28">Domain Intranet</a>
      <form method="post" action="${logoutPath}">
        <span class="who">${username}</span>
        <button>Sign out</button>
      </form>
    </header>
    <main>
      <h1>${title}</h1>
      ${content}
    </main>
    <footer><a href="/">Start</a> <a href="/access">What may I see?</a></footer>
  </body>
</html>
`.toString();
}
