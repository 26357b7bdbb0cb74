import { html } from "./html.ts";

const PROJECTS = [
  ["Lighthouse", "New booking system for meeting rooms", 80, "Pilot on floor 3 since Monday"],
  ["Ferry", "Moving the file servers", 55, "Two departments left"],
  ["Buoy", "Monitoring of the heating", 30, "Waiting for sensors"],
] as const;

/** Where the projects stand. */
export const reports = html`<p class="lead">Three projects are under way this quarter.</p>
      <ul class="cards">
        ${PROJECTS.map(
          ([name, about, percent, status]) => html`<li class="card">
          <h2>${name}</h2>
          <p>${about}</p>
          <progress max="100" value="${percent}" aria-label="${name}: ${percent} percent">${percent} %</progress>
          <p class="meta">${percent} % · ${status}</p>
        </li>
        `,
        )}
      </ul>`;
