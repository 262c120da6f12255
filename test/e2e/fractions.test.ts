import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (hours: number, quantity: string): string =>
  `${hourAgo(hours)},111122223333,exampleproduct,gb,${quantity}`;
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

type Line = { readonly type: string } & Readonly<Record<string, unknown>>;
const outcomesIn = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
    .filter(({ type }) => type === 'outcome')
    .sort((a, b) => String(a['Timestamp']).localeCompare(String(b['Timestamp'])));

const quantities = (stdout: string): unknown[] => outcomesIn(stdout).map(line => line['Quantity']);

describe('batch --round', () => {
  test('without it, a fraction is an error whose help names a smaller unit first', async () => {
    const { code, stderr } = await tool(['batch', fileWith(csv(row(1, '1.7'))), '--local']);
    assert.equal(code, 3);
    assert.match(stderr, /a smaller unit as the dimension, or use --round up, down, nearest or carry/);
  });

  for (const [how, sent] of [
    ['up', [2, 1]],
    ['down', [1, 0]],
    ['nearest', [2, 1]],
    ['carry', [1, 1]],
  ] as const) {
    test(`${how} sends ${sent.join(' and ')} for 1.7 and 0.6`, async () => {
      const file = fileWith(csv(row(2, '1.7'), row(1, '0.6')));
      const { code, stdout, stderr } = await tool(['batch', file, '--local', '--round', how, '-o', 'jsonl']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(quantities(stdout), sent);
      assert.deepEqual(
        outcomesIn(stdout).map(line => [line['used'], line['sent']]),
        [
          ['1.7', sent[0]],
          ['0.6', sent[1]],
        ],
      );
    });
  }

  for (const skip of [[], ['--skip-invalid']]) {
    test(`a decimal comma further down makes 1.340 unclear ${skip.join('')}`, async () => {
      await withEmulator(async (emulator, env) => {
        const file = fileWith(csv(row(3, '1.340'), row(2, '0.5'), row(1, '"12,75"')));
        const ended = await tool(['batch', file, '--round', 'up', ...skip], { env });
        assert.equal(ended.code, skip.length === 0 ? 3 : 4, ended.stderr);
        assert.match(
          ended.stderr,
          /:2: error: quantity could mean thousands or a fraction: line 4 has a decimal comma/,
        );
        assert.equal(emulator.records().length, skip.length);
      });
    });
  }

  test('adds the rows of a record up before it rounds', async () => {
    const file = fileWith(csv(row(1, '0.4'), row(1, '0.4'), row(1, '0.4')));
    const flags = ['--local', '--merge', 'sum', '--round', 'nearest', '-o', 'jsonl'];
    assert.deepEqual(quantities((await tool(['batch', file, ...flags])).stdout), [1]);
  });

  test('carry goes on in the next run, in the results and in the history', async () => {
    await withEmulator(async (_, env) => {
      const first = await tool(['batch', fileWith(csv(row(3, '1.7'))), '--round', 'carry'], { env });
      assert.equal(first.code, 0, first.stderr);
      const file = fileWith(csv(row(3, '1.7'), row(2, '0.6')));
      const results = join(dirname(file), 'results.csv');
      const second = await tool(['batch', file, '--round', 'carry', '--results', results], { env });
      assert.equal(second.code, 0, second.stderr);
      const [header = '', ...lines] = readFileSync(results, 'utf8').trim().split('\n');
      assert.match(header, /,reason,used,carried_in,sent$/);
      assert.match(lines[0] ?? '', /already-recorded,[^,]+,,1\.7,0,1$/);
      assert.match(lines[1] ?? '', /accepted,[^,]+,,0\.6,0\.7,1$/);
      const history = await tool(['history', '-o', 'csv'], { env });
      assert.match(history.stdout, /,gb,0\.6,.*,0\.7,1,,\n/);
    });
  });
});

describe('a quantity such as 1.340, thousands in one place and a fraction in another,', () => {
  const semicolons = (...rows: string[]): string => csv(...rows).replaceAll(',', ';');
  const TABS = csv(row(2, '1.340')).replaceAll(',', '\t');
  const JSON_LINE = JSON.stringify({
    timestamp: hourAgo(2),
    customer_aws_account_id: '111122223333',
    product_code: 'exampleproduct',
    dimension: 'gb',
    quantity: '1.340',
  });

  for (const [what, text, code, flags] of [
    ['is an error between semicolons', semicolons(row(2, '1.340')), 3],
    ['is an error below the line sep=;', `sep=;\n${semicolons(row(2, '1.340'))}`, 3],
    ['is an error with --delimiter ;', semicolons(row(2, '12.500')), 3, ['--delimiter', ';']],
    ['is a fraction between semicolons with one more digit', semicolons(row(2, '1.3400')), 0],
    ['is a fraction between commas', csv(row(2, '1.340')), 0],
    ['is a fraction between tabs', TABS, 0],
    ['is a fraction in JSON', `${JSON_LINE}\n`, 0, ['--input-format', 'jsonl']],
  ] as const) {
    test(`${what} with --round`, async () => {
      const args = ['batch', fileWith(text), '--local', '--round', 'down', ...(flags ?? [])];
      const { code: found, stderr } = await tool(args);
      assert.equal(found, code, stderr);
      if (code === 3) assert.match(stderr, /could mean thousands or a fraction: write 1[0-9]+, or/);
    });
  }

  test('is an error below a decimal comma, and its row is not billed with --skip-invalid', async () => {
    const file = fileWith(csv(row(4, '2.5'), row(3, '"7,5"'), row(2, '1.340'), row(1, '1.000')));
    const flags = ['--local', '--round', 'carry', '--skip-invalid', '--no-rejects', '-o', 'jsonl'];
    const { code, stdout } = await tool(['batch', file, ...flags]);
    assert.equal(code, 4);
    const statuses = outcomesIn(stdout).map(line => line['status']);
    assert.deepEqual(statuses, ['accepted', 'invalid', 'invalid', 'invalid']);
  });
});

describe('used, sent and the balance', () => {
  const files = () => fileWith(csv(row(3, '1.7'), row(2, '0.6'), row(2, '5').replace(',gb,', ',users,')));

  test('are in the plan of a dry run, which changes nothing', async () => {
    await withEmulator(async (_, env) => {
      const dry = ['batch', files(), '--round', 'carry', '--dry-run'];
      for (let again = 0; again < 2; again += 1) {
        const { stdout } = await tool([...dry, '-o', 'jsonl'], { env });
        const lines = stdout
          .trim()
          .split('\n')
          .map((line): Line => JSON.parse(line));
        const planned = lines.filter(({ type }) => type === 'planned');
        assert.deepEqual(
          planned.map(line => [line['used'], line['carriedIn'], line['sent']]),
          [
            ['1.7', '0', 1],
            ['0.6', '0.7', 1],
            ['5', '0', 5],
          ],
        );
        assert.deepEqual(lines.find(({ type }) => type === 'plan')?.['dimensions'], [
          { dimension: 'gb', records: 2, quantity: 2, used: '2.3' },
          { dimension: 'users', records: 1, quantity: 5, used: '5' },
        ]);
      }
      const table = await tool(dry, { env });
      assert.match(table.stdout, /DIMENSION +RECORDS +USED +TO SEND\n/);
      assert.match(table.stdout, /QUANTITY +CARRIED IN +SENT\n/);
      const history = await tool(['history'], { env });
      assert.doesNotMatch(history.stdout, /\bgb\b/);
    });
  });

  test('are in the totals of history and in the report', async () => {
    await withEmulator(async (_, env) => {
      const sent = await tool(['batch', files(), '--round', 'carry'], { env });
      assert.equal(sent.code, 0, sent.stderr);
      const { groups } = JSON.parse(
        (await tool(['history', '--by', 'customer', '-o', 'json'], { env })).stdout,
      );
      assert.deepEqual(
        (groups as Record<string, unknown>[]).map(group => [
          group['used'],
          group['quantity'],
          group['balance'],
        ]),
        [
          ['2.3', 2, '0.3'],
          ['5', 5, '0'],
        ],
      );
      const text = await tool(['history', '--by', 'customer'], { env });
      assert.match(text.stdout, /USED +SENT +BILLED +BALANCE/);
      const page = join(dirname(files()), 'usage.html');
      const report = await tool(['report', '--html', page, '-o', 'json'], { env });
      assert.equal(JSON.parse(report.stdout)['balances'], 1, report.stderr);
      assert.match(readFileSync(page, 'utf8'), /Fractions not billed[\s\S]*>0\.3</);
      const verified = await tool(['ledger', 'verify'], { env });
      assert.equal(verified.code, 0, verified.stderr);
    });
  });

  test('are not shown where nothing is rounded or carried', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '2')));
      const dry = await tool(['batch', file, '--dry-run', '-o', 'jsonl'], { env });
      assert.doesNotMatch(dry.stdout, /"used"|planned/);
      assert.equal((await tool(['batch', file], { env })).code, 0);
      for (const args of [['history'], ['history', '--by', 'day'], ['history', '--by', 'day', '-o', 'json']])
        assert.doesNotMatch((await tool(args, { env })).stdout, /\bused\b|balance/i);
      const page = join(dirname(file), 'usage.html');
      const report = await tool(['report', '--html', page, '-o', 'json'], { env });
      assert.deepEqual(Object.keys(JSON.parse(report.stdout)), ['html', 'bytes', 'records']);
      assert.doesNotMatch(readFileSync(page, 'utf8'), /fractions/i);
    });
  });
});

test('hours that gaps fills with 0 take part in what is carried', async () => {
  await withEmulator(async (_, env) => {
    const carry = ['--round', 'carry', '-o', 'jsonl'];
    const first = await tool(['batch', fileWith(csv(row(4, '1.7'))), ...carry], { env });
    assert.equal(first.code, 0, first.stderr);
    const zeros = fileWith('', 'zeros.csv');
    const gaps = await tool(
      ['gaps', '--until', hourAgo(0), '--zero-fill', zeros, '--within', '48h', '--force'],
      { env },
    );
    assert.equal(gaps.code, 4, gaps.stderr);
    const filled = await tool(['batch', zeros, ...carry], { env });
    assert.equal(filled.code, 0, filled.stderr);
    const known = outcomesIn(filled.stdout);
    assert.ok(known.length >= 3);
    for (const line of known.slice(-2)) assert.deepEqual([line['used'], line['sent']], ['0', 0]);
    const late = await tool(['batch', fileWith(csv(row(0, '0.4'))), ...carry], { env });
    assert.equal(late.code, 0, late.stderr);
    const [last] = outcomesIn(late.stdout);
    assert.deepEqual([last?.['carriedIn'], last?.['sent']], ['0.7', 1]);
  });
});

describe('batch with an hour that has grown', () => {
  const grown = (path: string): void => writeFileSync(path, csv(row(3, '12'), row(2, '5')));

  test('shows both quantities, and writes a rejected row that cannot be submitted by mistake', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      grown(file);
      const ended = await tool(['batch', file, '-o', 'jsonl'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      const [conflict] = outcomesIn(ended.stdout);
      assert.deepEqual(
        [conflict?.['status'], conflict?.['billed'], conflict?.['reported'], conflict?.['difference']],
        ['conflict', '10', '12', '2'],
      );
      const rejects = file.replace('.csv', '.rejected.csv');
      const [header = '', line = ''] = readFileSync(rejects, 'utf8').trim().split('\n');
      assert.match(header, /,quantity,reason,billed,reported,difference$/);
      assert.match(line, /,gb,,.*,10,12,2$/);
      const again = await tool(['batch', rejects], { env });
      assert.equal(again.code, 3, again.stdout);
      assert.match(again.stderr, /row is a conflict: the hour is billed with 10, and 12 was reported/);
      assert.doesNotMatch(again.stderr, /write 0/);
    });
  });

  test('the rejected row of JSON says what it is as well', async () => {
    await withEmulator(async (_, env) => {
      const record = { Timestamp: hourAgo(3), CustomerAWSAccountId: '111122223333', Dimension: 'gb' };
      const lines = (Quantity: number) => JSON.stringify({ ...record, ProductCode: 'p', Quantity });
      const request = (Quantity: number) =>
        JSON.stringify({ ProductCode: 'p', UsageRecords: [{ ...record, Quantity }] });
      assert.equal((await tool(['batch', fileWith(lines(10), 'a.jsonl')], { env })).code, 0);
      for (const file of [fileWith(lines(8), 'b.jsonl'), fileWith(request(8), 'c.json')]) {
        assert.equal((await tool(['batch', file], { env })).code, 4);
        const again = await tool(['batch', file.replace(/\.jsonl?$/, '.rejected.jsonl')], { env });
        assert.equal(again.code, 3, again.stdout);
        assert.match(again.stderr, /billed with 10, and 8 was reported/);
        assert.match(again.stderr, /AWS does not reduce what is billed/);
      }
    });
  });

  test('a conflict that is submitted again keeps its quantities, whatever else is rejected', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10'), row(2, '5')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      writeFileSync(file, csv(row(3, '8')));
      assert.equal((await tool(['batch', file], { env })).code, 4);
      const rejects = file.replace('.csv', '.rejected.csv');
      assert.match(readFileSync(rejects, 'utf8'), /,10,8,-2\n$/);
      const more = `${row(2, '6')},,,,\n`;
      writeFileSync(rejects, `${readFileSync(rejects, 'utf8')}${more}`);
      assert.equal((await tool(['batch', rejects, '--skip-invalid'], { env })).code, 4);
      const [, first, second] = readFileSync(file.replace('.csv', '.rejected.2.csv'), 'utf8').split('\n');
      assert.match(first ?? '', /,gb,,"invalid: quantity is empty because .*",10,8,-2$/);
      assert.match(second ?? '', /,gb,,"?conflict: .*,5,6,1$/);
    });
  });

  for (const flag of ['--rejects', '--results']) {
    test(`${flag} has one header for a file and the rejects of an earlier conflict`, async () => {
      await withEmulator(async (_, env) => {
        const file = fileWith(csv(row(3, '10')));
        assert.equal((await tool(['batch', file], { env })).code, 0);
        grown(file);
        assert.equal((await tool(['batch', file, '--results', `${file}.out.csv`], { env })).code, 4);
        const earlier = flag === '--rejects' ? file.replace('.csv', '.rejected.csv') : `${file}.out.csv`;
        const bad = fileWith(csv(row(3, 'x'), row(1, '7')), 'bad.csv');
        const target = join(dirname(file), 'target.csv');
        for (const inputs of [
          [bad, earlier],
          [earlier, bad],
        ]) {
          const out = `${target}.${inputs.indexOf(bad)}.csv`;
          const ended = await tool(['batch', ...inputs, '--skip-invalid', flag, out], { env });
          assert.equal(ended.code, 4, ended.stderr);
          const lines = readFileSync(out, 'utf8').trim().split('\n');
          const added = flag === '--rejects' ? 'reason' : 'status,metering_record_id,reason';
          assert.equal(lines[0], `${HEADER},${added},billed,reported,difference`);
          assert.ok(
            lines.some(line => /(conflict|invalid).*,10,12,2$/.test(line)),
            lines.join('\n'),
          );
          assert.ok(
            lines.some(line => /,gb,x,.*invalid.*,,,$/.test(line)),
            lines.join('\n'),
          );
        }
      });
    });
  }

  test('--results has one header for a file and the results of a run that carried', async () => {
    await withEmulator(async (_, env) => {
      const carry = ['--round', 'carry', '--results'];
      const first = fileWith(csv(row(3, '1.7')));
      assert.equal((await tool(['batch', first, ...carry, `${first}.1.csv`], { env })).code, 0);
      const second = fileWith(csv(row(2, '0.6')));
      const ended = await tool(['batch', second, `${first}.1.csv`, ...carry, `${first}.2.csv`], { env });
      assert.equal(ended.code, 0, ended.stderr);
      const lines = readFileSync(`${first}.2.csv`, 'utf8').trim().split('\n');
      assert.match(lines[1] ?? '', /,0\.6,accepted,[^,]+,,0\.6,0\.7,1$/);
      assert.match(lines[2] ?? '', /,1\.7,already-recorded,[^,]+,,1\.7,0,1$/);
    });
  });

  test('--late carry makes a record that names no line, when there is no other hour', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      writeFileSync(file, csv(row(3, '12.5')));
      const flags = ['--round', 'carry', '--late', 'carry', '-o', 'jsonl'];
      const sent = await tool(['batch', file, ...flags], { env });
      assert.equal(sent.code, 0, sent.stderr);
      assert.deepEqual(
        outcomesIn(sent.stdout).map(line => [line['line'], line['used'], line['carriedIn'], line['sent']]),
        [
          [2, '12.5', '0', 10],
          [0, '0', '2.5', 2],
        ],
      );
      assert.match((await tool(['history'], { env })).stdout, /\nlate usage .* 0 +2\.5 +2 /);
    });
  });

  test('--late carry bills the difference with another hour, once', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      grown(file);
      const carry = ['batch', file, '--late', 'carry', '-o', 'jsonl'];
      const dry = await tool([...carry, '--dry-run'], { env });
      assert.equal(dry.code, 0, dry.stderr);
      const first = await tool(carry, { env });
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(quantities(first.stdout), [10, 7]);
      const second = await tool(carry, { env });
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(
        outcomesIn(second.stdout).map(line => [line['status'], line['used'], line['sent']]),
        [
          ['already-recorded', '12', 10],
          ['already-recorded', '5', 7],
        ],
      );
      const history = await tool(['history', '-o', 'jsonl'], { env });
      assert.deepEqual(
        outcomesIn(history.stdout).map(line => [
          line['used'],
          line['usedWhenSent'],
          line['carriedIn'],
          line['sent'],
        ]),
        [
          ['12', '10', '0', 10],
          ['5', undefined, '2', 7],
        ],
      );
      assert.match((await tool(['history'], { env })).stdout, /GREW BY[\s\S]* 12 +0 +10 +2 /);
    });
  });
});
