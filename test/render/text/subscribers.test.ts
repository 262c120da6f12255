import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import {
  type ListedSubscriber,
  subscribersSummaryText,
  subscribersTable,
} from '../../../src/render/text/subscribers.ts';
import { displayWidth } from '../../../src/render/text/width.ts';

const STYLE = { paint: paintFor(false), symbols: symbolsFor({ LANG: 'C.UTF-8' }) };
const FROM = Date.parse('2026-11-26T08:00Z');
const UNTIL = Date.parse('2026-11-28T10:00Z');

const subscriber = (more: Partial<ListedSubscriber>): ListedSubscriber => ({
  agreementId: 'agmt-1',
  account: '111122223333',
  customerIdentifier: undefined,
  licenseArn: 'arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef',
  productCode: '4ml54db8vrmjuykaw1psroool',
  dimensions: ['hosts', 'gb'],
  fromMs: FROM,
  untilMs: undefined,
  status: 'ACTIVE',
  sources: ['agreement'],
  ...more,
});

const ROWS = [
  [subscriber({}), undefined],
  [
    subscriber({
      account: '444455556666',
      dimensions: ['hosts', 'gb', 'requests_of_the_public_interface', 'users'],
      untilMs: UNTIL,
      sources: ['agreement', 'ledger', 'file'],
    }),
    UNTIL + 3_600_000,
  ],
] as const;

const tableOf = (rows: Parameters<typeof subscribersTable>[0], width: number | undefined): string[] =>
  subscribersTable(rows, { ...STYLE, width })
    .split('\n')
    .slice(0, -1);

describe('subscribers in a table', () => {
  test('are one line each, where there is no terminal', () => {
    const [header = '', ...lines] = tableOf(ROWS, undefined);
    assert.match(header, /^CUSTOMER +PRODUCT +DIMENSIONS +FROM +UNTIL +STATUS +SOURCE +LICENSE$/);
    assert.equal(lines.length, 2);
  });

  test('have lines below each other in 80 columns, with every dimension', () => {
    assert.deepEqual(tableOf(ROWS, 80), [
      'CUSTOMER                           FROM               STATUS',
      'PRODUCT                            UNTIL              SOURCE',
      'DIMENSIONS',
      '111122223333                       2026-11-26T08:00Z  ACTIVE',
      '4ml54db8vrmjuykaw1psroool          -                  agreement',
      'hosts, gb',
      '444455556666                       2026-11-26T08:00Z  ! last hour until 11:00Z',
      '4ml54db8vrmjuykaw1psroool          2026-11-28T10:00Z  agreement+ledger+file',
      'hosts, gb,',
      'requests_of_the_public_interface,',
      'users',
    ]);
  });

  test('are never wider than a terminal of 80 columns or more', () => {
    for (let width = 80; width < 240; width++)
      for (const rows of [ROWS, ROWS.slice(1), ROWS.slice(0, 1)])
        for (const line of tableOf(rows, width)) assert.ok(displayWidth(line) <= width, line);
  });
});

test('what the list cannot have is wrapped on a terminal', () => {
  const counts = {
    subscribers: 1,
    lastHour: 0,
    ledgerOnly: 0,
    fileOnly: 0,
    withoutDimensions: 0,
    otherProducts: 0,
  };
  const summary = { since: '2026-11-26T08:00:00Z', until: '2026-11-26T09:00:00Z', ...counts };
  assert.equal(subscribersSummaryText(summary, undefined).split('\n').length, 3);
  const lines = subscribersSummaryText(summary, 80).split('\n');
  assert.ok(lines.every(line => line.length <= 80));
  assert.equal(
    lines.join(' ').trim(),
    subscribersSummaryText(summary, undefined).replaceAll('\n', ' ').trim(),
  );
});
