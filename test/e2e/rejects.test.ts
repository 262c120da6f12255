import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, hoursOf, newFolder, shell, TOOL, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (dimension: string, account = '404404404404', quantity = '1'): string =>
  [hourAgo(1), account, 'exampleproduct', dimension, quantity].join(',');
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

/** Not subscribed, and billed. */
const BAD = row('bad');
const GOOD = row('good', '111122223333');

const namesIn = (path: string): string[] => readdirSync(path).sort();
const rowsIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.replace(/,not-subscribed.*|,"?invalid.*/, ''));

const noticesIn = (stderr: string): Record<string, unknown>[] =>
  stderr
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

describe('the rejects of batch', () => {
  test('of an earlier hour stay: the next get a number, and each is named', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(BAD, GOOD));
      const folder = dirname(file);
      const first = await tool(['batch', file], { env });
      assert.equal(first.code, 4);
      assert.match(first.stderr, /\nrows not billed were written to \S+usage\.rejected\.csv\n$/);
      writeFileSync(file, csv(row('later')));
      const second = await tool(['batch', file], { env });
      assert.match(
        second.stderr,
        /written to \S+usage\.rejected\.2\.csv, because \S+usage\.rejected\.csv already exists\n$/,
      );
      assert.deepEqual(namesIn(folder), ['usage.csv', 'usage.rejected.2.csv', 'usage.rejected.csv']);
      assert.deepEqual(rowsIn(join(folder, 'usage.rejected.csv')), [BAD]);
      assert.deepEqual(rowsIn(join(folder, 'usage.rejected.2.csv')), [row('later')]);
      assert.equal(statSync(join(folder, 'usage.rejected.2.csv')).mode & 0o777, 0o600);
    });
  });

  test('that are uncorrected are not written a second time when the same command is run again', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(BAD));
      await tool(['batch', file], { env });
      const again = await tool(['batch', file], { env });
      assert.match(again.stderr, /rows not billed are in \S+usage\.rejected\.csv, which already had exactly/);
      assert.deepEqual(namesIn(dirname(file)), ['usage.csv', 'usage.rejected.csv']);
    });
  });

  test('of two inputs with one name are two files', async () => {
    await withEmulator(async (_, env) => {
      const cwd = newFolder();
      writeFileSync(join(cwd, 'usage'), csv(BAD));
      writeFileSync(join(cwd, 'usage.csv'), csv(row('other')));
      await tool(['batch', 'usage', 'usage.csv'], { env, cwd });
      assert.deepEqual(rowsIn(join(cwd, 'usage.rejected.csv')), [BAD]);
      assert.deepEqual(rowsIn(join(cwd, 'usage.rejected.2.csv')), [row('other')]);
    });
  });

  test('are no other input of the run: batch *.csv on the second day', async () => {
    await withEmulator(async (emulator, env) => {
      const cwd = newFolder();
      const batch = () =>
        tool(['batch', ...namesIn(cwd).filter(name => name.endsWith('.csv')), '--skip-invalid'], {
          env,
          cwd,
        });
      writeFileSync(join(cwd, 'usage.csv'), csv(row('a', '111122223333', 'x'), GOOD));
      assert.equal((await batch()).code, 4);
      const rejects = join(cwd, 'usage.rejected.csv');
      const corrected = readFileSync(rejects, 'utf8').replace(',x,', ',7,');
      writeFileSync(rejects, corrected);
      writeFileSync(join(cwd, 'usage.csv'), csv(row('b')));
      const second = await batch();
      assert.equal(second.code, 4, second.stderr);
      assert.equal(readFileSync(rejects, 'utf8'), corrected);
      assert.deepEqual(rowsIn(join(cwd, 'usage.rejected.2.csv')), [row('b')]);
      assert.deepEqual(
        emulator.records().map(({ Dimension }) => Dimension),
        ['good', 'a'],
      );
    });
  });

  test('that --rejects names stay too; an empty file is used', async () => {
    await withEmulator(async (_, env) => {
      const [one, two] = [fileWith(csv(BAD), 'one.csv'), fileWith(csv(row('two')), 'two.csv')];
      const target = fileWith('mine', 'bad.csv');
      const ended = await tool(['batch', one, two, '--rejects', target], { env });
      assert.match(ended.stderr, /written to \S+bad\.2\.csv, because \S+bad\.csv already exists\n$/);
      assert.equal(readFileSync(target, 'utf8'), 'mine');
      assert.deepEqual(rowsIn(target.replace('.csv', '.2.csv')), [BAD, row('two')]);
      const empty = fileWith('', 'tmp.AbCd');
      await tool(['batch', one, '--rejects', empty], { env });
      assert.deepEqual(rowsIn(empty), [BAD]);
    });
  });

  test('corrected, are billed once, and what is still wrong keeps the name of the first file', async () => {
    await withEmulator(async (emulator, env) => {
      const file = fileWith(csv(BAD, row('worse'), GOOD));
      const rejects = file.replace('.csv', '.rejected.csv');
      await tool(['batch', file], { env });
      writeFileSync(rejects, readFileSync(rejects, 'utf8').replace('404404404404', '111122223333'));
      const second = await tool(['batch', rejects], { env });
      assert.equal(second.code, 4, second.stderr);
      assert.deepEqual(namesIn(dirname(file)), ['usage.csv', 'usage.rejected.2.csv', 'usage.rejected.csv']);
      assert.deepEqual(rowsIn(rejects.replace('.csv', '.2.csv')), [row('worse')]);
      assert.deepEqual(
        emulator.records().map(({ Dimension }) => Dimension),
        ['good', 'bad'],
      );
    });
  });

  test('are written also when the results cannot be', {
    skip: process.getuid?.() === 0 ? false : 'SKIPPED: only root may make devices',
  }, async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(BAD));
      const full = join(newFolder(), 'full.csv');
      execFileSync('mknod', [full, 'c', '1', '7']);
      const ended = await tool(['batch', file, '--results', full], { env });
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /full\.csv cannot be written: the disk is full/);
      assert.deepEqual(rowsIn(file.replace('.csv', '.rejected.csv')), [BAD]);
    });
  });
});

describe('the rejects of standard input', () => {
  test('stand beside the ledger, numbered, and the place is said, with -q too', async () => {
    await withEmulator(async (_, env) => {
      const folder = newFolder();
      const ledger = join(folder, 'ledger.db');
      const batch = (input: string, ...flags: string[]) =>
        tool(['batch', '-', '--skip-invalid', '--ledger', ledger, ...flags], { env, input });
      const bad = row('a', '111122223333', 'x');
      const first = await batch(csv(bad, GOOD));
      assert.equal(first.code, 4, first.stderr);
      assert.match(
        first.stderr,
        /\nrows of <stdin> not billed were written to \S+\/stdin\.rejected\.csv; once corrected, [^\n]*\n$/,
      );
      assert.deepEqual(rowsIn(join(folder, 'stdin.rejected.csv')), [bad]);
      assert.equal(statSync(join(folder, 'stdin.rejected.csv')).mode & 0o777, 0o600);
      const second = await batch(csv(BAD), '-q');
      assert.match(second.stderr, /\/stdin\.rejected\.2\.csv, because \S+\/stdin\.rejected\.csv already/);
      assert.deepEqual(rowsIn(join(folder, 'stdin.rejected.2.csv')), [BAD]);
    });
  });

  test('are counted where there is no ledger, and --rejects keeps them', async () => {
    await withEmulator(async (_, env) => {
      const input = csv(BAD, GOOD, row('a', '111122223333', 'x'));
      for (const flags of [['--no-ledger'], ['--local']]) {
        const args = ['batch', '-', '--skip-invalid', ...flags];
        const table = await tool(args, { env, input });
        assert.equal(table.code, 4, table.stderr);
        assert.match(
          table.stderr,
          /warning: 2 rows of <stdin> not billed and not saved: .*use --rejects to save such rows/,
        );
        const json = await tool([...args, '-q', '-o', 'json'], { env, input });
        assert.match(json.stderr, /\{"type":"warning","message":"2 rows of <stdin> not billed and not saved/);
        const none = await tool([...args, '--no-rejects'], { env, input });
        assert.doesNotMatch(none.stderr, /not saved/);
      }
      const target = join(newFolder(), 'bad.csv');
      const kept = await tool(['batch', '-', '--skip-invalid', '--no-ledger', '--rejects', target], {
        env,
        input,
      });
      assert.doesNotMatch(kept.stderr, /not saved/);
      assert.equal(rowsIn(target).length, 2);
    });
  });

  test('of process substitution are kept as well', { skip: process.platform === 'win32' }, async () => {
    await withEmulator(async (_, env) => {
      const folder = newFolder();
      const script = 'exec "$0" "$1" batch <(printf "%s" "$2") --ledger ledger.db';
      const child = spawn('bash', ['-c', script, process.execPath, TOOL, csv(BAD)], {
        cwd: folder,
        env: { PATH: process.env['PATH'], ...env },
      });
      const code = await new Promise(resolve => child.on('close', resolve));
      assert.equal(code, 4);
      assert.deepEqual(rowsIn(join(folder, 'pipe.rejected.csv')), [BAD]);
    });
  });
});

describe('what is said of rejects', () => {
  test('is a notice with their file where scripts read', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(BAD));
      const rejects = file.replace('.csv', '.rejected.csv');
      for (const format of ['json', 'jsonl']) {
        const { stderr } = await tool(['batch', file, '-o', format, '--no-ledger'], { env });
        const [notice, ...more] = noticesIn(stderr);
        assert.deepEqual([notice?.['type'], notice?.['rejects'], more], ['notice', rejects, []]);
      }
    });
  });

  test('is with -q where they are if no other line says it, or if they have another name than expected', async () => {
    await withEmulator(async (_, env) => {
      for (const format of ['table', 'json', 'jsonl']) {
        const file = fileWith(csv(BAD));
        const quiet = () => tool(['batch', file, '-q', '-o', format], { env });
        const rejects = file.replace('.csv', `.rejected.csv`);
        writeFileSync(rejects, '');
        const { stderr } = await quiet();
        const expected =
          /^error: 1 record is not billed: 1 not-subscribed\n {2}next: {2}see \S+\/usage\.rejected\.csv for [^\n]*\n$/;
        assert.match(stderr, format === 'table' ? expected : /^$/, format);
        writeFileSync(rejects, 'mine');
        assert.match((await quiet()).stderr, /usage\.rejected\.2\.csv, because/, format);
      }
    });
  });

  test('is that a file is of an earlier run, in a table only, and not with -q', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(GOOD));
      writeFileSync(file.replace('.csv', '.rejected.csv'), 'old');
      const pattern =
        /\S+usage\.rejected\.csv is from an earlier run; this run rejected no row of \S+usage\.csv\n$/;
      const run = async (...flags: string[]) => (await tool(['batch', file, ...flags], { env })).stderr;
      assert.match(await run(), pattern);
      for (const flags of [['-q'], ['-o', 'json'], ['-o', 'jsonl'], ['--no-rejects'], ['--dry-run']])
        assert.doesNotMatch(await run(...flags), /earlier run/, flags.join(' '));
    });
  });
});

describe('the command that submits rejects once they are corrected', () => {
  test('has the flags of the run, and bills them as it is', async () => {
    await withEmulator(async (_, env) => {
      const cwd = newFolder();
      const header = HEADER.replace('quantity', 'usage');
      writeFileSync(join(cwd, 'usage.csv'), `${header}\n${GOOD}\n${row('bad', '111122223333', 'n/a')}\n`);
      const flags = ['--map', 'quantity=usage', '--skip-invalid', '--ledger', 'own.db'];
      const first = await tool(['batch', 'usage.csv', ...flags], { env, cwd });
      const [, command = ''] = /once corrected, submit it with ampmeter (.*)\n$/.exec(first.stderr) ?? [];
      assert.equal(
        command,
        'batch usage.rejected.csv --map quantity=usage --skip-invalid --ledger own.db',
        first.stderr,
      );
      const rejects = join(cwd, 'usage.rejected.csv');
      writeFileSync(rejects, readFileSync(rejects, 'utf8').replace('n/a', '8'));
      const second = await tool(command.split(' '), { env, cwd });
      assert.deepEqual([second.code, /accepted {2}1/.test(second.stderr)], [0, true], second.stderr);
    });
  });

  test('is part of what to do next with -q', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(BAD));
      const { stderr } = await tool(['batch', file, '-q', '--region', 'us-east-1'], { env });
      assert.match(
        stderr,
        /with its reason; once corrected, submit it with ampmeter batch \S+usage\.rejected\.csv --region us-east-1\n$/,
      );
    });
  });
});

describe('rejects of a relative time', () => {
  test('keep the hour that was meant when they are submitted later', async () => {
    await withEmulator(async (emulator, env) => {
      const file = fileWith(
        'customer_aws_account_id,product_code,dimension,quantity\n404404404404,exampleproduct,users,3\n',
      );
      const [{ code }, hours] = await hoursOf(2, () => tool(['batch', file, '--timestamp', '-2h'], { env }));
      assert.equal(code, 4);
      const rejects = file.replace('.csv', '.rejected.csv');
      const [header, line] = readFileSync(rejects, 'utf8').split('\n');
      assert.equal(header, 'customer_aws_account_id,product_code,dimension,quantity,timestamp,reason');
      const hour = /^404404404404,exampleproduct,users,3,([^,]+),not-subscribed/.exec(line ?? '')?.[1] ?? '';
      assert.ok(hours.includes(hour), line);
      writeFileSync(rejects, readFileSync(rejects, 'utf8').replace('404404404404', '111122223333'));
      const wrong = await tool(['batch', rejects, '--timestamp', 'now'], { env });
      assert.equal(wrong.code, 3);
      assert.match(wrong.stderr, /the file has a column timestamp, and --timestamp was given/);
      assert.equal((await tool(['batch', rejects], { env })).code, 0);
      assert.deepEqual(
        emulator.records().map(({ Timestamp }) => Timestamp),
        [Date.parse(hour) / 1000],
      );
      const fixed = fileWith(readFileSync(file));
      await tool(['batch', fixed, '--timestamp', hour], { env });
      assert.doesNotMatch(readFileSync(fixed.replace('.csv', '.rejected.csv'), 'utf8'), /timestamp/);
    });
  });
});

describe('no path of a run is used as two things', () => {
  const TAKEN: readonly (readonly [what: string, flags: readonly string[], pattern: RegExp])[] = [
    ...['--results', '--rejects'].flatMap(flag => [
      [`${flag} is the ledger`, [flag, 'ledger.db'], /as the ledger/] as const,
      [`${flag} is the ledger by another spelling`, [flag, './ledger.db'], /as the ledger/] as const,
      [`${flag} is the ledger by a link`, [flag, 'link.db'], /as the ledger/] as const,
      ...['-wal', '-shm', '-journal', '.lock'].map(
        end => [`${flag} is ledger.db${end}`, [flag, `ledger.db${end}`], /as a file of the ledger/] as const,
      ),
      [`${flag} is an input`, [flag, './usage.csv'], /as an input/] as const,
      [`${flag} is the heartbeat`, [flag, './beat', '--heartbeat', 'beat'], /--heartbeat: beat is/] as const,
    ]),
    ['--rejects is the results', ['--results', 'o.csv', '--rejects', './o.csv'], /file of --results/],
    [
      'the ledger is an input',
      ['--ledger', 'usage.csv'],
      /the ledger usage\.csv is already used as an input/,
    ],
  ];
  for (const [what, flags, pattern] of TAKEN) {
    test(`refuses before anything is sent that ${what}`, async () => {
      await withEmulator(async (emulator, env) => {
        const cwd = newFolder();
        writeFileSync(join(cwd, 'usage.csv'), csv(GOOD));
        const known = await tool(['batch', 'usage.csv', '--ledger', 'ledger.db'], { env, cwd });
        assert.equal(known.code, 0);
        linkSync(join(cwd, 'ledger.db'), join(cwd, 'link.db'));
        const before = readFileSync(join(cwd, 'ledger.db'));
        writeFileSync(join(cwd, 'usage.csv'), csv(BAD, row('more', '111122223333')));
        const named = flags.includes('--ledger') ? flags : ['--ledger', 'ledger.db', ...flags];
        const ended = await tool(['batch', 'usage.csv', ...named], { env, cwd });
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(ended.stderr, pattern);
        assert.deepEqual(readFileSync(join(cwd, 'ledger.db')), before);
        assert.equal(emulator.records().length, 1);
      });
    });
  }

  test('what has the default name of the rejects moves them on', async () => {
    await withEmulator(async (_, env) => {
      for (const flag of ['--results', '--heartbeat', '--ledger']) {
        const cwd = newFolder();
        writeFileSync(join(cwd, 'usage.csv'), csv(BAD));
        const ended = await tool(['batch', 'usage.csv', flag, 'usage.rejected.csv'], { env, cwd });
        assert.equal(ended.code, 4, ended.stderr);
        assert.deepEqual(rowsIn(join(cwd, 'usage.rejected.2.csv')), [BAD], flag);
      }
    });
  });

  test('standard input that is a file is an input like any other', {
    skip: !existsSync('/dev/stdin'),
  }, async () => {
    await withEmulator(async (emulator, env) => {
      const cwd = newFolder();
      writeFileSync(join(cwd, 'usage.csv'), csv(GOOD));
      const script = 'exec "$0" "$1" batch - --results usage.csv < usage.csv';
      const child = spawn('sh', ['-c', script, process.execPath, TOOL], {
        cwd,
        env: { PATH: process.env['PATH'], ...env },
      });
      assert.equal(await new Promise(resolve => child.on('close', resolve)), 2);
      assert.equal(readFileSync(join(cwd, 'usage.csv'), 'utf8'), csv(GOOD));
      assert.equal(emulator.records().length, 0);
    });
  });

  test('one input is not read twice', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'usage.csv'), csv(GOOD));
    for (const again of ['usage.csv', './usage.csv']) {
      const ended = await tool(['batch', 'usage.csv', again], { cwd });
      assert.equal(ended.code, 3);
      assert.match(ended.stderr, /usage\.csv was passed twice/);
    }
    assert.match((await tool(['batch', '-', '-'], { cwd })).stderr, /- was passed twice/);
  });
});

/** Whether records may have left. */
const isBegun = (ledger: string): boolean => {
  if (!existsSync(ledger)) return false;
  const db = new DatabaseSync(ledger, { readOnly: true });
  const found = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'record'").get();
  const sent = found && db.prepare("SELECT 1 FROM record WHERE status = 'sent'").get();
  db.close();
  return sent !== undefined;
};

test('an input that is written over while it is sent is said, and what was sent stands in the ledger', async () => {
  const input = fileWith(csv(row('gb', '111122223333'), row('bad', '111122223333', 'x')));
  const ledger = join(newFolder(), 'ledger.db');
  const keepTime = (): void => utimesSync(input, 1_795_000_000, 1_795_000_000);
  keepTime();
  // The service makes an id for each request, also for one that only asks for the time.
  const uuid = () => {
    if (isBegun(ledger)) {
      writeFileSync(input, readFileSync(input, 'utf8').replace(',gb,1', ',gb,9'));
      keepTime();
    }
    return crypto.randomUUID();
  };
  await withEmulator(
    async (_, env) => {
      const results = `${input}.results.csv`;
      const flags = ['--skip-invalid', '--results', results, '--ledger', ledger];
      const ended = await tool(['batch', input, ...flags], { env });
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /error: \S+rejected\.csv cannot be written: \S+ has changed since its rows/);
      assert.deepEqual(readdirSync(dirname(input)), ['usage.csv']);
      const command = /next: {2}the outcomes are in the ledger: (ampmeter .*)/.exec(ended.stderr)?.[1] ?? '';
      const { code, stdout } = await shell(command, env);
      assert.equal(code, 0);
      assert.match(stdout, /,gb,1,,accepted,/);
    },
    { uuid },
  );
});
