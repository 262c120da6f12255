import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { OutputError } from '../../src/errors.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openInputs } from '../../src/upload/files.ts';
import { type RowFilesParts, writeRejects, writeResults } from '../../src/upload/row-files.ts';
import { plan, send, type UploadOptions } from '../../src/upload/upload.ts';
import { realWorld } from '../../src/world.ts';
import { testWorld } from '../helpers/world.ts';
import { FACTS, newPath } from '../ledger/lab.ts';
import { awsReply, clientWith } from '../metering/lab.ts';
import { type Request, success } from './lab.ts';

const { files } = realWorld(process, {} as never);

type Run = {
  readonly answer?: (request: Request) => ReturnType<typeof awsReply>;
  readonly ledgerPath?: string;
  readonly delimiter?: string;
  readonly merge?: UploadOptions['merge'];
};

/** Customers that end in nines have no agreement, dimensions that begin with `=` are not known. */
const usual = ({ UsageRecords }: Request) =>
  UsageRecords.some(({ Dimension }) => Dimension.startsWith('='))
    ? awsReply({ __type: 'InvalidUsageDimensionException', message: '=1+1 is no dimension' }, { status: 400 })
    : awsReply({
        Results: UsageRecords.map(record =>
          record.CustomerAWSAccountId?.endsWith('99')
            ? { UsageRecord: record, Status: 'CustomerNotSubscribed' }
            : success(record),
        ),
      });

/** Uploads the files with `--skip-invalid`, then gives `use` what the files of a run are written from. */
const uploadedFrom = async <T>(
  paths: readonly string[],
  { answer = usual, ledgerPath, delimiter, merge = 'none' }: Run,
  use: (parts: RowFilesParts, sent: readonly string[]) => Promise<T>,
): Promise<T> => {
  const world = testWorld();
  const check = {
    now: world.now(),
    timestamp: undefined,
    productCode: undefined,
    timezone: undefined,
    allowRoundAccounts: false,
    allowNullText: false,
  };
  const standIns = { timestamp: false, productCode: false };
  const inputs = await openInputs(
    paths,
    undefined,
    { delimiter, map: new Map(), allowEmpty: false, standIns },
    { files },
  );
  const ledger = Ledger.open(ledgerPath);
  try {
    const sent: string[] = [];
    const { client } = clientWith(
      [
        request => {
          const input: Request = JSON.parse(String(request.body));
          if (input.UsageRecords.length === 1 || answer(input).status === 200)
            sent.push(...input.UsageRecords.map(({ Dimension }) => Dimension));
          return answer(input);
        },
      ],
      { world },
    );
    const options: UploadOptions = {
      ...FACTS,
      check,
      merge,
      skipInvalid: true,
      skipOpen: false,
      dryRun: false,
      concurrency: 1,
      rate: undefined,
      giveUpAfterMs: 60_000,
    };
    const { found } = await plan(inputs.rows(), options, { ledger, world, onProblem: () => {} });
    await send(options, { ledger, client, world, onProblem: () => {}, onSettled: () => {} });
    ledger.finishRun({ now: world.now(), exitCode: 0, summary: {} });
    const parts = { inputs, ledger, check, delimiter, problems: found.problems, world: { files } };
    return await use(parts, sent);
  } finally {
    ledger[Symbol.dispose]();
    await inputs.close();
  }
};

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity,note';
const line = (account: string, dimension: string, quantity: string, note = ''): string =>
  `2026-11-22T09:00:00Z,${account},p,${dimension},${quantity},${note}`;

const fileOf = (lines: readonly string[], name = 'usage.csv'): string => {
  const path = newPath(name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};

const linesIn = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

const INPUT = [
  HEADER,
  line('111122223333', 'd1', '1', '"with, a comma and ""quotes"""'),
  line('111122223333', 'd2', 'many'),
  line('444455556699', 'd3', '3'),
  line('111122223333', '=1+1', '4'),
  line('111122223333', 'd5', '5', '=2+2'),
];

test('results have every row as it was, with what became of it', async () => {
  await uploadedFrom([fileOf(INPUT)], {}, async parts => {
    const path = newPath('results.csv');
    await writeResults(path, parts);
    const [header, ...rows] = linesIn(path);
    assert.equal(header, `${HEADER},status,metering_record_id,reason`);
    assert.equal(rows[0], `${INPUT[1]},accepted,id-d1,`);
    assert.match(rows[1] ?? '', /,invalid,,"quantity must be/);
    assert.match(rows[2] ?? '', /,not-subscribed,,AWS: the customer/);
    assert.match(rows[3] ?? '', /,=1\+1,4,,refused,,InvalidUsageDimension.*=1\+1 is no dimension/);
    assert.equal(rows[4], `${INPUT[5]},accepted,id-d5,`);
    assert.equal(rows.length, 5);
  });
});

test('results as JSON Lines have the same by name', async () => {
  await uploadedFrom([fileOf(INPUT)], {}, async parts => {
    const path = newPath('results.jsonl');
    await writeResults(path, parts);
    const rows = linesIn(path).map(text => JSON.parse(text));
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['accepted', 'invalid', 'not-subscribed', 'refused', 'accepted'],
    );
    assert.deepEqual(
      [rows[0].note, rows[0].metering_record_id, rows[4].note],
      ['with, a comma and "quotes"', 'id-d1', '=2+2'],
    );
  });
});

test('rejects, corrected and submitted again, bill what is missing and nothing twice', async () => {
  const ledgerPath = newPath();
  const path = fileOf(INPUT);
  const rejects = await uploadedFrom([path], { ledgerPath }, async parts => {
    const [written = ''] = await writeRejects(undefined, parts);
    return written;
  });
  assert.equal(rejects, path.replace('.csv', '.rejected.csv'));
  const [header, ...rows] = linesIn(rejects);
  assert.equal(header, `${HEADER},reason`);
  assert.equal(rows.length, 3);
  const corrected = [
    header ?? '',
    (rows[0] ?? '').replace('many', '2'),
    (rows[1] ?? '').replace('444455556699', '444455556666'),
    (rows[2] ?? '').replace(',=1+1,', ',d4,'),
  ];
  const again = join(dirname(rejects), 'corrected.csv');
  writeFileSync(again, `${corrected.join('\n')}\n`);
  await uploadedFrom([again], { ledgerPath }, async (parts, sent) => {
    assert.deepEqual([...sent].sort(), ['d2', 'd3', 'd4']);
    assert.deepEqual(await writeRejects(undefined, parts), []);
  });
  await uploadedFrom([path], { ledgerPath }, async (parts, sent) => {
    assert.deepEqual([...sent].sort(), ['=1+1', 'd3']);
    assert.deepEqual((await writeRejects(undefined, parts)).length, 1);
  });
});

test('rejects submitted as they are have one column reason, the new one', async () => {
  const header = `${HEADER},reason`;
  const path = fileOf([header, `${line('111122223333', 'd1', 'x')},invalid: of before`]);
  await uploadedFrom([path], {}, async parts => {
    const target = newPath('rejects.csv');
    await writeRejects(target, parts);
    const [names, row] = linesIn(target);
    assert.equal(names, header);
    assert.match(row ?? '', /,"invalid: quantity/);
    assert.doesNotMatch(row ?? '', /of before/);
  });
});

test('a reason that a spreadsheet would run is made harmless; cells of the input stay exact', async () => {
  const evil = '=cmd|x';
  const answer = (request: Request) =>
    awsReply({ __type: evil, message: 'm' }, { status: request.UsageRecords.length > 0 ? 400 : 200 });
  await uploadedFrom(
    [fileOf([HEADER, line('111122223333', 'd1', '1', '@note')])],
    { answer },
    async parts => {
      const path = newPath('results.csv');
      await writeResults(path, parts);
      for (const row of linesIn(path).slice(1)) {
        assert.doesNotMatch(row, /,"?=cmd/);
        assert.match(row, /,@note,/);
      }
    },
  );
});

test('the delimiter of the input is that of the files', async () => {
  const path = fileOf(INPUT.map(text => text.replaceAll(',', ';')));
  await uploadedFrom([path], { delimiter: ';' }, async parts => {
    const target = newPath('results.csv');
    await writeResults(target, parts);
    const [header, first] = linesIn(target);
    assert.equal(header, `${HEADER.replaceAll(',', ';')};status;metering_record_id;reason`);
    assert.match(first ?? '', /;accepted;id-d1;$/);
  });
});

test('rejects of JSON Lines are JSON Lines with the members of the input', async () => {
  const members = {
    Timestamp: '2026-11-22T09:00:00Z',
    CustomerAWSAccountId: '444455556699',
    ProductCode: 'p',
    Dimension: 'd1',
    Quantity: 7,
    own: 'kept',
  };
  const path = fileOf([JSON.stringify(members)], 'usage.jsonl');
  await uploadedFrom([path], {}, async parts => {
    const [target = ''] = await writeRejects(undefined, parts);
    assert.equal(target, path.replace('.jsonl', '.rejected.jsonl'));
    const { reason, ...rest } = JSON.parse(linesIn(target)[0] ?? '');
    assert.deepEqual(rest, members);
    assert.match(reason, /^not-subscribed: /);
  });
});

test('rows that are invalid only together say why in the files, too', async () => {
  const same = line('111122223333', 'd1', '1');
  await uploadedFrom([fileOf([HEADER, same, same])], {}, async parts => {
    const path = newPath('results.jsonl');
    await writeResults(path, parts);
    for (const row of linesIn(path)) assert.match(JSON.parse(row).reason, /more than once \(also line/);
  });
});

test('all rows of a record that several made have its outcome', async () => {
  const rows = [line('111122223333', 'd1', '1'), line('111122223333', 'd1', '2')];
  await uploadedFrom([fileOf([HEADER, ...rows])], { merge: 'sum' }, async parts => {
    const path = newPath('results.csv');
    await writeResults(path, parts);
    assert.deepEqual(
      linesIn(path).slice(1),
      rows.map(row => `${row},accepted,id-d1,`),
    );
  });
});

test('each file gets its own rejects; one with nothing in it gets none', async () => {
  const good = fileOf([HEADER, line('111122223333', 'd1', '1')]);
  const bad = fileOf([HEADER, line('444455556699', 'd2', '1')]);
  await uploadedFrom([good, bad], {}, async parts => {
    assert.deepEqual(await writeRejects(undefined, parts), [bad.replace('.csv', '.rejected.csv')]);
    assert.equal(existsSync(good.replace('.csv', '.rejected.csv')), false);
  });
});

test('files with different columns do not fit into one CSV, and nothing is left of it', async () => {
  const one = fileOf([HEADER, line('111122223333', 'd1', '1')]);
  const other = fileOf([`${HEADER},more`, `${line('111122223333', 'd2', '1')},x`]);
  await uploadedFrom([one, other], {}, async parts => {
    const path = newPath('results.csv');
    await assert.rejects(writeResults(path, parts), error => {
      return error instanceof OutputError && error.exitCode === 1 && /different columns/.test(error.message);
    });
    assert.equal(existsSync(path), false);
    await writeResults(path.replace('.csv', '.jsonl'), parts);
  });
});

test('a file that cannot be written is no fault of the input', async () => {
  await uploadedFrom([fileOf(INPUT)], {}, async parts => {
    const nowhere = join(newPath('none'), 'results.csv');
    await assert.rejects(writeResults(nowhere, parts), OutputError);
  });
});
