/** Pages for a person: plain HTML without scripts, light or dark as the reader's system is, wide or narrow. */
import type { Answer } from './answer.ts';

/** Text of a document, escaped; everything else that a page is made of is a string and gets escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Text, a number, or an element. */
export type Content = string | number | Html;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const markup = (content: Content | readonly Html[]): string => {
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(({ text }) => text).join('\n');
  return String(content).replace(/[&<>"]/g, (it) => ENTITIES[it] ?? it);
};

/** A template whose values are escaped, but for elements. */
export const html = (parts: TemplateStringsArray, ...values: readonly (Content | readonly Html[])[]): Html =>
  new Html(String.raw({ raw: parts }, ...values.map(markup)));

/**
 * A table; columns of numbers are set to the right. On a narrow screen each row becomes a list, in which the heads stand
 * before the cells.
 *
 * @param empty what is said instead when there is no row
 */
export function table(heads: readonly string[], rows: readonly (readonly Content[])[], empty: string): Html {
  const [first] = rows;
  if (!first) return html`<p class="calm">${empty}</p>`;
  const kind = (index: number): string => (typeof first[index] === 'number' ? 'number' : 'text');
  const head = heads.map((it, index) => html`<th scope="col" class="${kind(index)}">${it}</th>`);
  const cell = (it: Content, index: number) =>
    html`<td class="${kind(index)}" data-head="${heads[index] ?? ''}"><span>${it}</span></td>`;
  const body = rows.map((row) => html`<tr>${row.map(cell)}</tr>`);
  return html`<table><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table>`;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --calm: #57606a; --line: #d8dee4; --bad: #a40e26; --back: #fff; --link: #0550ae }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --calm: #9aa4af; --line: #343b44; --bad: #ff8b84; --back: #0f1318; --link: #79b8ff }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 66rem; padding: 0 1rem;
  color: var(--text); background: var(--back); overflow-wrap: break-word }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } p { margin: .25rem 0 }
a { color: var(--link) } code { font-size: .85em; white-space: nowrap } footer { margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .3rem 1.5rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left }
th { white-space: nowrap; color: var(--calm); font-weight: 600 }
th:last-child, td:last-child { padding-right: 0 }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
.bad { color: var(--bad) } .calm { color: var(--calm) }
@media (max-width: 48rem) {
  thead { display: none }
  table, tbody { display: block }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
  code { white-space: normal }
  td, td.number { display: grid; grid-template-columns: 6rem minmax(0, 1fr); padding: .1rem 0; border: 0; text-align: left }
  td::before { content: attr(data-head); color: var(--calm) }
}`;

/** The answer with a page, which a browser loads again every few seconds. */
export function pageAnswer({ title, body, seconds }: { title: string; body: Html; seconds: number }): Answer {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${seconds}">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${new Html(STYLE)}</style></head>
<body>${body}</body></html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: [page.text],
  };
}
