import { counted, grouped } from '../../text/numbers.ts';
import { html, joined, type Markup } from '../markup.ts';
import type { HeatRow, HeatStep, ReportModel } from '../model.ts';
import { stepName, type Timeline, ticksOf } from '../timeline.ts';

/** Hours × customers: a real table, so that a screen reader can navigate it. */
export const heatMapSection = ({ rows, others, customers, timeline }: ReportModel): Markup => {
  if (timeline === undefined) return html``;
  const { unit } = timeline;
  const rest = customers - rows.length;
  return html`
<section id="heat" aria-labelledby="heat-title">
<h2 id="heat-title">Customers by ${unit}</h2>
<p class="lead">Each column is one ${unit} (UTC) and each row one customer. A stronger color means more usage, relative to the highest ${unit} of the same customer and dimension. The size of a mark is its share of the ${unit}.</p>
<ul class="legend" aria-label="Legend">
<li><span class="cell l0"></span>billed, quantity 0</li>
<li><span class="cell l1"></span><span class="cell l2"></span><span class="cell l3"></span><span class="cell l4"></span>less to more usage</li>
<li><span class="cell g4"></span>missing: an hour without a record</li>
<li><span class="cell r3"></span>a record that is not billed</li>
<li><span class="cell u"></span>open: unknown or unsent</li>
</ul>
<div class="scroll" role="region" aria-label="Customers by ${unit}, as a table" tabindex="0">
<table class="heat">
<caption class="visually-hidden">Records of each customer in each ${unit}: billed, not billed, open, and missing</caption>
<thead><tr><th scope="col">Customer</th>${heads(timeline)}</tr></thead>
<tbody>
${rows.map(row => heatRow(row.customer, row, timeline))}${rest === 0 ? undefined : heatRow(counted(rest, 'other customer'), others, timeline)}</tbody>
</table>
</div>
${rest === 0 ? undefined : html`<p class="soft">${grouped(rows.length)} of ${grouped(customers)} customers have a row of their own: half of them have the most gaps and records that are not billed, the others have the most records. The ${counted(rest, 'other')} share one row.</p>`}
</section>`;
};

/** A label after this part of the axis would leave the table; it ends at its step instead. */
const LAST = 0.92;

const heads = (timeline: Timeline): Markup => {
  const ticks = ticksOf(timeline, 10);
  return joined(
    timeline.starts.map((start, step) => {
      const tick = ticks.get(step);
      const name = html`<i>${stepName(timeline.unit, start)}</i>`;
      return tick === undefined
        ? html`<th scope="col">${name}`
        : html`<th scope="col" class="${step > LAST * timeline.starts.length ? 'e' : 't'}"><b aria-hidden="true">${tick}</b>${name}`;
    }),
  );
};

const heatRow = (name: string, { steps }: Pick<HeatRow, 'steps'>, { unit, starts }: Timeline): Markup =>
  html`<tr><th scope="row">${name}</th>${joined(steps.map((step, place) => heatCell(step, stepName(unit, starts[place] ?? 0))))}</tr>
`;

const heatCell = (step: HeatStep, when: string): Markup => {
  const words = wordsOf(step);
  if (words === '') return html`<td>`;
  return html`<td class="${classOf(step)}" title="${when}: ${words}"><i>${words}</i>`;
};

const wordsOf = ({ billed, notBilled, open, missing }: HeatStep): string =>
  [
    [billed, 'billed'],
    [notBilled, 'not billed'],
    [open, 'open'],
    [missing, 'missing'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${grouped(Number(count))} ${word}`)
    .join(', ');

const classOf = ({ billed, notBilled, open, missing, level }: HeatStep): string =>
  [
    billed > 0 && `l${level === 0 ? 0 : Math.min(4, 1 + Math.floor(level * 4 + ROUNDING))}`,
    missing > 0 && `g${sizeOf(missing / (billed + notBilled + open + missing))}`,
    notBilled > 0 && `r${sizeOf(notBilled / (billed + notBilled + open + missing))}`,
    open > 0 && 'u',
  ]
    .filter(name => name !== false)
    .join(' ');

/** The mean of several ones may be slightly less than one. */
const ROUNDING = 1e-9;

/** A smaller share is marked with a line, so that the rest of the cell stays visible. */
const SMALL_SHARE = 0.05;

/** 0 for a line, otherwise quarters of the cell. */
const sizeOf = (share: number): number => (share < SMALL_SHARE ? 0 : Math.ceil(share * 4));
