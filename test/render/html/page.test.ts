import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordPoint } from '../../../src/ledger/queries/points.ts';
import { reportModel } from '../../../src/render/html/model.ts';
import { isReport } from '../../../src/render/html/page.ts';
import { readReconciliation } from '../../../src/render/html/sections/reconciliation.ts';
import { decimalOf } from '../../../src/usage/decimal.ts';
import { STATUSES } from '../../../src/usage/outcome.ts';
import { cell, hour, page } from './setup.ts';

const pageOfCells = (
  cells: readonly RecordPoint[],
  ...rest: Parameters<typeof page> extends [unknown, ...infer R] ? R : never
) =>
  page(
    reportModel(
      () => cells,
      () => undefined,
    ),
    ...rest,
  );

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style></svg><b>',
  '\u202e\u001b[31m\u0000',
  '&lt;b&gt;',
];

test('fractions that are carried have a section, and only then', () => {
  const stream = {
    endpoint: 'aws',
    region: 'us-east-1',
    customer: '<b>c</b>',
    dimension: 'gb',
    productCode: 'prod',
    licenseArn: undefined,
    records: 2,
    used: decimalOf('1.7'),
    sent: 1,
    balance: decimalOf('0.7'),
    lastHour: hour(5),
  };
  const { productCode, dimension, used, sent, balance } = stream;
  const dimensions = [{ productCode, dimension, used, sent, balance, streams: 3 }];
  const made = pageOfCells([cell()], {}, undefined, { dimensions, open: 3, listed: [stream] });
  assert.match(made, /<li><a href="#fractions">/);
  assert.match(
    made,
    /gb<\/th><td>prod<\/td><td class="n">3<\/td><td class="n">1.7<\/td><td class="n">1<\/td><td class="n">0.7</,
  );
  assert.match(made, /&lt;b&gt;c.*0\.7<\/td><td>2026-11-16 05:00/);
  assert.match(made, /2 more balances not shown/);
  assert.doesNotMatch(pageOfCells([cell()]), /fractions/i);
  assert.doesNotMatch(
    pageOfCells([cell()], {}, undefined, { dimensions, open: 0, listed: [] }),
    /not-billed-title/,
  );
});

test('usage that is billed by license has no product, and says so', () => {
  const balance = { dimension: 'gb', used: decimalOf('1.7'), sent: 1, balance: decimalOf('0.7') };
  const made = pageOfCells([cell({ product: undefined })], {}, undefined, {
    dimensions: [{ ...balance, productCode: undefined, streams: 1 }],
    open: 0,
    listed: [],
  });
  assert.equal(made.match(/<\/th><td>by license<\/td>/g)?.length, 2);
});

test('hostile names stay text, in HTML and in the charts', () => {
  const cells = HOSTILE.map(text => cell({ customer: text, dimension: text, product: text }));
  const text = HOSTILE.join(' ');
  const document = {
    summary: { source: text, agreed: 1, [text]: 1 },
    differences: [
      {
        kind: text,
        Timestamp: text,
        Dimension: text,
        CustomerAWSAccountId: text,
        note: text,
        ledger: { status: text, Quantity: text },
        cloudTrail: [{ Status: text, principal: text }],
      },
    ],
    open: [],
  };
  const made = pageOfCells(
    cells,
    { ledger: text, destination: text, filters: [text], version: text },
    document,
  );
  const bare = made.replace(/="[^"]*"/g, '');
  assert.doesNotMatch(bare, /<script|<img|<b>(?!\d)|<[^>]* on[a-z]+=/);
  assert.doesNotMatch(made, /="[^"]*[<>]/);
  assert.doesNotMatch(made.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  assert.equal(made.match(/<\/title>/g)?.length, 1 + (made.match(/<path[^>]*><title>/g)?.length ?? 0));
  assert.equal(made.match(/<\/style>/g)?.length, 1);
});

test('the page refers to nothing outside', () => {
  const made = pageOfCells([cell()]);
  assert.match(
    made,
    /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">/,
  );
  assert.doesNotMatch(made, /https?:|url\(|@import|<(?:link|script|iframe|object|embed|img)\b|src=/);
  for (const [, reference = ''] of made.matchAll(/href="([^"]*)"/g)) assert.match(reference, /^#/);
});

test('ids and the names of regions are unique, and what is referred to is there', () => {
  const made = pageOfCells([
    cell(),
    cell({ product: 'another' }),
    cell({ dimension: 'gb' }),
    cell({ status: 'refused', timestamp: hour(1) }),
  ]);
  const ids = [...made.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  const regions = [...made.matchAll(/role="region" (aria-label(?:ledby)?="[^"]*")/g)].map(([, name]) => name);
  assert.ok(regions.length > 3);
  assert.equal(new Set(regions).size, regions.length);
  for (const [, id] of made.matchAll(/(?:aria-labelledby|href)="#?([^"]*)"/g))
    assert.ok(ids.includes(id), id);
});

test('a page is known as one by its beginning, and nothing else is', () => {
  assert.ok(isReport(pageOfCells([cell()])));
  assert.ok(!isReport('<!DOCTYPE html><html><head><title>x</title>'));
  assert.ok(!isReport(`${' '.repeat(1000)}${pageOfCells([cell()])}`));
});

test('an empty selection is said', () => {
  assert.match(pageOfCells([]), /The ledger has no records for this selection/);
});

test('what is combined or left out is said', () => {
  const many = Array.from({ length: 30 }, (_, place) =>
    cell({ customer: `c${place}`, dimension: `d${place % 12}`, timestamp: hour(place * 24) }),
  );
  const made = pageOfCells(many);
  assert.match(made, /hours are combined into days/);
  assert.match(made, /24 of 30 customers have a row of their own/);
  assert.match(made, /The 6 others share one row/);
  assert.match(made, /The 8 dimensions with the most records have charts; 4 more dimensions/);
});

test('a result of reconcile is shown, whatever a later version adds', () => {
  const document = readReconciliation(
    JSON.stringify({
      summary: { source: 'LookupEvents', agreed: 1234, ledgerOnly: 1, surprise: { deep: true } },
      differences: [
        {
          kind: 'ledger-only',
          Timestamp: '2026-11-20T10:00:00Z',
          Dimension: 'gb',
          CustomerIdentifier: 'cust',
          ledger: { status: 'accepted', Quantity: 1000 },
          cloudTrail: [],
          note: 'nobody has it',
        },
      ],
      more: [],
    }),
  );
  assert.ok(document);
  const made = pageOfCells([cell()], {}, document);
  assert.match(made, /data-reconciled="agreed">1,234</);
  assert.match(made, /1 difference between the ledger and CloudTrail/);
  assert.match(
    made,
    /2026-11-20 10:00<\/th><td>ledger only<\/td><td>cust<\/td><td>gb<\/td><td>1,000 accepted</,
  );
});

test('other documents are no result of reconcile', () => {
  for (const text of [
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"summary":{}}',
    '{"summary":[],"differences":[]}',
    '{"summary":{},"differences":[1]}',
  ])
    assert.equal(readReconciliation(text), undefined, text);
});

/** A million records, in as many cells as make the page largest: a week of hours, names as long as they may be. */
function* million(): Generator<RecordPoint> {
  const names = Array.from({ length: 12 }, (_, place) => `${place}${'<'.repeat(254)}`);
  const customers = Array.from({ length: 60 }, (_, place) => `${place}${'&'.repeat(253)}`);
  for (let at = 0; at < 168; at += 1)
    for (const [place, dimension] of names.entries())
      for (const [index, customer] of customers.entries()) {
        const status = STATUSES[(at * 7 + place * 3 + index) % STATUSES.length];
        yield cell({
          timestamp: hour(at),
          customer,
          dimension,
          product: dimension,
          status,
          records: 9,
          quantity: 2_147_483_647,
        });
      }
}

test('a page of a million records stays under 2 MB', () => {
  const figures = reportModel(million, () => undefined);
  assert.ok(figures.records > 1_000_000);
  const bytes = Buffer.byteLength(page(figures));
  assert.ok(bytes < 2_000_000, `${bytes} bytes`);
});
