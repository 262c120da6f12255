import { type EpochMs, isoMs } from '../../../usage/hours.ts';
import type { Amounts } from '../../../usage/money.ts';
import { amountsText, ESTIMATE_LEAVES_OUT } from '../../text/money.ts';
import { counted } from '../../text/numbers.ts';
import { html, type Markup } from '../markup.ts';

/** What usage is probably worth, by currency. */
export type ReportEstimate = {
  readonly billed: ReadonlyMap<string, bigint>;
  /** Billed records whose price is not known. */
  readonly withoutPrice: number;
  readonly gaps: GapAmounts;
};

/** Filled while the gaps are read. */
export type GapAmounts = {
  readonly billable: Amounts;
  readonly notBillable: Amounts;
  withoutValue: number;
  /** The first deadline of a gap that is worth something and can be billed. */
  firstValueMs: EpochMs | undefined;
};

export const estimateSection = (estimate: ReportEstimate | undefined): Markup => {
  if (estimate === undefined) return html``;
  const { billed, withoutPrice, gaps } = estimate;
  const left = [
    ...(withoutPrice > 0 ? [counted(withoutPrice, 'billed record')] : []),
    ...(gaps.withoutValue > 0 ? [counted(gaps.withoutValue, 'gap')] : []),
  ].join(' and ');
  const until =
    gaps.firstValueMs === undefined ? '' : `, the first of them until ${isoMs(gaps.firstValueMs)}`;
  const rows: readonly (readonly [what: string, id: string, amounts: ReadonlyMap<string, bigint>])[] = [
    ['Billed', 'billed', billed],
    [`Gaps that can still be billed${until}`, 'billable', gaps.billable],
    ['Gaps that can no longer be billed', 'notBillable', gaps.notBillable],
  ];
  return html`
<section id="estimate" aria-labelledby="estimate-title">
<h2 id="estimate-title">Estimated value</h2>
<p class="lead">${ESTIMATE_LEAVES_OUT.replace(/^a/, 'A')}. A gap without a record counts with the customer's mean hour.</p>
<div class="scroll" role="region" aria-label="Estimated value, as a table" tabindex="0">
<table>
<caption class="visually-hidden">Estimated value, by currency</caption>
<thead><tr><th scope="col">Usage</th><th scope="col" class="n">About</th></tr></thead>
<tbody>
${rows.map(
  ([what, id, amounts]) =>
    html`<tr><th scope="row">${what}</th><td class="n" data-estimate="${id}">${amountsText(amounts) || '-'}</td></tr>
`,
)}</tbody>
</table>
</div>
${left === '' ? undefined : html`<p class="soft">Without a known price or usage, and not included: ${left}.</p>`}
</section>`;
};
