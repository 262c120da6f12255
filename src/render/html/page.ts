import type { EpochSeconds } from '../../usage/hours.ts';
import { counted, grouped } from '../text/numbers.ts';
import type { Charts } from './charts.ts';
import { html, type Markup, trusted } from './markup.ts';
import type { ReportModel } from './model.ts';
import { attentionSection } from './sections/attention.ts';
import { customersSection } from './sections/customers.ts';
import { estimateSection, type ReportEstimate } from './sections/estimate.ts';
import { type CarriedFractions, fractionsSection } from './sections/fractions.ts';
import { heatMapSection } from './sections/heat-map.ts';
import { outcomesSection } from './sections/outcomes.ts';
import { overTimeSection } from './sections/over-time.ts';
import { type ReconciliationDocument, reconciliationSection } from './sections/reconciliation.ts';
import { STYLES } from './styles.ts';
import { hourLabel } from './timeline.ts';

/** In the head of every page: a file with it may be overwritten. */
const MARKER = '<meta name="generator" content="ampmeter report">';

/** The marker is within this many characters of the start of a page. */
export const MARKER_WITHIN = 400;

/** Whether a file that begins like this is such a page. */
export const isReport = (beginning: string): boolean => beginning.slice(0, MARKER_WITHIN).includes(MARKER);

/** Facts about the page itself. */
export type Frame = {
  readonly ledger: string;
  /** For example `AWS, us-east-1`. */
  readonly destination: string;
  /** The hours that were selected: from `since` on, before `until`. */
  readonly since: EpochSeconds | undefined;
  readonly until: EpochSeconds | undefined;
  /** For example `customer 123456789012`. */
  readonly filters: readonly string[];
  readonly made: Date;
  readonly version: string;
};

/** What a page has only on request. */
type Extras = {
  readonly reconciliation?: ReconciliationDocument | undefined;
  readonly estimate?: ReportEstimate | undefined;
  readonly carried?: CarriedFractions | undefined;
};

/** The complete page. It needs no script, no network and no other file. */
export const pageOf = (
  model: ReportModel,
  frame: Frame,
  { reconciliation, estimate, carried }: Extras,
  charts: Charts,
): string => {
  const isEmpty = model.records === 0 && model.gaps === 0;
  const sections: readonly (readonly [id: string, title: string, section: Markup])[] = [
    ['outcomes', 'Outcomes', isEmpty ? html`` : outcomesSection(model, charts)],
    ['usage', 'Usage over time', overTimeSection(model, charts)],
    ['heat', 'Customers over time', heatMapSection(model)],
    ['attention', 'Hours that need attention', attentionSection(model)],
    ['customers', 'Top customers', customersSection(model, charts)],
    ['fractions', 'Fractions that are carried', fractionsSection(carried)],
    ['estimate', 'Estimated value', estimateSection(estimate)],
    ['reconciliation', 'Reconciliation', reconciliationSection(reconciliation)],
  ];
  const shown = sections.filter(([, , { markup }]) => markup !== '');
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
${trusted(MARKER)}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Usage report, ${rangeText(model, frame)}</title>
<style>${trusted(STYLES)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<div class="page">
${headerOf(model, frame, shown)}
<main id="content" tabindex="-1">
${glance(model)}
${isEmpty ? html`<p>The ledger has no records for this selection.</p>` : undefined}
${shown.map(([, , section]) => section)}
</main>
${footerOf(model, frame)}
</div>
</body>
</html>
`.markup;
};

const headerOf = (
  model: ReportModel,
  frame: Frame,
  shown: readonly (readonly [id: string, title: string, section: Markup])[],
): Markup => html`<header>
<p class="kicker">AWS Marketplace metering</p>
<h1>Usage report</h1>
<p class="range">${rangeText(model, frame)}</p>
<dl class="facts">
<div><dt>Sent to</dt><dd>${frame.destination}</dd></div>
<div><dt>Ledger</dt><dd>${frame.ledger}</dd></div>
${
  frame.filters.length === 0
    ? undefined
    : html`<div><dt>Filters</dt><dd>${frame.filters.join(', ')}</dd></div>
`
}<div><dt>Created</dt><dd>${hourLabel(frame.made.getTime() / 1000)} UTC</dd></div>
</dl>
${
  shown.length === 0
    ? undefined
    : html`<nav aria-label="Sections">
<ul>
${shown.map(
  ([id, title]) => html`<li><a href="#${id}">${title}</a></li>
`,
)}</ul>
</nav>`
}
</header>`;

/** The hours that were selected; without a limit, those of the records. */
const rangeText = ({ timeline }: ReportModel, { since, until }: Frame): string => {
  const first = since ?? timeline?.starts[0];
  const end = until ?? timeline?.end;
  if (first === undefined || end === undefined) return 'All hours, UTC';
  return `${hourLabel(first)} to ${hourLabel(end)} UTC`;
};

const glance = ({ records, billed, notBilled, open, gaps, customers }: ReportModel): Markup => {
  const tiles: readonly (readonly [id: string, label: string, count: number, tone?: string])[] = [
    ['records', 'records', records],
    ['billed', 'billed', billed],
    ['notBilled', 'not billed', notBilled, 'bad'],
    ['open', 'open', open, 'open'],
    ['gaps', 'gaps', gaps, 'bad'],
    ['customers', 'customers', customers],
  ];
  return html`<h2 class="visually-hidden">At a glance</h2>
<dl class="glance">
${tiles.map(
  ([id, label, count, tone]) =>
    html`<div class="${count > 0 ? (tone ?? '') : ''}"><dt>${label}</dt><dd data-glance="${id}">${grouped(count)}</dd></div>
`,
)}</dl>`;
};

const footerOf = ({ timeline, outside, gapsSince }: ReportModel, { version }: Frame): Markup => html`<footer>
<p class="soft">All times are UTC. A gap is a past hour without a billed record, for a customer and dimension with a record in the range or in the seven days before it. <code>ampmeter gaps</code> lists them.${gapsSince === undefined ? undefined : ` Gaps are counted from ${hourLabel(gapsSince)} UTC on: the whole range has too many hours to check.`}${
  timeline === undefined || timeline.unit === 'hour'
    ? undefined
    : ` The range is long, so hours are combined into ${timeline.unit}s; counts are still of single hours and records.`
}${
  outside === 0
    ? undefined
    : ` ${counted(outside, 'record')} of other hours, never sent to AWS (expired, conflict), are counted under Outcomes but not shown in the charts.`
}</p>
<p class="soft">Created by ampmeter ${version} from its ledger. For scripts, <code>ampmeter history -o json</code> has the same figures.</p>
</footer>`;
