import { counted, grouped, hourText } from '../text/numbers.ts';
import { type Charts, drawWith } from './draw.ts';
import { html, type Markup, trusted } from './markup.ts';
import type { ReportModel } from './model.ts';
import type { ReconciliationDocument } from './reconciliation.ts';
import { attentionSection } from './sections/attention.ts';
import { customersSection } from './sections/customers.ts';
import { heatMapSection } from './sections/heat-map.ts';
import { outcomesSection } from './sections/outcomes.ts';
import { overTimeSection } from './sections/over-time.ts';
import { reconciliationSection } from './sections/reconciliation.ts';
import { STYLES } from './styles.ts';

/** In the head of every page: such a file may be written over. */
const MARKER = '<meta name="generator" content="ampmeter report">';

/** So far into a page its marker stands. Characters. */
export const MARKER_WITHIN = 400;

/** Whether this is how a page of ours begins. */
export const isReport = (beginning: string): boolean => beginning.slice(0, MARKER_WITHIN).includes(MARKER);

/** What the page says of itself. */
export type Frame = {
  readonly ledger: string;
  /** Such as `AWS, us-east-1`. */
  readonly destination: string;
  /** Hours from this one on, and before that one, as asked for; epoch seconds. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Such as `customer 123456789012`. */
  readonly filters: readonly string[];
  readonly made: Date;
  readonly version: string;
};

/** The whole page: it needs no script, no network and no other file. */
export const pageOf = (
  figures: ReportModel,
  frame: Frame,
  reconciliation: ReconciliationDocument | undefined,
  charts: Charts,
): string => {
  const draw = drawWith(charts);
  const isEmpty = figures.records === 0 && figures.gaps === 0;
  const sections: readonly (readonly [id: string, title: string, section: Markup])[] = [
    ['outcomes', 'Outcomes', isEmpty ? html`` : outcomesSection(figures, draw)],
    ['usage', 'Usage over time', overTimeSection(figures, draw)],
    ['heat', 'Customers over time', heatMapSection(figures)],
    ['amiss', 'Hours to look at', attentionSection(figures)],
    ['customers', 'Top customers', customersSection(figures, draw)],
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
<title>Usage report, ${rangeText(figures, frame)}</title>
<style>${trusted(STYLES)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the figures</a>
<div class="page">
${headerOf(figures, frame, shown)}
<main id="content" tabindex="-1">
${glance(figures)}
${isEmpty ? html`<p>The ledger has no records of what was asked for.</p>` : undefined}
${shown.map(([, , section]) => section)}
</main>
${footerOf(figures, frame)}
</div>
</body>
</html>
`.markup;
};

const headerOf = (
  figures: ReportModel,
  frame: Frame,
  shown: readonly (readonly [id: string, title: string, section: Markup])[],
): Markup => html`<header>
<p class="kicker">AWS Marketplace metering</p>
<h1>Usage report</h1>
<p class="range">${rangeText(figures, frame)}</p>
<dl class="facts">
<div><dt>Sent to</dt><dd>${frame.destination}</dd></div>
<div><dt>Ledger</dt><dd>${frame.ledger}</dd></div>
${
  frame.filters.length === 0
    ? undefined
    : html`<div><dt>Only</dt><dd>${frame.filters.join(', ')}</dd></div>
`
}<div><dt>Made</dt><dd>${hourText(frame.made.getTime() / 1000)
  .replace('T', ' ')
  .replace('Z', ' UTC')}</dd></div>
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

/** The hours that were asked for; where no limit was given, those of the records. */
const rangeText = ({ timeline }: ReportModel, { since, until }: Frame): string => {
  const first = since ?? timeline?.starts[0];
  const end = until ?? timeline?.end;
  if (first === undefined || end === undefined) return 'All hours, UTC';
  const text = (hour: number): string => hourText(hour).replace('T', ' ').replace('Z', '');
  return `${text(first)} to ${text(end)} UTC`;
};

const glance = ({ records, billed, refused, open, gaps, customers }: ReportModel): Markup => {
  const tiles: readonly (readonly [id: string, label: string, count: number, tone?: string])[] = [
    ['records', 'records', records],
    ['billed', 'billed', billed],
    ['refused', 'not billed', refused, 'bad'],
    ['open', 'open', open, 'open'],
    ['gaps', 'gaps', gaps, 'bad'],
    ['customers', 'customers', customers],
  ];
  return html`<h2 class="away">At a glance</h2>
<dl class="glance">
${tiles.map(
  ([id, label, count, tone]) =>
    html`<div class="${count > 0 ? (tone ?? '') : ''}"><dt>${label}</dt><dd data-glance="${id}">${grouped(count)}</dd></div>
`,
)}</dl>`;
};

const footerOf = ({ timeline, outside, gapsSince }: ReportModel, { version }: Frame): Markup => html`<footer>
<p class="soft">All times are UTC. Gaps are those of <code>ampmeter gaps</code>: hours that are over, of customers and dimensions with a record in the range or in the seven days before it, that lack a billed record.${gapsSince === undefined ? undefined : ` They are counted from ${hourText(gapsSince).replace('T', ' ').replace('Z', ' UTC')} on: the whole range has too many hours to look at.`}${
  timeline === undefined || timeline.unit === 'hour'
    ? undefined
    : ` Because the range is long, hours are combined into ${timeline.unit}s; all counts are of single hours and records.`
}${
  outside === 0
    ? undefined
    : ` ${counted(outside, 'record')} that AWS was never asked about (expired, in conflict) of other hours are counted as outcomes and not drawn.`
}</p>
<p class="soft">Made by ampmeter ${version} from its ledger. Scripts take the same figures from <code>ampmeter history -o json</code>.</p>
</footer>`;
