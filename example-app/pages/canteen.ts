import { html } from "./html.ts";

const WEEK = [
  ["Monday", "Pea and mint soup, rye bread", "Spinach gnocchi, sage butter"],
  ["Tuesday", "Chicken and leek pie", "Roasted cauliflower, tahini"],
  ["Wednesday", "Fish stew with fennel", "Lentil dal, basmati rice"],
  ["Thursday", "Beef goulash, dumplings", "Mushroom stroganoff"],
  ["Friday", "Baked cod, lemon potatoes", "Aubergine parmigiana"],
] as const;

/** The canteen's week. */
export const canteen = html`<p class="lead">Open from 11:30 to 14:00, ground floor. It is quietest after 13:00.</p>
      <section class="panel">
        <h2>This week</h2>
        <table class="stacks">
          <thead><tr><th scope="col">Day</th><th scope="col">Lunch</th><th scope="col">Without meat</th></tr></thead>
          <tbody>
            ${WEEK.map(([day, lunch, meatless]) => html`<tr><th scope="row">${day}</th><td>${lunch}</td><td>${meatless}</td></tr>`)}
          </tbody>
        </table>
      </section>
      <section class="panel">
        <h2>News</h2>
        <p>The bicycle cellar has forty new stands. Your badge opens it from the courtyard.</p>
        <p>The library lift is repaired on Thursday morning; please take the stairs in wing B.</p>
      </section>`;
