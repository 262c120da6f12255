import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { OutputError } from '../../src/errors.ts';
import { type RowFilesParts, writeResults as writeResultsTo } from '../../src/upload/row-files.ts';
import { outputAt } from '../files/outputs.ts';
import { newPath } from '../ledger/lab.ts';
import { awsReply } from '../metering/lab.ts';
import type { Request } from './lab.ts';
import { fileOf, HEADER, INPUT, line, linesIn, uploadedFrom } from './uploaded.ts';

const writeResults = async (path: string, parts: RowFilesParts): Promise<void> =>
  writeResultsTo(await outputAt(path), parts);

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

test('a file that cannot be written is no fault of the input', async () => {
  const input = fileOf(INPUT);
  await uploadedFrom([input], {}, async parts => {
    const path = newPath('results.csv');
    const output = await outputAt(path);
    truncateSync(input, 0);
    writeFileSync(path, 'old');
    await assert.rejects(
      writeResultsTo(output, parts),
      error => error instanceof OutputError && error.exitCode === 1,
    );
    assert.deepEqual(linesIn(path), ['old']);
  });
});
