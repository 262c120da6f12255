import { cut, show } from '../../text/escape.ts';
import { counted, grouped } from '../../text/numbers.ts';
import { html, type Markup } from '../markup.ts';
import { isMembers, type ReconciliationDocument } from '../reconciliation.ts';

const MOST_LISTED = 100;
/** Of one record, the events that count first. */
const MOST_SIDES = 3;
/** User agents and notes may be long; what is cut here stands in the document. */
const MOST_CHARACTERS = 160;

/** Counts that mean a difference when they are not 0, in the words of the page. */
const DIFFERENCES: readonly (readonly [string, string])[] = [
  ['ledgerOnly', 'in the ledger only'],
  ['cloudTrailOnly', 'in CloudTrail only'],
  ['differentQuantity', 'different quantity'],
  ['differentStatus', 'different status'],
  ['differentId', 'different record id'],
  ['billedTwice', 'billed twice'],
];

const OTHERS: readonly (readonly [string, string])[] = [
  ['agreed', 'agreed'],
  ['pending', 'pending: younger than CloudTrail’s delay'],
  ['unsettled', 'not settled in the ledger'],
  ['unproven', 'unproven: CloudTrail cut the event'],
  ['notSent', 'never sent'],
  ['unjudged', 'events and files that could not be judged'],
];

const FACTS: readonly (readonly [string, string])[] = [
  ['source', 'Compared with'],
  ['since', 'From (UTC)'],
  ['until', 'Until (UTC)'],
  ['regions', 'Regions'],
  ['ledgerRecords', 'Records in the ledger'],
  ['cloudTrailRecords', 'Records in CloudTrail'],
  ['failedCalls', 'Calls that failed'],
  ['incompleteEvents', 'Events that CloudTrail has cut'],
];

export const reconciliationSection = (document: ReconciliationDocument | undefined): Markup =>
  document === undefined ? html`` : section(document);

const section = ({ summary, differences, open }: ReconciliationDocument): Markup => {
  const counts = [...OTHERS.slice(0, 1), ...DIFFERENCES, ...OTHERS.slice(1)].filter(
    ([member]) => typeof summary[member] === 'number' && (summary[member] !== 0 || member === 'agreed'),
  );
  const facts = FACTS.filter(([member]) => summary[member] !== undefined && summary[member] !== 0);
  return html`
<section id="reconciliation" aria-labelledby="reconciliation-title">
<h2 id="reconciliation-title">Does AWS agree?</h2>
<p class="verdict ${differences.length === 0 ? 'ok' : 'bad'}">${
    differences.length === 0
      ? html`<span aria-hidden="true">✓</span> No difference between the ledger and CloudTrail.`
      : html`<span aria-hidden="true">✗</span> ${counted(differences.length, 'difference')} between the ledger and CloudTrail.`
  }${open.length === 0 ? undefined : ` ${counted(open.length, 'record')} cannot be told yet.`}${unjudgedText(summary['unjudged'])}</p>
<dl class="facts">
${facts.map(
  ([member, label]) => html`<div><dt>${label}</dt><dd>${hourOf(summary[member])}</dd></div>
`,
)}</dl>
<div class="scroll" role="region" aria-label="Records by result of the comparison" tabindex="0">
<table class="narrow-table">
<caption class="away">Records by result of the comparison</caption>
<thead><tr><th scope="col">Result</th><th scope="col" class="n">Records</th></tr></thead>
<tbody>
${counts.map(
  ([
    member,
    label,
  ]) => html`<tr><th scope="row">${label}</th><td class="n" data-reconciled="${member}">${textOf(summary[member])}</td></tr>
`,
)}</tbody>
</table>
</div>
${listOf('Differences', 'differences', differences)}
${listOf('Cannot be told yet', 'open', open)}
</section>`;
};

/** Absent from the documents of older versions. */
const unjudgedText = (unjudged: unknown): string | undefined =>
  typeof unjudged !== 'number' || unjudged === 0
    ? undefined
    : ` ${counted(unjudged, 'event')} could not be judged: there may be more.`;

type Listed = ReconciliationDocument['differences'];

const listOf = (title: string, id: string, records: Listed): Markup => {
  if (records.length === 0) return html``;
  const listed = records.slice(0, MOST_LISTED);
  return html`
<h3 id="${id}-title">${title}</h3>
<div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0">
<table>
<caption class="away">${title}</caption>
<thead><tr><th scope="col">Hour (UTC)</th><th scope="col">What</th><th scope="col">Customer</th><th scope="col">Dimension</th><th scope="col">Ledger</th><th scope="col">CloudTrail</th><th scope="col">Note</th></tr></thead>
<tbody>
${listed.map(
  record =>
    html`<tr><th scope="row">${hourOf(record['Timestamp'])}</th><td>${textOf(record['kind']).replaceAll('-', ' ')}</td><td>${textOf(record['CustomerAWSAccountId'] ?? record['CustomerIdentifier'] ?? record['LicenseArn'])}</td><td>${textOf(record['Dimension'])}</td><td>${sideText(record['ledger'])}</td><td class="text">${sideText(record['cloudTrail'])}</td><td class="text">${textOf(record['note'])}</td></tr>
`,
)}</tbody>
</table>
</div>
${records.length === listed.length ? undefined : html`<p class="soft">${counted(records.length - listed.length, 'more record')} in the document of <code>ampmeter reconcile -o json</code>.</p>`}`;
};

/** `12 accepted`; several of CloudTrail in a row, with who sent them. */
const sideText = (side: unknown): string => {
  if (Array.isArray(side))
    return side.length === 0 ? '–' : cut(side.slice(0, MOST_SIDES).map(sideText).join('; '), MOST_CHARACTERS);
  if (!isMembers(side)) return '–';
  const { Quantity, status, Status, errorCode, principal } = side;
  const facts = [Quantity, status ?? errorCode ?? Status].filter(fact => fact !== undefined).map(textOf);
  return `${facts.join(' ')}${principal === undefined ? '' : `, sent by ${textOf(principal)}`}`;
};

/** RFC 3339 as the rest of the page writes hours. */
const hourOf = (value: unknown): string =>
  textOf(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):00(?:\.000)?Z$/, '$1 $2');

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number') return grouped(value);
  const text = Array.isArray(value)
    ? value.map(textOf).join(', ')
    : isMembers(value)
      ? JSON.stringify(value)
      : String(value);
  return cut(show(text), MOST_CHARACTERS);
};
