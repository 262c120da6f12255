import { counted, grouped } from '../../text/numbers.ts';
import type { Charts } from '../charts.ts';
import { html, type Markup } from '../markup.ts';
import type { Dimension, ReportModel, StepTotals } from '../model.ts';
import { stepName, type Timeline } from '../timeline.ts';

/** Quantities of the dimensions beyond these are not added to each other. */
const MAX_LISTED = 200;

/** In place of a product: records with a license have none. */
export const BY_LICENSE = 'by license';

export const overTimeSection = (model: ReportModel, charts: Charts): Markup => {
  const { dimensions, undrawn, timeline, series } = model;
  if (timeline === undefined) return html``;
  const { unit } = timeline;
  return html`
<section id="usage" aria-labelledby="usage-title">
<h2 id="usage-title">Usage over time</h2>
<p class="lead">Billed quantity per ${unit}, each dimension on its own scale. Quantities of different dimensions are never added.${unit === 'hour' ? undefined : ` The range is long: hours are combined into ${unit}s.`}</p>
${dimensions.map((dimension, place) => dimensionFigure(dimension, place, series.get(dimension.key) ?? [], timeline, charts))}
${dimensionTotals(model)}
${undrawn.length === 0 ? undefined : html`<p class="soft">The ${String(dimensions.length)} dimensions with the most records have charts; ${counted(undrawn.length, 'more dimension')} are only in the table.</p>`}
</section>`;
};

export const dimensionName = ({ product, dimension }: Pick<Dimension, 'product' | 'dimension'>): Markup =>
  html`${dimension}${product === undefined ? undefined : html` <span class="of">${product}</span>`}`;

/** The same as text, for screen readers. Two products may have dimensions of the same name. */
export const dimensionText = ({ product, dimension }: Pick<Dimension, 'product' | 'dimension'>): string =>
  product === undefined ? dimension : `${dimension} (${product})`;

const dimensionFigure = (
  dimension: Dimension,
  place: number,
  steps: readonly StepTotals[],
  timeline: Timeline,
  charts: Charts,
): Markup => {
  const { unit, starts } = timeline;
  const id = `usage-${place + 1}`;
  const bars = steps.map(({ quantity, billed }, step) => ({
    value: quantity,
    title: `${stepName(unit, starts[step] ?? 0)} UTC: ${grouped(quantity)} in ${counted(billed, 'record')}`,
  }));
  const highest = steps.reduce(
    (best, { quantity }, step) => (quantity > (steps[best]?.quantity ?? 0) ? step : best),
    0,
  );
  const label = `Bar chart of the billed quantity of ${dimensionText(dimension)} per ${unit}. Total ${grouped(dimension.quantity)}; the highest ${unit} is ${stepName(unit, starts[highest] ?? 0)} UTC with ${grouped(steps[highest]?.quantity ?? 0)}. The table after it has all figures.`;
  return html`
<figure class="panel" aria-labelledby="${id}">
<figcaption id="${id}"><h3>${dimensionName(dimension)}</h3><p class="total"><b>${grouped(dimension.quantity)}</b> billed</p></figcaption>
${charts.overTime(bars, timeline, label)}
<details>
<summary>Figures of ${dimensionText(dimension)} as a table</summary>
<div class="scroll" role="region" aria-label="Figures of ${dimensionText(dimension)}" tabindex="0">
<table data-dimension="${dimension.dimension}" data-product="${dimension.product ?? ''}">
<caption class="visually-hidden">${dimensionText(dimension)} per ${unit}, UTC</caption>
<thead><tr><th scope="col">${unitHead(unit)} (UTC)</th><th scope="col" class="n">Quantity billed</th><th scope="col" class="n">Records billed</th><th scope="col" class="n">Not billed</th><th scope="col" class="n">Open</th></tr></thead>
<tbody>
${steps.map(
  ({ quantity, billed, notBilled, open }, step) =>
    html`<tr><th scope="row">${stepName(unit, starts[step] ?? 0)}<td class="n">${billed === 0 ? '–' : grouped(quantity)}<td class="n">${grouped(billed)}<td class="n">${grouped(notBilled)}<td class="n">${grouped(open)}
`,
)}</tbody>
</table>
</div>
</details>
</figure>`;
};

const unitHead = (unit: Timeline['unit']): string => `${unit[0]?.toUpperCase()}${unit.slice(1)}`;

const dimensionTotals = ({ dimensions, undrawn }: ReportModel): Markup => {
  const all = [...dimensions, ...undrawn];
  const listed = all.slice(0, MAX_LISTED);
  return html`
<h3 id="dimensions-title">All dimensions</h3>
<div class="scroll" role="region" aria-labelledby="dimensions-title" tabindex="0">
<table id="dimensions">
<caption class="visually-hidden">Each dimension in the whole range</caption>
<thead><tr><th scope="col">Dimension</th><th scope="col">Product</th><th scope="col" class="n">Quantity billed</th><th scope="col" class="n">Records</th><th scope="col" class="n">Billed</th><th scope="col" class="n">Not billed</th><th scope="col" class="n">Open</th></tr></thead>
<tbody>
${listed.map(
  ({ dimension, product, quantity, records, billed, notBilled, open }) =>
    html`<tr><th scope="row">${dimension}</th><td>${product ?? BY_LICENSE}</td><td class="n">${grouped(quantity)}</td><td class="n">${grouped(records)}</td><td class="n">${grouped(billed)}</td><td class="n">${grouped(notBilled)}</td><td class="n">${grouped(open)}</td></tr>
`,
)}</tbody>
</table>
</div>
${all.length === listed.length ? undefined : html`<p class="soft">${counted(all.length - listed.length, 'more dimension')} with fewer records are not shown.</p>`}`;
};
