import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLinesIn } from '../docs/command-lines.ts';
import { DOCUMENTS } from '../docs/documents.ts';
import { partsOf } from '../docs/parts.ts';
import { runHere, SHIFTS_CLOCK } from '../helpers/in-process.ts';
import { isInstalled } from '../helpers/programs.ts';
import { makeProgram } from '../helpers/shell-program.ts';
import { clock, newFolder, withEmulator } from '../helpers/tool.ts';
import { run } from './example-run.ts';

const license = (name: string): string => `arn:aws:license-manager::294406891311:license:l-${name}`;

/** When this test begins, for AWS and for the machine. */
const BEGIN = Date.parse('2026-11-22T10:10:00Z');
const SHIFT = BEGIN - clock.now();
const now = (): Date => new Date(clock.now() + SHIFT);
const CLOCK = { NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(SHIFT) };

/** Less than an hour ago: AWS still takes the usage from before it. */
const RENEWED = '2026-11-22T09:20:00Z';

/** One who has renewed, one who began in the middle of an hour, and one whose id a number would shorten. */
const MARKET = {
  products: [{ code: 'new', dimensions: ['users', 'gb'], created: '2026-06-15' }],
  customers: ['111122223333', '444455556666', '000011112222'].map(account => ({ account })),
  agreements: [
    { customer: '111122223333', licenseArn: license('old'), start: '2026-07-01', end: RENEWED },
    { customer: '111122223333', licenseArn: license('renewed'), start: RENEWED },
    { customer: '444455556666', licenseArn: license('began'), start: '2026-11-22T07:20:00Z' },
    { customer: '000011112222', licenseArn: license('zeros'), start: '2026-07-01' },
  ].map(agreement => ({ product: 'new', ...agreement })),
};

/** One that is only in the ledger: AWS lists it no longer, and it is not known when it began or ended. */
const RESOLD = {
  product: 'new',
  customer: '000011112222',
  licenseArn: license('resold'),
  start: '2026-07-01',
};

const ROWS = [
  ['05:00', '111122223333', 'users', 1, 'old'],
  ['09:00', '111122223333', 'users', 2, 'old'],
  ['10:00', '111122223333', 'gb', 3, 'renewed'],
  ['07:00', '444455556666', 'users', 4, 'began'],
  ['08:00', '000011112222', 'users', 5, 'zeros'],
] as const;

const PAGE = DOCUMENTS.find(({ name }) => name === 'docs/billing-every-hour.md')?.text ?? '';
const documented = (start: string): string =>
  commandLinesIn(PAGE).find(line => line.startsWith(start)) ?? assert.fail(start);

const skip = !isInstalled('sqlite3') && 'sqlite3 is not installed';

test('licenses join an export of account ids: one for each row, and none is invented', { skip }, () =>
  withEmulator(
    async ({ setCatalog, records }, emulated) => {
      setCatalog({ ...MARKET, agreements: [RESOLD, ...MARKET.agreements] });
      const cwd = newFolder();
      const bin = newFolder();
      using _ = makeProgram(bin);
      const PATH = `${bin}:${process.env['PATH']}`;
      const env = { ...process.env, PATH, ...emulated, ...CLOCK, XDG_STATE_HOME: join(cwd, 'state') };
      const rows = ROWS.map(([time, account, dimension, quantity]) =>
        [`2026-11-22T${time}:00Z`, account, dimension, quantity, '"a, b"'].join(','),
      );
      const unknown = '2026-11-22T08:00:00Z,777788889999,users,6,';
      const header = 'timestamp,customer_aws_account_id,dimension,quantity,note';
      writeFileSync(join(cwd, 'accounts.csv'), `${[header, ...rows, unknown].join('\n')}\n`);
      const earlier = `2026-11-22T06:00:00Z,000011112222,users,9,${RESOLD.licenseArn}`;
      writeFileSync(join(cwd, 'first.csv'), `${header.replace('note', 'license_arn')}\n${earlier}\n`);
      assert.equal((await runHere(['batch', 'first.csv'], { cwd, env })).code, 0);
      setCatalog(MARKET);
      for (const part of partsOf(PAGE))
        if (part.kind === 'file') writeFileSync(join(cwd, part.name), part.text);
      for (const start of ['ampmeter subscribers --since -24h -o csv', 'sqlite3 ']) {
        const { code, stderr } = await run(documented(start), cwd, env);
        assert.equal(code, 0, stderr);
      }
      const { code, stderr } = await runHere(['batch', 'usage.csv', '--skip-invalid'], { cwd, env });
      assert.equal(code, 4, stderr);
      assert.match(stderr, /^usage\.csv:7: error: no product code$/m);
      assert.deepEqual(
        records()
          .map(({ Quantity, LicenseArn }) => `${Quantity} ${LicenseArn}`)
          .toSorted(),
        [...ROWS.map(([, , , quantity, name]) => `${quantity} ${license(name)}`), `9 ${RESOLD.licenseArn}`],
      );
    },
    { now },
  ),
);
