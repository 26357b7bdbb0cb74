import { html } from "./html.ts";

const DRAFTS = [
  ["Forty years of the harbour office", "Portrait", "needs a second photograph"],
  ["How to book the new rooms", "Guide", "ready"],
  ["Summer party: what you told us", "Survey", "with the works council"],
] as const;

/** Drafts for the newsletter. */
export const newsroom = html`<p class="lead">The next issue closes on Friday at noon.</p>
      <section class="panel">
        <h2>Drafts</h2>
        <table class="stacks">
          <thead><tr><th scope="col">Title</th><th scope="col">Kind</th><th scope="col">State</th></tr></thead>
          <tbody>
            ${DRAFTS.map(([title, kind, state]) => html`<tr><th scope="row">${title}</th><td>${kind}</td><td>${state}</td></tr>`)}
          </tbody>
        </table>
      </section>`;
