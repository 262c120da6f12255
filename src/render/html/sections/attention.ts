import { statusText } from '../../explanations/outcomes.ts';
import { show } from '../../text/escape.ts';
import { counted, grouped } from '../../text/numbers.ts';
import { cut } from '../../text/width.ts';
import type { AttentionItem } from '../attention.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model.ts';
import { type HourSpan, hourLabel } from '../timeline.ts';

const MAX_LINES = 120;
const MAX_SPANS = 3;
/** Longer names are cut; other tables of the page have them in full. */
const MAX_CHARACTERS = 80;

/** The heat map in words: the hours that need attention. */
export const attentionSection = ({ attention, rows, customers, timeline }: ReportModel): Markup => {
  if (timeline === undefined) return html``;
  const lines = attention.slice(0, MAX_LINES);
  return html`
<section id="attention" aria-labelledby="attention-title">
<h2 id="attention-title">Hours that need attention</h2>
<p class="lead">AWS recommends a record for every customer, dimension and hour, with quantity 0 where nothing was used.${rows.length === customers ? undefined : ' Only customers with a row above are listed.'}</p>
${
  lines.length === 0
    ? html`<p>None: every past hour has a billed record.</p>`
    : html`<div class="scroll" role="region" aria-label="Hours that need attention, as a table" tabindex="0">
<table>
<caption class="visually-hidden">Hours without a billed record, by customer and dimension</caption>
<thead><tr><th scope="col">Customer</th><th scope="col">Dimension</th><th scope="col">Problem</th><th scope="col" class="n">Hours</th><th scope="col">When (UTC)</th></tr></thead>
<tbody>
${lines.map(line)}</tbody>
</table>
</div>`
}
${attention.length === lines.length ? undefined : html`<p class="soft">${counted(attention.length - lines.length, 'more line')} not shown.</p>`}
<p class="soft"><code>ampmeter gaps</code> lists every gap with its deadline; <code>ampmeter history --status …</code> lists the records.</p>
</section>`;
};

const line = ({ customer, dimension, what, hours, spans }: AttentionItem): Markup =>
  html`<tr><th scope="row">${nameOf(customer)}</th><td>${nameOf(JSON.parse(dimension)[1])}</td><td>${what === 'missing' ? 'no record' : statusText(what)}</td><td class="n">${grouped(hours)}</td><td class="text">${spans
    .slice(0, MAX_SPANS)
    .map(spanText)
    .join(
      '; ',
    )}${spans.length > MAX_SPANS ? `; and ${counted(spans.length - MAX_SPANS, 'more period')}` : undefined}</td></tr>
`;

const nameOf = (name: string): string => cut(show(name), MAX_CHARACTERS);

const spanText = ({ from, to }: HourSpan): string => {
  const [first, last] = [hourLabel(from), hourLabel(to)];
  if (from === to) return first;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
};
