import { counted, grouped } from '../../text/numbers.ts';
import type { HeatRow, HeatStep } from '../details.ts';
import { html, joined, type Markup } from '../markup.ts';
import type { ReportModel } from '../model.ts';
import { stepName, type Timeline, ticksOf } from '../timeline.ts';

/** Hours × customers: a real table, so that whatever reads the page can walk through it. */
export const heatMapSection = ({ rows, others, customers, timeline }: ReportModel): Markup => {
  if (timeline === undefined) return html``;
  const { unit } = timeline;
  const rest = customers - rows.length;
  return html`
<section id="heat" aria-labelledby="heat-title">
<h2 id="heat-title">Customers by ${unit}</h2>
<p class="lead">One column is one ${unit} (UTC), one row a customer. The stronger the colour, the more was used, measured for each dimension against the highest ${unit} of the same customer. A mark is as large as its share of the ${unit}.</p>
<ul class="legend" aria-label="Legend">
<li><span class="cell l0"></span>billed, quantity 0</li>
<li><span class="cell l1"></span><span class="cell l2"></span><span class="cell l3"></span><span class="cell l4"></span>less to more</li>
<li><span class="cell g4"></span>missing: an hour without a record</li>
<li><span class="cell r3"></span>a record that is not billed</li>
<li><span class="cell u"></span>open: unknown or unsent</li>
</ul>
<div class="scroll" role="region" aria-label="Customers by ${unit}, as a table" tabindex="0">
<table class="heat">
<caption class="away">Records of each customer in each ${unit}: billed, not billed, open, and missing</caption>
<thead><tr><th scope="col">Customer</th>${heads(timeline)}</tr></thead>
<tbody>
${rows.map(row => heatRow(row.customer, row, timeline))}${rest === 0 ? undefined : heatRow(counted(rest, 'other customer'), others, timeline)}</tbody>
</table>
</div>
${rest === 0 ? undefined : html`<p class="soft">${counted(rows.length, 'customer')} of ${grouped(customers)} have a row: half of them for what is amiss (gaps, records not billed, open ones), the rest for their number of records. The ${counted(rest, 'other')} are one row.</p>`}
</section>`;
};

/** A label further along than this would run out of the table, and ends at its step instead. */
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

const wordsOf = ({ billed, refused, open, missing }: HeatStep): string =>
  [
    [billed, 'billed'],
    [refused, 'not billed'],
    [open, 'open'],
    [missing, 'missing'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${grouped(Number(count))} ${word}`)
    .join(', ');

const classOf = ({ billed, refused, open, missing, level }: HeatStep): string =>
  [
    billed > 0 && `l${level === 0 ? 0 : Math.min(4, 1 + Math.floor(level * 4 + ROUNDING))}`,
    missing > 0 && `g${sizeOf(missing / (billed + refused + open + missing))}`,
    refused > 0 && `r${sizeOf(refused / (billed + refused + open + missing))}`,
    open > 0 && 'u',
  ]
    .filter(name => name !== false)
    .join(' ');

/** A mean of ones may come out as slightly less than one. */
const ROUNDING = 1e-9;

/** Among hundreds of customers something is always amiss: it is marked, and leaves the rest visible. */
const FEW = 0.05;

/** 0 for a line, else the quarters of the cell. */
const sizeOf = (share: number): number => (share < FEW ? 0 : Math.ceil(share * 4));
