import { isBilled, isUnfinished, STATUSES, type Status } from '../../../usage/outcome.ts';
import { meaningOf, statusText } from '../../explanations/outcomes.ts';
import { grouped } from '../../text/numbers.ts';
import type { ChartColor, Charts } from '../charts.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model.ts';

export const outcomesSection = ({ outcomes, records }: ReportModel, charts: Charts): Markup => {
  const found = STATUSES.flatMap(status => {
    const count = outcomes.get(status) ?? 0;
    return count === 0 ? [] : [{ status, count }];
  });
  const bars = found.map(({ status, count }) => ({
    name: statusText(status),
    value: count,
    title: `${statusText(status)}: ${grouped(count)}`,
    color: colorOf(status),
  }));
  return html`
<section id="outcomes" aria-labelledby="outcomes-title">
<h2 id="outcomes-title">Outcomes</h2>
<div class="beside">
${charts.ranking(bars, 'Bar chart of the number of records with each outcome. The table after it has the same figures.')}
<div class="scroll" role="region" aria-label="Outcomes, as a table" tabindex="0">
<table>
<caption class="visually-hidden">Records by outcome</caption>
<thead><tr><th scope="col">Outcome</th><th scope="col" class="n">Records</th><th scope="col" class="n">Share</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${found.map(
  ({
    status,
    count,
  }) => html`<tr><th scope="row">${mark(status)} ${statusText(status)}</th><td class="n" data-status="${status}">${grouped(count)}</td><td class="n">${share(count, records)}</td><td class="soft">${meaningOf(status)}</td></tr>
`,
)}</tbody>
<tfoot><tr><th scope="row">All</th><td class="n">${grouped(records)}</td><td></td><td></td></tr></tfoot>
</table>
</div>
</div>
</section>`;
};

/** The word beside it says the same; the sign needs no color. */
const mark = (status: Status): Markup => {
  if (isBilled(status)) return html`<span class="mark ok" aria-hidden="true">✓</span>`;
  if (isUnfinished(status)) return html`<span class="mark open" aria-hidden="true">?</span>`;
  return html`<span class="mark bad" aria-hidden="true">✗</span>`;
};

const colorOf = (status: Status): ChartColor =>
  isBilled(status) ? 'accent' : isUnfinished(status) ? 'open' : 'bad';

/** Never rounded to 0 or 100 %. */
export const share = (part: number, whole: number): string => {
  if (whole === 0) return '';
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return '< 0.1 %';
  if (part < whole && percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1)} %`;
};
