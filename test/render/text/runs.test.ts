import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunSummary } from '../../../src/ledger/queries/runs.ts';
import { runsTable } from '../../../src/render/text/runs.ts';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import { displayWidth } from '../../../src/render/text/width.ts';

const STYLE = { paint: paintFor(false), symbols: symbolsFor({ LANG: 'C.UTF-8' }) };

const run = (number: number, files: readonly string[], counts: RunSummary['counts']): RunSummary => ({
  run: number,
  command: 'batch',
  files,
  started: '2026-11-30T06:10:00.000Z',
  ended: '2026-11-30T06:10:01.000Z',
  seconds: 1.25,
  exitCode: 0,
  records: 3,
  requests: 1,
  counts,
  version: '0.1.0',
  region: 'us-east-1',
  endpoint: 'aws',
});

const RUNS = [
  run(7, ['last-day.csv'], { 'already-recorded': 1234, duplicate: 1, conflict: 2, expired: 3 }),
  run(12, ['/srv/usage/last-day.csv', '/srv/usage/the-rest-of-a-long-name.csv'], { accepted: 2 }),
];

describe('runs are listed', () => {
  test('with the command last, where a line has room for it', () => {
    const [header = '', first = ''] = runsTable(RUNS, { ...STYLE, width: undefined }).split('\n');
    assert.match(header, /^RUN +STARTED +TOOK +EXIT +OUTCOMES +REGION +VERSION +COMMAND$/);
    assert.match(first, / us-east-1 +0\.1\.0 +batch last-day\.csv$/);
  });

  test('without Regions and versions, where there is no room for these', () => {
    const [header = ''] = runsTable(RUNS, { ...STYLE, width: 170 }).split('\n');
    assert.match(header, /OUTCOMES +COMMAND$/);
  });

  test('in 80 columns with outcomes and commands on lines of their own, and nothing cut', () => {
    assert.deepEqual(runsTable(RUNS, { ...STYLE, width: 80 }).split('\n'), [
      'RUN  STARTED                TOOK  EXIT  OUTCOMES, COMMAND',
      '  7  2026-11-30T06:10:00Z  1.3 s     0  1,234 already-recorded, 1 duplicate,',
      '                                        2 conflict, 3 expired',
      '                                        batch last-day.csv',
      ' 12  2026-11-30T06:10:00Z  1.3 s     0  2 accepted',
      '                                        batch /srv/usage/last-day.csv',
      '                                        /srv/usage/the-rest-of-a-long-name.csv',
      '',
    ]);
  });

  test('in 66 columns with long names cut as a last resort', () => {
    const lines = runsTable(RUNS, { ...STYLE, width: 66 }).split('\n');
    assert.deepEqual(
      lines.filter(line => displayWidth(line) > 66),
      [],
    );
    assert.match(lines.at(-2) ?? '', /^ +\/srv\/usage\/the-rest-of-a-l?o?n?…$/);
  });
});
