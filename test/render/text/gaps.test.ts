import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gapsTable } from '../../../src/render/text/gaps.ts';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import { displayWidth } from '../../../src/render/text/width.ts';
import type { GapRun } from '../../../src/usage/unbilled-hours.ts';

const STYLE = { paint: paintFor(false), symbols: symbolsFor({ LANG: 'C.UTF-8' }) };
const FIRST = Date.parse('2026-11-28T01:00Z') / 1000;
const LICENSE = 'arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef';

const run = (productCode: string, more: Partial<GapRun> = {}): GapRun => ({
  subscription: {
    customerAWSAccountId: '111122223333',
    customerIdentifier: undefined,
    licenseArn: LICENSE,
    productCode,
    dimension: 'users',
    from: 0,
    until: Number.MAX_SAFE_INTEGER,
  },
  first: FIRST,
  last: FIRST + 7200,
  hours: 3,
  status: undefined,
  ...more,
});

const tableOf = (runs: readonly GapRun[], width: number | undefined): string[] =>
  gapsTable(runs, () => ({ deadlineMs: (FIRST + 86_400) * 1000, isOpen: true }), { ...STYLE, width })
    .split('\n')
    .slice(0, -1);

const TWO = [
  run('4ml54db8vrmjuykaw1psroool'),
  run('0123456789abcdefghijklmno', { status: 'not-subscribed' }),
];

describe('gaps in a table', () => {
  test('have everything in one line, where there is no terminal', () => {
    const [header = '', first = ''] = tableOf(TWO, undefined);
    assert.match(header, /^CUSTOMER +PRODUCT +DIMENSION +FROM +TO +HOURS +CAN BE BILLED +LEDGER +LICENSE$/);
    assert.ok(first.endsWith(LICENSE));
  });

  test('of one product are a line each in 80 columns: the end follows from the hours', () => {
    assert.deepEqual(tableOf([run('prodA')], 80), [
      'CUSTOMER      DIMENSION  FROM               HOURS  CAN BE BILLED',
      '111122223333  users      2026-11-28T01:00Z      3  ! until 2026-11-29T01:00Z',
    ]);
  });

  test('of several products have lines below each other in 80 columns', () => {
    assert.deepEqual(tableOf(TWO, 80), [
      'CUSTOMER                   FROM               HOURS  CAN BE BILLED',
      'PRODUCT                    TO                        LEDGER',
      'DIMENSION',
      '111122223333               2026-11-28T01:00Z      3  ! until 2026-11-29T01:00Z',
      '4ml54db8vrmjuykaw1psroool  2026-11-28T04:00Z         -',
      'users',
      '111122223333               2026-11-28T01:00Z      3  ✗ not subscribed',
      '0123456789abcdefghijklmno  2026-11-28T04:00Z         not-subscribed',
      'users',
    ]);
  });

  test('are never wider than a terminal of 80 columns or more', () => {
    for (let width = 80; width < 200; width++)
      for (const runs of [TWO, TWO.slice(1), TWO.slice(0, 1)])
        for (const line of tableOf(runs, width)) assert.ok(displayWidth(line) <= width, line);
  });
});
