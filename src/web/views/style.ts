/** The style of all our pages: one card, light or dark as the system says, and no font or picture to load. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #eef1f5; --glow: #dfe7f3; --card: #ffffff; --edge: #dde3ea; --shadow: 0 1px 2px rgb(16 24 40 / .06), 0 18px 48px -16px rgb(16 24 40 / .22);
  --ink: #14202e; --soft: #51606f; --field: #fbfcfd; --field-edge: #8492a2;
  --accent: #1f5fbf; --accent-over: #184d9d; --on-accent: #ffffff; --ring: #1f5fbf;
  --alert-ink: #8c1d18; --alert-bg: #fdf0ee; --alert-edge: #c8372d; --notice-ink: #14532d; --notice-bg: #edf8f0; --notice-edge: #2f8a52;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e131a; --glow: #17212f; --card: #171e27; --edge: #2a3441; --shadow: 0 1px 2px rgb(0 0 0 / .4), 0 18px 48px -16px rgb(0 0 0 / .7);
    --ink: #e9eef4; --soft: #a3b0be; --field: #10161d; --field-edge: #6d7c8c;
    --accent: #8ab8ff; --accent-over: #a9cbff; --on-accent: #0b1a30; --ring: #a9cbff;
    --alert-ink: #ffc9c3; --alert-bg: #34191a; --alert-edge: #f2766b; --notice-ink: #b9efcb; --notice-bg: #12291c; --notice-edge: #4cb677;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1.5rem 1rem; display: grid; align-items: center; justify-items: center;
  background: radial-gradient(60rem 32rem at 50% -8rem, var(--glow), var(--page));
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
.card { width: 100%; max-width: 25rem; padding: 2.25rem 2rem 2.25rem; background: var(--card); border: 1px solid var(--edge); border-radius: 1.125rem; box-shadow: var(--shadow); }
.brand { display: flex; align-items: center; gap: .75rem; margin-bottom: 1.25rem; color: var(--soft); font-weight: 600; overflow-wrap: anywhere; }
.mark { display: block; flex: none; }
.mark .tile { fill: var(--accent); }
.mark .line { fill: none; stroke: var(--on-accent); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.mark .hole { fill: var(--on-accent); }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.014em; overflow-wrap: anywhere; text-wrap: balance; }
.lead { margin: .375rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
.alert, .notice { margin: 1.25rem 0 0; padding: .75rem .875rem; border-radius: .625rem; border: 1px solid; border-left-width: 4px; font-size: .9375rem; }
.late { animation: late 0s .8s both; }
@keyframes late { from { position: absolute; visibility: hidden; } }
.alert:focus-visible { outline: 2px solid var(--alert-edge); outline-offset: 2px; }
.alert { color: var(--alert-ink); background: var(--alert-bg); border-color: var(--alert-edge); }
.notice { color: var(--notice-ink); background: var(--notice-bg); border-color: var(--notice-edge); }
form { margin: 0; }
label { display: block; margin: 1.25rem 0 .375rem; font-size: .9375rem; font-weight: 600; }
input {
  display: block; width: 100%; min-height: 3rem; padding: .625rem .875rem; font: inherit; color: inherit;
  background: var(--field); border: 1px solid var(--field-edge); border-radius: .625rem; transition: border-color .12s;
}
input:hover { border-color: var(--soft); }
input:focus-visible { outline: 2px solid var(--ring); outline-offset: 0; border-color: var(--ring); }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 3rem; padding: .625rem 1.25rem; font: inherit; font-weight: 600; text-decoration: none;
  border: 1px solid transparent; border-radius: .625rem; cursor: pointer; color: var(--on-accent); background: var(--accent); transition: background-color .12s;
}
button:hover, .button:hover { background: var(--accent-over); }
button:disabled { opacity: .55; cursor: default; }
label ~ button { width: 100%; margin-top: 1.75rem; }
.aside { margin: 1.25rem 0 0; text-align: center; font-size: .9375rem; }
.aside a { color: var(--accent); text-underline-offset: .15em; }
.aside a:hover { color: var(--accent-over); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }
.actions > * { flex: 1 1 9rem; }
.actions form button { width: 100%; }
.actions button, .actions .button ~ .button { color: var(--ink); background: transparent; border-color: var(--field-edge); }
.actions button:hover, .actions .button ~ .button:hover { border-color: var(--ink); background: var(--field); }
:where(:focus-visible) { outline: 3px solid var(--ring); outline-offset: 2px; }
@media (max-width: 26rem) { body { padding: .75rem; align-items: start; } .card { padding: 1.75rem 1.25rem; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { .card, button, .button { border: 1px solid; } }
`;
