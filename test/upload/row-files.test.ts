import assert from 'node:assert/strict';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { OutputError } from '../../src/errors.ts';
import { delimiterNotices } from '../../src/upload/input-files.ts';
import { placesOfRejects, type RejectsParts, writeRejects } from '../../src/upload/rejects.ts';
import { writeResults as writeResultsTo } from '../../src/upload/row-files.ts';
import { outputAt } from '../files/outputs.ts';
import { newPath } from '../ledger/setup.ts';
import { awsReply } from '../metering/setup.ts';
import type { Request } from './setup.ts';
import { fileOf, HEADER, INPUT, line, linesIn, uploadedFrom, usual } from './uploaded.ts';

const writeResults = async (path: string, parts: RejectsParts): Promise<void> =>
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

test('without a flag it is that of the header, and a notice tells so', async () => {
  const path = fileOf(INPUT.map(text => text.replaceAll(',', '\t')));
  await uploadedFrom([path], {}, async parts => {
    const target = newPath('results.csv');
    await writeResults(target, parts);
    assert.equal(linesIn(target)[0], `${HEADER.replaceAll(',', '\t')}\tstatus\tmetering_record_id\treason`);
    assert.deepEqual(delimiterNotices(parts.inputs), [
      `${path}: the cells are separated by a tab, as in the header; --delimiter tab sets this`,
    ]);
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

describe('an input that is written over while it is sent, within the same size and time', () => {
  const before = [HEADER, line('111122223333', 'd1', '1'), line('444455556699', 'd2', '2')];
  const CHANGES: readonly (readonly [what: string, from: string, to: string])[] = [
    ['another quantity', ',d1,1,', ',d1,9,'],
    ['a row that is no longer rejected', '444455556699', '444455556600'],
    ['a row that is invalid now', ',d1,1,', ',d1,x,'],
    ['a quote that is never closed', ',d1,1,', ',"1,1,'],
    ['a byte that is no text', ',d1,1,', ',d\u0000,1,'],
    ['another header', ',note', ',nose'],
  ];
  /** Writes the file over while its rows are under way, so that nothing shows but its bytes. */
  const overwriting = (path: string, change: (text: string) => string) => {
    const keepTime = (): void => utimesSync(path, 1_795_000_000, 1_795_000_000);
    keepTime();
    return (request: Request) => {
      const { mtimeNs, size, ino } = statSync(path, { bigint: true });
      writeFileSync(path, change(readFileSync(path, 'utf8')));
      keepTime();
      const after = statSync(path, { bigint: true });
      assert.deepEqual([after.mtimeNs, after.size, after.ino], [mtimeNs, size, ino]);
      return usual(request);
    };
  };

  for (const [what, from, to] of CHANGES) {
    test(`${what}: no file shows rows that were not sent`, async () => {
      const path = fileOf(before);
      const answer = overwriting(path, text => text.replace(from, to));
      const ledgerPath = newPath();
      await uploadedFrom([path], { answer, ledgerPath }, async parts => {
        const isTold = (error: unknown): boolean =>
          error instanceof OutputError &&
          error.exitCode === 1 &&
          /cannot be written: \S+usage\.csv has changed since its rows were checked and sent$/.test(
            error.message,
          ) &&
          error.next ===
            `the outcomes are in the ledger: ampmeter history --run 1 -o csv --ledger ${ledgerPath}`;
        for (const name of ['results.csv', 'results.jsonl']) {
          const target = newPath(name);
          await assert.rejects(writeResults(target, parts), isTold, name);
          assert.equal(existsSync(target), false);
        }
        const { news, failure } = await writeRejects(
          placesOfRejects(parts.inputs.files, { output: undefined, ledgerFile: ledgerPath }),
          parts,
        );
        assert.ok(isTold(failure), String(failure));
        assert.deepEqual(news, []);
        assert.deepEqual(readdirSync(dirname(path)), ['usage.csv']);
      });
    });
  }

  test('the same bytes again are no change', async () => {
    const path = fileOf(before);
    const answer = overwriting(path, text => text);
    await uploadedFrom([path], { answer }, async parts => {
      const target = newPath('results.csv');
      await writeResults(target, parts);
      assert.equal(linesIn(target).length, 3);
      utimesSync(path, 1_796_000_000, 1_796_000_000);
      await writeResults(target, parts);
    });
  });
});
