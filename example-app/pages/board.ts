import { html } from "./html.ts";

const AGENDA = [
  ["09:00", "Minutes of the last meeting"],
  ["09:15", "Budget: where we stand after three quarters"],
  ["10:00", "Salaries: proposal for the coming year"],
  ["11:00", "New building: three offers"],
] as const;

/** Papers for the board. */
export const board = html`<p class="lead">Next meeting: Tuesday, 9:00, in the round room. Please treat these papers as confidential.</p>
      <section class="panel">
        <h2>Agenda</h2>
        <table>
          ${AGENDA.map(([time, item]) => html`<tr><th scope="row">${time}</th><td>${item}</td></tr>`)}
        </table>
      </section>
      <section class="panel">
        <h2>In short</h2>
        <p>The proposal is 3.1 % for all, and a fixed sum for the two lowest bands. It costs 412,000 a year.</p>
      </section>`;
