import { isBilled, isUnfinished, STATUSES, type Status } from '../../../usage/outcome.ts';
import { grouped } from '../../text/numbers.ts';
import type { ChartColor } from '../charts.ts';
import type { Draw } from '../draw.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model.ts';
import { MEANING, spoken } from '../words.ts';

export const outcomesSection = ({ outcomes, records }: ReportModel, draw: Draw): Markup => {
  const found = STATUSES.flatMap(status => {
    const count = outcomes.get(status) ?? 0;
    return count === 0 ? [] : [{ status, count }];
  });
  const bars = found.map(({ status, count }) => ({
    name: spoken(status),
    value: count,
    title: `${spoken(status)}: ${grouped(count)}`,
    color: colorOf(status),
  }));
  return html`
<section id="outcomes" aria-labelledby="outcomes-title">
<h2 id="outcomes-title">What became of the records</h2>
<div class="beside">
${draw.ranking(bars, 'Bar chart of the number of records with each outcome. The table after it has the same figures.')}
<div class="scroll" role="region" aria-label="Outcomes, as a table" tabindex="0">
<table>
<caption class="away">Records by outcome</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col" class="n">Records</th><th scope="col" class="n">Share</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${found.map(
  ({
    status,
    count,
  }) => html`<tr><th scope="row">${mark(status)} ${spoken(status)}</th><td class="n" data-status="${status}">${grouped(count)}</td><td class="n">${share(count, records)}</td><td class="soft">${MEANING[status]}</td></tr>
`,
)}</tbody>
<tfoot><tr><th scope="row">All</th><td class="n">${grouped(records)}</td><td></td><td></td></tr></tfoot>
</table>
</div>
</div>
</section>`;
};

/** A word says it; the sign helps the eye, and is the same with and without colour. */
const mark = (status: Status): Markup => {
  if (isBilled(status)) return html`<span class="mark ok" aria-hidden="true">✓</span>`;
  if (isUnfinished(status)) return html`<span class="mark open" aria-hidden="true">?</span>`;
  return html`<span class="mark bad" aria-hidden="true">✗</span>`;
};

const colorOf = (status: Status): ChartColor =>
  isBilled(status) ? 'accent' : isUnfinished(status) ? 'open' : 'bad';

/** Never rounded to all or nothing. */
export const share = (part: number, whole: number): string => {
  if (whole === 0) return '';
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return '< 0.1 %';
  if (part < whole && percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1)} %`;
};
