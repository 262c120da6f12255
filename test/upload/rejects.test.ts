import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import {
  earlierRejects as earlierRejectsOf,
  placesOfRejects,
  type Rejects,
  type RejectsNews,
  type RejectsParts,
  type RejectsPlace,
  writeRejects as writeRejectsTo,
} from '../../src/upload/rejects.ts';
import { outputAt } from '../files/outputs.ts';
import { newPath } from '../ledger/setup.ts';
import { fileOf, HEADER, INPUT, line, linesIn, uploadedFrom } from './uploaded.ts';

const BAD = line('444455556699', 'd2', '1');

/** As a run finds them before it sends anything. `path`: of --rejects. */
const placesFor = async (
  path: string | undefined,
  { inputs }: RejectsParts,
  ledgerFile?: string,
): Promise<RejectsPlace[]> =>
  placesOfRejects(inputs.files, {
    output: path === undefined ? undefined : await outputAt(path, '--rejects'),
    ledgerFile,
  });

const writeRejects = async (
  path: string | undefined,
  parts: RejectsParts,
  ledgerFile?: string,
): Promise<Rejects> => writeRejectsTo(await placesFor(path, parts, ledgerFile), parts);

const earlierRejects = async (path: string | undefined, parts: RejectsParts): Promise<RejectsNews[]> =>
  earlierRejectsOf(await placesFor(path, parts), parts);

/** The names of what was written, in order. */
const writtenBy = async (parts: RejectsParts, path?: string): Promise<string[]> => {
  const { news, failure } = await writeRejects(path, parts);
  assert.equal(failure, undefined);
  return news.flatMap(item => (item.kind === 'written' ? [item.path] : []));
};

const rejectsOf = async (path: string, target?: string): Promise<string> => {
  const [written = ''] = await uploadedFrom([path], {}, parts => writtenBy(parts, target));
  return written;
};

const newsOf = (paths: readonly string[], target?: string): Promise<readonly RejectsNews[]> =>
  uploadedFrom(paths, {}, async parts => (await writeRejects(target, parts)).news);

describe('the rejects of a file', () => {
  test('corrected and submitted again, bill what is missing and nothing twice', async () => {
    const ledgerPath = newPath();
    const path = fileOf(INPUT);
    const [rejects = ''] = await uploadedFrom([path], { ledgerPath }, parts => writtenBy(parts));
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
    writeFileSync(rejects, `${corrected.join('\n')}\n`);
    await uploadedFrom([rejects], { ledgerPath }, async (parts, sent) => {
      assert.deepEqual([...sent].sort(), ['d2', 'd3', 'd4']);
      assert.deepEqual(await writtenBy(parts), []);
    });
    await uploadedFrom([path], { ledgerPath }, async (parts, sent) => {
      assert.deepEqual([...sent].sort(), ['=1+1', 'd3']);
      assert.deepEqual(await writtenBy(parts), [path.replace('.csv', '.rejected.2.csv')]);
    });
  });

  test('have one column reason when they are submitted as they are, the new one', async () => {
    const header = `${HEADER},reason`;
    const path = fileOf([header, `${line('111122223333', 'd1', 'x')},invalid: of before`]);
    const target = newPath('rejects.csv');
    await rejectsOf(path, target);
    const [names, row] = linesIn(target);
    assert.equal(names, header);
    assert.match(row ?? '', /,"invalid: quantity/);
    assert.doesNotMatch(row ?? '', /of before/);
  });

  test('are JSON Lines with the members of the input where that is JSON Lines', async () => {
    const members = {
      Timestamp: '2026-11-22T09:00:00Z',
      CustomerAWSAccountId: '444455556699',
      ProductCode: 'p',
      Dimension: 'd1',
      Quantity: 7,
      own: 'kept',
    };
    const path = fileOf([JSON.stringify(members)], 'usage.jsonl');
    const target = await rejectsOf(path);
    assert.equal(target, path.replace('.jsonl', '.rejected.jsonl'));
    const { reason, ...rest } = JSON.parse(linesIn(target)[0] ?? '');
    assert.deepEqual(rest, members);
    assert.match(reason, /^not-subscribed: /);
  });

  test('are a file of its own for each; one with nothing in it gets none', async () => {
    const good = fileOf([HEADER, line('111122223333', 'd1', '1')]);
    const bad = fileOf([HEADER, BAD]);
    await uploadedFrom([good, bad], {}, async parts => {
      assert.deepEqual(await writtenBy(parts), [bad.replace('.csv', '.rejected.csv')]);
      assert.equal(existsSync(good.replace('.csv', '.rejected.csv')), false);
    });
  });

  test('begin with the header also when the first rows, or all, cannot be parted into cells', async () => {
    const torn = `${BAD},one,too,many`;
    const whole = `"${torn}",,,,,,`;
    for (const rows of [[torn, BAD], [torn]]) {
      const [header, first, ...more] = linesIn(await rejectsOf(fileOf([HEADER, ...rows])));
      assert.equal(header, `${HEADER},reason`);
      assert.ok(first?.startsWith(whole), first);
      assert.equal(more.length, rows.length - 1);
    }
  });

  test('have a row that cannot be parted into cells to its last character', async () => {
    const torn = `${BAD},${'x'.repeat(50_000)}`;
    const [, row] = linesIn(await rejectsOf(fileOf([HEADER, torn])));
    assert.ok(row?.startsWith(`"${torn}",,`), row?.slice(-100));
  });

  test('are for this user alone, and nothing else is left in the folder', async () => {
    const rejects = await rejectsOf(fileOf([HEADER, BAD]));
    if (process.platform !== 'win32') assert.equal(statSync(rejects).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dirname(rejects)).sort(), ['usage.csv', 'usage.rejected.csv']);
  });
});

describe('rejects never take the place of a file', () => {
  const MORE = line('444455556699', 'd3', '1');

  test('of an earlier hour: the next gets a number, and the one after that', async () => {
    const path = fileOf([HEADER, BAD]);
    const names = ['usage.rejected.csv', 'usage.rejected.2.csv', 'usage.rejected.3.csv'];
    const hours = ['d1', 'd2', 'd3'].map(dimension => line('444455556699', dimension, '1'));
    for (const row of hours) {
      writeFileSync(path, `${HEADER}\n${row}\n`);
      await rejectsOf(path);
    }
    for (const [index, name] of names.entries()) {
      const [header, row, ...rest] = linesIn(join(dirname(path), name));
      assert.equal(header, `${HEADER},reason`);
      assert.ok(row?.startsWith(hours[index] ?? '?'), row);
      assert.deepEqual(rest, []);
    }
  });

  test('and are not written once more where the very same stand: running again makes no second file', async () => {
    const path = fileOf([HEADER, BAD]);
    const first = await rejectsOf(path);
    const before = statSync(first);
    const [again] = await newsOf([path]);
    assert.deepEqual(again, {
      kind: 'written',
      path: first,
      meant: first,
      isNew: false,
      displaced: undefined,
    });
    assert.equal(statSync(first).mtimeMs, before.mtimeMs);
    assert.deepEqual(readdirSync(dirname(path)).sort(), ['usage.csv', 'usage.rejected.csv']);
  });

  test('not of the same size either', async () => {
    const path = fileOf([HEADER, BAD]);
    const first = await rejectsOf(path);
    const text = readFileSync(first, 'utf8').replace(',d2,', ',d9,');
    writeFileSync(first, text);
    const second = await rejectsOf(path);
    assert.equal(second, path.replace('.csv', '.rejected.2.csv'));
    assert.equal(readFileSync(first, 'utf8'), text);
  });

  test('of another input of the run', async () => {
    const path = fileOf([HEADER, BAD]);
    const rejects = await rejectsOf(path);
    const text = readFileSync(rejects, 'utf8').replace(',d2,', ',d4,');
    writeFileSync(rejects, text);
    const written = await uploadedFrom([path, rejects], {}, parts => writtenBy(parts));
    assert.deepEqual(
      written,
      [2, 3].map(number => path.replace('.csv', `.rejected.${number}.csv`)),
    );
    assert.equal(readFileSync(rejects, 'utf8'), text);
  });

  test('of two inputs that would have one name', async () => {
    const path = fileOf([HEADER, BAD]);
    const other = path.replace('.csv', '');
    writeFileSync(other, `${HEADER}\n${MORE}\n`);
    const written = await uploadedFrom([other, path], {}, parts => writtenBy(parts));
    assert.deepEqual(written, [
      path.replace('.csv', '.rejected.csv'),
      path.replace('.csv', '.rejected.2.csv'),
    ]);
    assert.match(readFileSync(written[0] ?? '', 'utf8'), /,d3,/);
    assert.match(readFileSync(written[1] ?? '', 'utf8'), /,d2,/);
  });

  test('that the run writes elsewhere, although nothing stands there yet', async () => {
    const path = fileOf([HEADER, BAD]);
    const target = path.replace('.csv', '.rejected.csv');
    await uploadedFrom([path], {}, async parts => {
      await parts.register.claim(target, 'the file of --heartbeat');
      assert.deepEqual(await writtenBy(parts), [path.replace('.csv', '.rejected.2.csv')]);
    });
    assert.equal(existsSync(target), false);
  });

  test('that --rejects names, unless it is empty', async () => {
    const path = fileOf([HEADER, BAD]);
    const target = newPath('bad.csv');
    writeFileSync(target, 'mine');
    assert.equal(await rejectsOf(path, target), target.replace('.csv', '.2.csv'));
    assert.equal(readFileSync(target, 'utf8'), 'mine');
    const empty = newPath('tmp.Xy12');
    writeFileSync(empty, '');
    assert.equal(await rejectsOf(path, empty), empty);
    assert.equal(linesIn(empty).length, 2);
    writeFileSync(path, `${HEADER}\n${MORE}\n`);
    assert.equal(await rejectsOf(path, empty), `${empty}.2`);
  });

  test('their own: the names of a second round do not grow', async () => {
    const first = await rejectsOf(fileOf([HEADER, BAD]));
    const second = await rejectsOf(first);
    assert.equal(second, first.replace('.csv', '.2.csv'));
    writeFileSync(second, readFileSync(second, 'utf8').replace(',d2,', ',d4,'));
    const third = await rejectsOf(second);
    assert.equal(third, first.replace('.csv', '.3.csv'));
  });
});

describe('what is told of them', () => {
  test('is the name that was meant with the one they got', async () => {
    const path = fileOf([HEADER, BAD]);
    const target = path.replace('.csv', '.rejected.csv');
    writeFileSync(target, 'mine');
    assert.deepEqual(await newsOf([path]), [
      {
        kind: 'written',
        path: path.replace('.csv', '.rejected.2.csv'),
        meant: target,
        isNew: true,
        displaced: undefined,
      },
    ]);
  });

  test('is the old file where there is nothing to write, also beside one that has', async () => {
    const good = fileOf([HEADER, line('111122223333', 'd1', '1')]);
    const bad = fileOf([HEADER, BAD]);
    const old = good.replace('.csv', '.rejected.csv');
    const earlier = { kind: 'earlier', path: old, inputs: [good] };
    for (const text of ['', undefined]) {
      if (text !== undefined) writeFileSync(old, text);
      assert.deepEqual(await uploadedFrom([good], {}, parts => earlierRejects(undefined, parts)), []);
    }
    writeFileSync(old, 'old');
    assert.deepEqual(await uploadedFrom([good], {}, parts => earlierRejects(undefined, parts)), [earlier]);
    assert.deepEqual(await uploadedFrom([good], {}, parts => earlierRejects(old, parts)), [earlier]);
    assert.deepEqual((await newsOf([good, bad]))[0], earlier);
  });

  test('is not the input itself, which is the file of that name', async () => {
    const corrected = fileOf([HEADER, line('111122223333', 'd1', '1')], 'usage.rejected.csv');
    assert.deepEqual(await uploadedFrom([corrected], {}, parts => earlierRejects(undefined, parts)), []);
  });

  test('is a failure, which keeps no other file from being written', async () => {
    const lost = fileOf([HEADER, BAD]);
    const kept = fileOf([HEADER, line('444455556699', 'd3', '1')]);
    await uploadedFrom([lost, kept], {}, async parts => {
      const places = await placesFor(undefined, parts);
      rmSync(dirname(lost), { recursive: true });
      const { news, failure } = await writeRejectsTo(places, parts);
      assert.match(failure?.message ?? '', /usage\.rejected\.csv cannot be written/);
      assert.deepEqual(
        news.map(item => item.kind === 'written' && item.path),
        [kept.replace('.csv', '.rejected.csv')],
      );
    });
  });

  test('is, where nothing can be put beside the input, that they are beside the ledger, or nowhere', async () => {
    const ledgerPath = newPath();
    const path = fileOf([HEADER, BAD]);
    await uploadedFrom([path], { ledgerPath }, async parts => {
      const [file] = parts.inputs.files;
      assert.ok(file !== undefined);
      const name = join(newPath('none'), 'usage.csv');
      const beside = join(dirname(ledgerPath), 'usage.rejected.csv');
      const placesAt = (ledgerFile: string | undefined): RejectsPlace[] =>
        placesOfRejects([{ ...file, name }], { output: undefined, ledgerFile }).map(place => ({
          ...place,
          files: [file],
        }));
      const { news } = await writeRejectsTo(placesAt(ledgerPath), parts);
      assert.deepEqual(news, [
        { kind: 'written', path: beside, meant: beside, isNew: true, displaced: name },
      ]);
      const { news: none } = await writeRejectsTo(placesAt(undefined), parts);
      assert.deepEqual(none, [
        {
          kind: 'not-kept',
          displaced: name,
          rows: 1,
          because: `${name.replace('.csv', '.rejected.csv')} cannot be written: its folder does not exist`,
        },
      ]);
    });
  });
});

describe('the rejects of a stream', { skip: process.platform === 'win32' }, () => {
  /** A named pipe, and who fills it once. */
  const pipeWith = (lines: readonly string[], name = 'feed'): string => {
    const path = newPath(name);
    execFileSync('mkfifo', [path]);
    spawn('sh', ['-c', 'printf "%s\\n" "$@" > "$0"', path, ...lines]);
    return path;
  };

  test('stand beside the ledger, numbered, and it is told which stream they are of', async () => {
    const ledgerPath = newPath();
    const folder = dirname(ledgerPath);
    for (const [dimension, name] of [
      ['d2', 'feed.rejected.csv'],
      ['d3', 'feed.rejected.2.csv'],
    ]) {
      const pipe = pipeWith([HEADER, line('444455556699', dimension ?? '', '1')]);
      const { news } = await uploadedFrom([pipe], { ledgerPath }, parts =>
        writeRejects(undefined, parts, ledgerPath),
      );
      assert.deepEqual(news, [
        {
          kind: 'written',
          path: join(folder, name ?? ''),
          meant: join(folder, 'feed.rejected.csv'),
          isNew: true,
          displaced: pipe,
        },
      ]);
      assert.equal(statSync(join(folder, name ?? '')).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(dirname(pipe)), ['feed']);
    }
  });

  test('are counted where there is no ledger to put them beside', async () => {
    const pipe = pipeWith([HEADER, BAD, line('444455556699', 'd3', 'x')]);
    assert.deepEqual(await newsOf([pipe]), [
      { kind: 'not-kept', displaced: pipe, rows: 2, because: 'it is a stream' },
    ]);
    const target = newPath('bad.csv');
    assert.equal(await rejectsOf(pipeWith([HEADER, BAD]), target), target);
  });
});

describe('the rejects of a run with a relative time', () => {
  const timestamp = Date.parse('2026-11-22T09:59:59.999Z');
  const header = 'customer_aws_account_id,product_code,dimension,quantity';

  test('tell the start of the hour it meant, in a column before the reason', async () => {
    const path = fileOf([header, '444455556699,p,d1,1', '444455556699,p,d2,1,torn']);
    const [rejects = ''] = await uploadedFrom([path], { timestamp }, parts => writtenBy(parts));
    const [names, first, torn] = linesIn(rejects);
    assert.equal(names, `${header},timestamp,reason`);
    assert.match(first ?? '', /^444455556699,p,d1,1,2026-11-22T09:00:00Z,not-subscribed: /);
    assert.match(torn ?? '', /^"444455556699,p,d2,1,torn",,,,2026-11-22T09:00:00Z,invalid: /);
    rmSync(path);
    const again = fileOf([names ?? '', (first ?? '').replace('444455556699', '111122223333')]);
    await uploadedFrom([again], {}, async (_, sent) => assert.deepEqual(sent, ['d1']));
  });

  test('tell it in a member of JSON Lines', async () => {
    const members = { CustomerAWSAccountId: '444455556699', ProductCode: 'p', Dimension: 'd1', Quantity: 7 };
    const path = fileOf([JSON.stringify(members)], 'usage.jsonl');
    const [rejects = ''] = await uploadedFrom([path], { timestamp }, parts => writtenBy(parts));
    const { reason, ...rest } = JSON.parse(linesIn(rejects)[0] ?? '');
    assert.deepEqual(rest, { ...members, timestamp: '2026-11-22T09:00:00Z' });
    assert.match(reason, /^not-subscribed: /);
  });

  test('have no such column when the time was absolute', async () => {
    const path = fileOf([header, '444455556699,p,d1,1']);
    const [rejects = ''] = await uploadedFrom([path], { timestamp }, parts =>
      writtenBy({ ...parts, stampRejects: false }),
    );
    assert.equal(linesIn(rejects)[0], `${header},reason`);
  });
});
