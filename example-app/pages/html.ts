/** Markup that may be sent as it is. Only the `html` tag makes it. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** A template whose values are escaped, unless they were made by this tag themselves: `` html`<p>${name}</p>` ``. */
export function html(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  return new Html(String.raw({ raw: texts }, ...values.map(toMarkup)));
}

function toMarkup(value: string | number | Html | readonly Html[]): string {
  if (value instanceof Html) return value.toString();
  return typeof value === "object" ? value.join("") : escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
