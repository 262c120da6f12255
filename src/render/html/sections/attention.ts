import { cut, show } from '../../text/escape.ts';
import { counted, grouped, hourText } from '../../text/numbers.ts';
import type { AttentionItem } from '../attention.ts';
import type { HourSpan } from '../gap-spans.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model.ts';
import { spoken } from '../words.ts';

const MOST_LINES = 120;
const MOST_SPANS = 3;
/** Names stand whole elsewhere on the page. */
const MOST_CHARACTERS = 80;

/** The heat map in words: which hours somebody should look at. */
export const attentionSection = ({ amiss, rows, customers, timeline }: ReportModel): Markup => {
  if (timeline === undefined) return html``;
  const lines = amiss.slice(0, MOST_LINES);
  return html`
<section id="amiss" aria-labelledby="amiss-title">
<h2 id="amiss-title">Hours to look at</h2>
<p class="lead">AWS recommends a record for every customer, dimension and hour, with quantity 0 where nothing was used.${rows.length === customers ? undefined : ' Of the customers that have a row above.'}</p>
${
  lines.length === 0
    ? html`<p>None: every hour that is over has a billed record.</p>`
    : html`<div class="scroll" role="region" aria-label="Hours to look at, as a table" tabindex="0">
<table>
<caption class="away">Hours without a billed record, by customer and dimension</caption>
<thead><tr><th scope="col">Customer</th><th scope="col">Dimension</th><th scope="col">What</th><th scope="col" class="n">Hours</th><th scope="col">When (UTC)</th></tr></thead>
<tbody>
${lines.map(line)}</tbody>
</table>
</div>`
}
${amiss.length === lines.length ? undefined : html`<p class="soft">${counted(amiss.length - lines.length, 'more line')} left out.</p>`}
<p class="soft"><code>ampmeter gaps</code> lists every gap with its deadline; <code>ampmeter history --status …</code> lists the records.</p>
</section>`;
};

const line = ({ customer, dimension, what, hours, spans }: AttentionItem): Markup =>
  html`<tr><th scope="row">${nameOf(customer)}</th><td>${nameOf(JSON.parse(dimension)[1])}</td><td>${what === 'missing' ? 'no record' : spoken(what)}</td><td class="n">${grouped(hours)}</td><td class="text">${spans
    .slice(0, MOST_SPANS)
    .map(spanText)
    .join(
      '; ',
    )}${spans.length > MOST_SPANS ? `; and ${counted(spans.length - MOST_SPANS, 'more time')}` : undefined}</td></tr>
`;

const nameOf = (name: string): string => cut(show(name), MOST_CHARACTERS);

const spanText = ({ from, to }: HourSpan): string => {
  const [first, last] = [plain(from), plain(to)];
  if (from === to) return first;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
};

const plain = (hour: number): string => hourText(hour).replace('T', ' ').replace('Z', '');
