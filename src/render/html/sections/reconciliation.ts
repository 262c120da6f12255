import { DuplicateMember, isObject, type JsonObject, parseJson } from '../../../usage/json.ts';
import { show } from '../../text/escape.ts';
import { counted, grouped } from '../../text/numbers.ts';
import { cut } from '../../text/width.ts';
import { html, type Markup } from '../markup.ts';

/** The document that `ampmeter reconcile -o json` prints, as far as the page shows it. */
export type ReconciliationDocument = {
  readonly summary: JsonObject;
  readonly differences: readonly JsonObject[];
  readonly open: readonly JsonObject[];
};

/** Undefined when the text is not such a document. Members that a later version adds are ignored. Throws DuplicateMember. */
export const readReconciliation = (text: string): ReconciliationDocument | undefined => {
  const document = parsed(text);
  if (!isObject(document)) return undefined;
  const { summary, differences, open = [] } = document;
  if (!isObject(summary) || !isList(differences) || !isList(open)) return undefined;
  return { summary, differences, open };
};

const MAX_LISTED = 100;
/** Events of one record; the most relevant come first. */
const MAX_SIDES = 3;
/** User agents and notes may be long; the document has them in full. */
const MAX_CHARACTERS = 160;

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
  ['pending', 'pending: CloudTrail may not have delivered the event yet'],
  ['unsettled', 'not settled in the ledger'],
  ['unproven', 'unproven: CloudTrail truncated the event'],
  ['notSent', 'never sent'],
  ['unjudged', 'events and files that could not be evaluated'],
];

const FACTS: readonly (readonly [string, string])[] = [
  ['source', 'Compared with'],
  ['since', 'From (UTC)'],
  ['until', 'Until (UTC)'],
  ['regions', 'Regions'],
  ['ledgerRecords', 'Records in the ledger'],
  ['cloudTrailRecords', 'Records in CloudTrail'],
  ['failedCalls', 'Failed calls'],
  ['incompleteEvents', 'Truncated events'],
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
<h2 id="reconciliation-title">Reconciliation with CloudTrail</h2>
<p class="verdict ${differences.length === 0 ? 'ok' : 'bad'}">${
    differences.length === 0
      ? html`<span aria-hidden="true">✓</span> No difference between the ledger and CloudTrail.`
      : html`<span aria-hidden="true">✗</span> ${counted(differences.length, 'difference')} between the ledger and CloudTrail.`
  }${open.length === 0 ? undefined : ` ${counted(open.length, 'record')} cannot be compared yet.`}${unjudgedText(summary['unjudged'])}</p>
<dl class="facts">
${facts.map(
  ([member, label]) => html`<div><dt>${label}</dt><dd>${hourOf(summary[member])}</dd></div>
`,
)}</dl>
<div class="scroll" role="region" aria-label="Records by result of the comparison" tabindex="0">
<table class="narrow-table">
<caption class="visually-hidden">Records by result of the comparison</caption>
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
${listOf('Cannot be compared yet', 'open', open)}
</section>`;
};

/** Documents of older versions do not have this count. */
const unjudgedText = (unjudged: unknown): string | undefined =>
  typeof unjudged !== 'number' || unjudged === 0
    ? undefined
    : ` ${counted(unjudged, 'event')} could not be evaluated: there may be more differences.`;

type Listed = ReconciliationDocument['differences'];

const listOf = (title: string, id: string, records: Listed): Markup => {
  if (records.length === 0) return html``;
  const listed = records.slice(0, MAX_LISTED);
  return html`
<h3 id="${id}-title">${title}</h3>
<div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0">
<table>
<caption class="visually-hidden">${title}</caption>
<thead><tr><th scope="col">Hour (UTC)</th><th scope="col">Result</th><th scope="col">Customer</th><th scope="col">Dimension</th><th scope="col">Ledger</th><th scope="col">CloudTrail</th><th scope="col">Note</th></tr></thead>
<tbody>
${listed.map(
  record =>
    html`<tr><th scope="row">${hourOf(record['Timestamp'])}</th><td>${textOf(record['kind']).replaceAll('-', ' ')}</td><td>${textOf(record['CustomerAWSAccountId'] ?? record['CustomerIdentifier'] ?? record['LicenseArn'])}</td><td>${textOf(record['Dimension'])}</td><td>${sideText(record['ledger'])}</td><td class="text">${sideText(record['cloudTrail'])}</td><td class="text">${textOf(record['note'])}</td></tr>
`,
)}</tbody>
</table>
</div>
${records.length === listed.length ? undefined : html`<p class="soft">${counted(records.length - listed.length, 'more record')} in the output of <code>ampmeter reconcile -o json</code>.</p>`}`;
};

/** `12 accepted`; for CloudTrail a list, with the senders. */
const sideText = (side: unknown): string => {
  if (Array.isArray(side))
    return side.length === 0 ? '–' : cut(side.slice(0, MAX_SIDES).map(sideText).join('; '), MAX_CHARACTERS);
  if (!isObject(side)) return '–';
  const { Quantity, status, Status, errorCode, principal } = side;
  const facts = [Quantity, status ?? errorCode ?? Status].filter(fact => fact !== undefined).map(textOf);
  return `${facts.join(' ')}${principal === undefined ? '' : `, sent by ${textOf(principal)}`}`;
};

/** An RFC 3339 time in the form that the page uses for hours. */
const hourOf = (value: unknown): string =>
  textOf(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):00(?:\.000)?Z$/, '$1 $2');

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number') return grouped(value);
  const text = Array.isArray(value)
    ? value.map(textOf).join(', ')
    : isObject(value)
      ? JSON.stringify(value)
      : String(value);
  return cut(show(text), MAX_CHARACTERS);
};

const isList = (value: unknown): value is readonly JsonObject[] =>
  Array.isArray(value) && value.every(isObject);

const parsed = (text: string): unknown => {
  try {
    return parseJson(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof DuplicateMember) throw error;
    return undefined;
  }
};
