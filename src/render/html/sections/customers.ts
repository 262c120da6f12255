import { show } from '../../text/escape.ts';
import { counted, grouped } from '../../text/numbers.ts';
import { cut } from '../../text/width.ts';
import type { Charts } from '../charts.ts';
import { html, type Markup } from '../markup.ts';
import type { Dimension, ReportModel } from '../model.ts';
import { share } from './outcomes.ts';
import { dimensionName, dimensionText } from './over-time.ts';

export const customersSection = ({ dimensions }: ReportModel, charts: Charts): Markup => {
  const used = dimensions.filter(({ top }) => top.length > 0);
  if (used.length === 0) return html``;
  return html`
<section id="customers" aria-labelledby="customers-title">
<h2 id="customers-title">Top customers</h2>
<p class="lead">By billed quantity, for each dimension.</p>
${used.map((dimension, place) => ranking(dimension, `top-${place + 1}`, charts))}
</section>`;
};

/** Longer names are cut in the chart; the table beside it has them in full. */
const MAX_CHARACTERS = 40;

const ranking = (dimension: Dimension, id: string, charts: Charts): Markup => {
  const { top, others, quantity: all } = dimension;
  const bars = top.map(({ customer, quantity }) => ({
    name: cut(show(customer), MAX_CHARACTERS),
    value: quantity,
    title: `${cut(show(customer), MAX_CHARACTERS)}: ${grouped(quantity)}`,
  }));
  return html`
<article class="panel" aria-labelledby="${id}">
<h3 id="${id}">${dimensionName(dimension)}</h3>
<div class="beside">
${charts.ranking(bars, `Bar chart of the customers with the highest billed quantity of ${dimensionText(dimension)}. The table after it has the same figures.`)}
<div class="scroll" role="region" aria-label="Top customers of ${dimensionText(dimension)}, as a table" tabindex="0">
<table>
<caption class="visually-hidden">Top customers of ${dimensionText(dimension)}</caption>
<thead><tr><th scope="col" class="n">Rank</th><th scope="col">Customer</th><th scope="col" class="n">Quantity</th><th scope="col" class="n">Share</th></tr></thead>
<tbody>
${top.map(
  ({ customer, quantity }, place) =>
    html`<tr><td class="n">${String(place + 1)}</td><th scope="row">${customer}</th><td class="n">${grouped(quantity)}</td><td class="n">${share(quantity, all)}</td></tr>
`,
)}${
  others.customers === 0
    ? undefined
    : html`<tr><td></td><th scope="row">${counted(others.customers, 'other')}</th><td class="n">${grouped(others.quantity)}</td><td class="n">${share(others.quantity, all)}</td></tr>
`
}</tbody>
<tfoot><tr><td></td><th scope="row">All</th><td class="n">${grouped(all)}</td><td></td></tr></tfoot>
</table>
</div>
</div>
</article>`;
};
