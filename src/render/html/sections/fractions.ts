import type { StreamBalance } from '../../../ledger/queries/balances.ts';
import { decimalText } from '../../../usage/decimal.ts';
import { counted, grouped, groupedDecimal } from '../../text/numbers.ts';
import { html, type Markup } from '../markup.ts';
import { hourLabel } from '../timeline.ts';
import { BY_LICENSE } from './over-time.ts';

/** What is carried of one dimension of one product. */
export type CarriedTotals = Pick<StreamBalance, 'productCode' | 'dimension' | 'used' | 'sent' | 'balance'> & {
  readonly streams: number;
};

export type CarriedFractions = {
  readonly dimensions: readonly CarriedTotals[];
  /** Streams whose balance is not 0. */
  readonly open: number;
  /** Those of them that have had no record for the longest time, that one first. */
  readonly listed: readonly StreamBalance[];
};

/** What was used and sent where fractions are carried, and what is not billed yet. */
export const fractionsSection = (carried: CarriedFractions | undefined): Markup => {
  if (carried === undefined) return html``;
  const { dimensions, open, listed } = carried;
  return html`
<section id="fractions" aria-labelledby="fractions-title">
<h2 id="fractions-title">Fractions that are carried</h2>
<p class="lead">The balance is what was used and not sent, in all hours up to now, whatever the range of this report. The next hours send it.</p>
<div class="scroll" role="region" aria-label="Used and sent by dimension, as a table" tabindex="0">
<table>
<caption class="visually-hidden">Used, sent and the balance of each dimension</caption>
<thead><tr><th scope="col">Dimension</th><th scope="col">Product</th><th scope="col" class="n">Customers</th><th scope="col" class="n">Used</th><th scope="col" class="n">Sent</th><th scope="col" class="n">Balance</th></tr></thead>
<tbody>
${dimensions.map(
  ({ dimension, productCode, streams, used, sent, balance }) =>
    html`<tr><th scope="row">${dimension}</th><td>${productCode ?? BY_LICENSE}</td><td class="n">${grouped(streams)}</td><td class="n">${groupedDecimal(decimalText(used))}</td><td class="n">${grouped(sent)}</td><td class="n">${groupedDecimal(decimalText(balance))}</td></tr>
`,
)}</tbody>
</table>
</div>
${open === 0 ? undefined : notBilled(listed, open)}
</section>`;
};

const notBilled = (listed: readonly StreamBalance[], open: number): Markup => html`
<h3 id="not-billed-title">Fractions not billed</h3>
<p class="lead">Those without a record for the longest time come first. If a customer has left, no later hour sends the rest, and it is never billed.</p>
<div class="scroll" role="region" aria-labelledby="not-billed-title" tabindex="0">
<table>
<caption class="visually-hidden">Customers with a balance</caption>
<thead><tr><th scope="col">Customer</th><th scope="col">Dimension</th><th scope="col">Product or license</th><th scope="col" class="n">Balance</th><th scope="col">Last hour (UTC)</th></tr></thead>
<tbody>
${listed.map(
  ({ customer, dimension, productCode, licenseArn, balance, lastHour }) =>
    html`<tr><th scope="row">${customer}</th><td>${dimension}</td><td>${licenseArn ?? productCode ?? ''}</td><td class="n">${groupedDecimal(decimalText(balance))}</td><td>${hourLabel(lastHour)}</td></tr>
`,
)}</tbody>
</table>
</div>
${open === listed.length ? undefined : html`<p class="soft">${counted(open - listed.length, 'more balance')} not shown; <code>ampmeter history --by customer</code> lists the balance of every customer.</p>`}`;
