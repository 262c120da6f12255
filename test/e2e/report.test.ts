import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { launchChromium, noChromium } from '../helpers/chromium.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, newFolder } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { uploaded, withLedger } from '../ledger/setup.ts';
import { sampleRecord } from '../usage/samples.ts';

const HOUR = 3600;
const HOURS = 50;
const FIRST = (Math.floor(Date.now() / 3_600_000) - HOURS) * HOUR;
const PRODUCT = '4ml54db8vrmjuykaw1psroool';
const HOSTILE = '"><img src=x onerror=alert(1)>';
const CUSTOMERS = ['111122223333', '444455556666', '777788889999', `cust${HOSTILE}`];
const DIMENSIONS = ['users', 'gb', `calls${HOSTILE}`];

const usage = (hour: number, customer: string, dimension: string, quantity: number): UsageRecord => {
  const isAccount = /^[0-9]{12}$/.test(customer);
  return sampleRecord({
    timestamp: FIRST + hour * HOUR,
    customerAWSAccountId: isAccount ? customer : undefined,
    customerIdentifier: isAccount ? undefined : customer,
    productCode: PRODUCT,
    dimension,
    quantity,
  });
};

/** Every customer, dimension and hour, but for a night without records and a dimension that begins late. */
const RECORDS = Array.from({ length: HOURS }, (_, hour) =>
  CUSTOMERS.flatMap((customer, who) =>
    DIMENSIONS.flatMap((dimension, what) => {
      const isMissing = (who === 1 && hour >= 20 && hour < 26) || (what === 2 && hour < 10);
      return isMissing
        ? []
        : [usage(hour, customer, dimension, ((hour * 37 + who * 101) % 1500) * (what + 1))];
    }),
  ),
).flat();

const statusOf = ({ timestamp, customerAWSAccountId, dimension }: UsageRecord): Status | undefined => {
  const hour = (timestamp - FIRST) / HOUR;
  if (customerAWSAccountId === '777788889999' && hour > 44) return 'not-subscribed';
  if (dimension === 'gb' && hour % 17 === 3) return 'refused';
  return customerAWSAccountId === '444455556666' && hour === 40 ? undefined : 'accepted';
};

const ledger = join(newFolder(), 'ledger.db');
const env = { AMPMETER_LEDGER: ledger };
const run = (...args: readonly string[]): Promise<Ended> => tool(args, { env });
const range = [
  '--since',
  new Date(FIRST * 1000).toISOString(),
  '--until',
  new Date((FIRST + HOURS * HOUR) * 1000).toISOString(),
];

withLedger(ledger, opened => uploaded(opened, RECORDS, statusOf));

const RECONCILIATION = fileWith(
  JSON.stringify({
    summary: { source: HOSTILE, agreed: 1000, ledgerOnly: 1 },
    differences: [
      {
        kind: 'ledger-only',
        Timestamp: '2026-11-20T10:00:00Z',
        Dimension: HOSTILE,
        CustomerIdentifier: HOSTILE,
        ledger: { status: 'accepted', Quantity: 5 },
        cloudTrail: [],
        note: 'CloudTrail has no event of it',
      },
    ],
    open: [],
  }),
  'reconciliation.json',
);

describe('the file', () => {
  const target = join(newFolder(), 'page.html');

  test('is written for its owner alone, and its facts are told', async () => {
    const { code, stdout, stderr } = await run('report', '--html', target, '-o', 'json');
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      html: target,
      bytes: statSync(target).size,
      records: RECORDS.length,
    });
    if (process.platform !== 'win32') assert.equal(statSync(target).mode & 0o777, 0o600);
  });

  test('replaces an older report or an empty file, and nothing else', async () => {
    assert.equal((await run('report', '--html', target)).code, 0);
    const empty = fileWith('', 'empty.html');
    assert.equal((await run('report', '--html', empty)).code, 0);
    const other = fileWith('<!DOCTYPE html><p>mine</p>', 'mine.html');
    const refused = await run('report', '--html', other);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /mine\.html exists and was not created by ampmeter report[\s\S]*--force/);
    assert.equal(readFileSync(other, 'utf8'), '<!DOCTYPE html><p>mine</p>');
    assert.equal((await run('report', '--html', other, '--force')).code, 0);
    assert.match(readFileSync(other, 'utf8'), /ampmeter report/);
  });

  test('never replaces the ledger, its inputs or a folder', async () => {
    const before = readFileSync(ledger);
    const cases: readonly (readonly [RegExp, readonly string[]])[] = [
      [/is already used as the ledger/, ['--html', ledger]],
      [
        /is already used as the file of --reconciliation/,
        ['--html', RECONCILIATION, '--reconciliation', RECONCILIATION],
      ],
      [/it is a directory/, ['--html', newFolder()]],
      [/its folder does not exist/, ['--html', join(newFolder(), 'no', 'page.html')]],
    ];
    for (const [message, flags] of cases) {
      const { code, stderr } = await run('report', '--force', ...flags);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
    assert.deepEqual(readFileSync(ledger), before);
  });

  test('may be standard output, with nothing else on it', async () => {
    const { code, stdout } = await run('report', '--html', '-');
    assert.equal(code, 0);
    assert.match(stdout, /^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
  });

  test('is asked for by name', async () => {
    const { code, stderr } = await run('report');
    assert.equal(code, 2);
    assert.match(stderr, /--html/);
  });
});

test('a file that is not output of reconcile is rejected before anything is written', async () => {
  const target = join(newFolder(), 'page.html');
  for (const text of ['{', '{"gaps":[]}']) {
    const { code, stderr } = await run(
      'report',
      '--html',
      target,
      '--reconciliation',
      fileWith(text, 'other.json'),
    );
    assert.equal(code, 3);
    assert.match(stderr, /other\.json is not output of ampmeter reconcile -o json/);
  }
  assert.throws(() => statSync(target));
});

test('a selection without records is a page that says so, and a hint where the ledger has something', async () => {
  const { code, stdout, stderr } = await run('report', '--html', '-', '--endpoint-url', 'http://127.0.0.1:1');
  assert.equal(code, 0);
  assert.match(stdout, /The ledger has no records for this selection/);
  assert.match(stderr, /use --endpoint-url aws to see those it has/);
  const mistyped = await run('report', '--html', '-', '--customer', '111122223334');
  assert.match(mistyped.stderr, /warning: no matching records in the ledger/);
});

test('filters are those of history, and the page names them', async () => {
  const flags = ['--customer', '111122223333', '--dimension', 'users', '--product-code', PRODUCT];
  const { stdout } = await run('report', '--html', '-', ...range, ...flags);
  assert.match(stdout, /customer 111122223333, product 4ml54db8vrmjuykaw1psroool, dimension users/);
  assert.match(stdout, new RegExp(`data-glance="records">${HOURS}<`));
});

test('no ledger, no page', async () => {
  const target = join(newFolder(), 'page.html');
  const { code, stderr } = await run('report', '--html', target, '--ledger', join(newFolder(), 'none.db'));
  assert.equal(code, 9);
  assert.match(stderr, /no ledger found/);
  assert.throws(() => statSync(target));
});

type Group = {
  Timestamp: string;
  Dimension: string;
  billedQuantity: number;
  statuses: Record<Status, number>;
};

/** The value of a CSS property. */
const style = (page: Page, selector: string, property: string): Promise<string> =>
  page
    .locator(selector)
    .first()
    .evaluate((node, name) => node.computedStyleMap().get(name).toString(), property);

type Rows = { readonly dimension: string; readonly rows: readonly (readonly string[])[] };

const rowsOf = (page: Page, selector: string): Promise<Rows[]> =>
  page.locator(selector).evaluateAll(tables =>
    tables.map(table => ({
      dimension: table.dataset.dimension,
      rows: [...table.querySelectorAll('tbody tr')].map(row =>
        [...row.children].map(({ textContent }) => textContent.trim()),
      ),
    })),
  );

/** The texts of what has the attribute `data-<name>`, by its value. */
const textsOf = async (page: Page, name: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    await page
      .locator(`[data-${name}]`)
      .evaluateAll((nodes, key) => nodes.map(node => [node.dataset[key], node.textContent]), name),
  );

describe('in a browser', { skip: noChromium }, () => {
  const path = join(newFolder(), 'page.html');
  let browser: Browser;

  before(async () => {
    const { code, stderr } = await run(
      'report',
      '--html',
      path,
      '--reconciliation',
      RECONCILIATION,
      ...range,
    );
    assert.equal(code, 0, stderr);
    browser = await launchChromium();
  });
  after(() => browser?.close());

  /** Opens the page and lets it be looked at; nothing may leave it or be complained about. */
  const open = async (
    options: { readonly colorScheme: 'light' | 'dark'; readonly width: number },
    look: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const { colorScheme, width } = options;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const said: string[] = [];
    page.on('console', message => said.push(`console: ${message.text()}`));
    page.on('pageerror', error => said.push(`error: ${error.message}`));
    page.on('dialog', dialog => said.push(`dialog: ${dialog.message()}`));
    page.on('request', request => said.push(`request: ${request.url()}`));
    const address = pathToFileURL(path).href;
    await page.goto(address);
    await look(page);
    assert.deepEqual(said, [`request: ${address}`]);
    await page.close();
  };

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 390],
    ...(isFull
      ? ([
          ['light', 390],
          ['dark', 1280],
        ] as const)
      : []),
  ] as const) {
    test(`${colorScheme}, ${width} wide: quiet, accessible, no wider than the window, charts drawn`, () =>
      open({ colorScheme, width }, async page => {
        for (const summary of await page.locator('summary').all()) await summary.click();
        await page.evaluate(axe.source);
        // The names alone: what was found of every node that is fine takes longer to hand over than to find.
        const { violations, passes } = await page.evaluate(async () => {
          const { axe: here } = globalThis as unknown as { axe: typeof axe };
          const found = await here.run({ resultTypes: ['violations'] });
          return {
            violations: found.violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
            ),
            passes: found.passes.map(({ id }) => id),
          };
        });
        assert.deepEqual(violations, []);
        assert.ok(passes.includes('color-contrast'));
        const overflow = await page.locator('html').evaluate(root => root.scrollWidth - root.clientWidth);
        assert.ok(overflow <= 0, `${overflow} pixels too wide`);
        const seen = {
          charts: await page.locator('.chart svg:visible').count(),
          paper: await style(page, 'body', 'background-color'),
          bar: await style(page, '#usage .chart path[fill="var(--accent)"]', 'fill'),
          scripts: await page.locator('script').count(),
        };
        assert.deepEqual(seen, {
          charts: 1 + 2 * DIMENSIONS.length,
          paper: colorScheme === 'light' ? 'rgb(251, 250, 247)' : 'rgb(19, 23, 26)',
          bar: colorScheme === 'light' ? 'rgb(10, 101, 93)' : 'rgb(85, 196, 182)',
          scripts: 0,
        });
      }));
  }

  test('the figures are those of history and gaps', () =>
    open({ colorScheme: 'light', width: 1280 }, async page => {
      const history = async (by: string): Promise<{ groups: Group[]; totals: Group[] }> =>
        JSON.parse((await run('history', '--by', by, '-o', 'json', ...range)).stdout);
      const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
      const shown = {
        hours: await rowsOf(page, 'table[data-dimension]'),
        dimensions: (await rowsOf(page, '#dimensions')).flatMap(({ rows }) => rows),
        outcomes: await textsOf(page, 'status'),
        glance: await textsOf(page, 'glance'),
      };

      const { groups, totals } = await history('hour');
      assert.equal(shown.hours.length, DIMENSIONS.length);
      for (const { dimension, rows } of shown.hours) {
        const expected = groups.filter(({ Dimension }) => Dimension === dimension);
        const filled = rows.filter(
          ([, , billed, refused, open]) => number(billed) + number(refused) + number(open) > 0,
        );
        assert.equal(filled.length, expected.length);
        for (const [place, [when = '', quantity, billed, refused, unsettled]] of filled.entries()) {
          const { Timestamp, billedQuantity, statuses } = expected[place] as Group;
          assert.equal(Date.parse(`${when} UTC`), Date.parse(Timestamp));
          if (statuses.accepted > 0) assert.equal(number(quantity), billedQuantity, `${dimension} ${when}`);
          assert.equal(number(billed), statuses.accepted);
          assert.equal(number(refused), statuses.refused + statuses['not-subscribed']);
          assert.equal(number(unsettled), statuses.unknown);
        }
      }
      for (const total of totals) {
        const row = shown.dimensions.find(([dimension]) => dimension === total.Dimension);
        assert.equal(number(row?.[2]), total.billedQuantity);
      }
      for (const [status, text] of Object.entries(shown.outcomes)) {
        const count = totals.reduce((sum, { statuses }) => sum + statuses[status as Status], 0);
        assert.equal(number(text), count, status);
      }
      assert.equal(number(shown.glance['records']), RECORDS.length);
      assert.equal(number(shown.glance['customers']), CUSTOMERS.length);

      const gaps = await run('gaps', '-o', 'json', ...range);
      assert.equal(gaps.code, 4, gaps.stderr);
      assert.equal(number(shown.glance['gaps']), JSON.parse(gaps.stdout).summary.gaps);
    }));

  test('the heat map can be read without eyes: each hour of each customer says what it has', () =>
    open({ colorScheme: 'light', width: 1280 }, async page => {
      const cells = (await rowsOf(page, 'table.heat')).flatMap(({ rows }) => rows.map(([, ...row]) => row));
      assert.equal(cells.length, CUSTOMERS.length);
      for (const row of cells) assert.equal(row.length, HOURS);
      const all = cells.flat();
      for (const text of ['3 billed', '3 missing', '2 billed, 1 not billed', '3 open'])
        assert.ok(all.includes(text), text);
    }));

  test('the keyboard reaches every section, every table that scrolls, and opens the figures', () =>
    open({ colorScheme: 'dark', width: 390 }, async page => {
      await page.keyboard.press('Tab');
      assert.equal(await page.locator(':focus').getAttribute('class'), 'skip');
      assert.ok((await page.locator('.scroll').count()) > 0);
      assert.equal(await page.locator('.scroll:not([tabindex="0"])').count(), 0);
      await page.locator('#usage summary').first().focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('#usage details[open]').count(), 1);
    }));

  test('on paper it is light, whatever the screen is, and no table is cut', () =>
    open({ colorScheme: 'dark', width: 1280 }, async page => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await style(page, 'body', 'color'), 'rgb(27, 34, 38)');
      assert.equal(await style(page, 'nav', 'display'), 'none');
      assert.equal(await style(page, '.scroll', 'overflow-x'), 'visible');
    }));
});

test('a full disk is an error', {
  skip: process.getuid?.() === 0 ? false : 'SKIPPED: only root may make devices',
}, async () => {
  const full = join(newFolder(), 'full');
  execFileSync('mknod', [full, 'c', '1', '7']);
  const { code, stderr } = await run('report', '--html', full);
  assert.equal(code, 1);
  assert.match(stderr, /full cannot be written: the disk is full/);
  assert.ok(lstatSync(full).isCharacterDevice());
});
