import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { SHIFTS_CLOCK, toolHere } from '../helpers/in-process.ts';
import { makeProgram } from '../helpers/shell-program.ts';
import { clock, newFolder, withEmulator } from '../helpers/tool.ts';

const FOLDER = join(import.meta.dirname, '../../examples/cron');
const example = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

const HOUR = 3_600_000;
const MINUTE = 60_000;
const LICENSE = 'arn:aws:license-manager::123456789012:license:l-cron';
const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';

type Buyer = { readonly account: string; readonly license: string; readonly product: string };
const ANN: Buyer = { account: '111122223333', license: '', product: 'product' };
const BEN: Buyer = { account: '444455556666', license: LICENSE, product: '' };
/** Signed an agreement, and is missing in the export. */
const CAT: Buyer = { account: '777788889999', license: '', product: 'product' };

const CATALOG = {
  products: [{ code: 'product', dimensions: ['users', 'gb'] }],
  customers: [ANN, BEN, CAT].map(({ account }) => ({ account })),
  agreements: [ANN, BEN, CAT].map(({ account, license }) => ({
    product: 'product',
    customer: account,
    ...(license !== '' && { licenseArn: license }),
    start: '2026-11-01',
  })),
};

const at = (time: string): number => Date.parse(`2026-${time}:00Z`);
const text = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
/** Such as `30T20:17`. */
const short = (ms: number): string => text(ms).slice(8, 16);

type Usage = {
  readonly hour: number;
  readonly buyer: Buyer;
  readonly dimension: string;
  readonly quantity: number;
  /** How the export writes it before somebody has fixed the row; undefined: as it is. */
  readonly wrong?: { readonly dimension?: string; readonly quantity?: string; readonly until: number };
};

const NEVER = Number.MAX_SAFE_INTEGER;

/** Ann has usage every hour, and Ben every other one. Three rows are wrong, and one of them stays so. */
const USAGE: readonly Usage[] = Array.from({ length: 20 }, (_, index) => at('11-30T12:00') + index * HOUR)
  .flatMap((hour, index): Usage[] => [
    { hour, buyer: ANN, dimension: 'users', quantity: 100 + index },
    ...(index % 2 === 0 ? [{ hour, buyer: BEN, dimension: 'users', quantity: 200 + index }] : []),
  ])
  .concat(
    {
      hour: at('11-30T19:00'),
      buyer: ANN,
      dimension: 'gb',
      quantity: 301,
      wrong: { dimension: 'gigabytes', until: at('12-01T02:00') },
    },
    {
      hour: at('11-30T20:00'),
      buyer: ANN,
      dimension: 'gb',
      quantity: 302,
      wrong: { quantity: 'oops', until: at('12-01T02:00') },
    },
    {
      hour: at('11-30T21:00'),
      buyer: BEN,
      dimension: 'users',
      quantity: 303,
      wrong: { quantity: 'oops', until: NEVER },
    },
  );

/** What the export of the last 24 hours has at this time. */
const exportAt = (now: number): string => {
  const end = Math.floor(now / HOUR) * HOUR;
  const rows = USAGE.filter(({ hour }) => hour >= end - 24 * HOUR && hour < end).map(
    ({ hour, buyer: { account, license, product }, dimension, quantity, wrong }) => {
      const { dimension: name = dimension, quantity: number = quantity } =
        wrong !== undefined && now < wrong.until ? wrong : {};
      return [text(hour), account, license, product, name, number].join(',');
    },
  );
  return [HEADER, ...rows, ''].join('\n');
};

const keyOf = ({ hour, buyer, dimension }: Pick<Usage, 'hour' | 'buyer' | 'dimension'>): string =>
  `${text(hour)} ${buyer.account} ${dimension}`;

/** Each record that AWS bills, by what it is for. */
const billedIn = (emulator: Emulator): Map<string, number> => {
  const found = emulator
    .records()
    .map(
      record =>
        [
          `${text(record.Timestamp * 1000)} ${record.CustomerAWSAccountId} ${record.Dimension}`,
          record.Quantity,
        ] as const,
    );
  assert.equal(new Set(found.map(([key]) => key)).size, found.length, 'an hour was billed twice');
  return new Map(found);
};

/** All usage is billed but for the row that nobody fixed, and no zero has taken an hour that has usage. */
const checkMoney = (emulator: Emulator): Map<string, number> => {
  const billed = billedIn(emulator);
  for (const usage of USAGE) {
    if (usage.hour >= at('12-01T06:00')) continue;
    const expected = usage.wrong?.until === NEVER ? undefined : usage.quantity;
    assert.equal(billed.get(keyOf(usage)), expected, keyOf(usage));
  }
  return billed;
};

type Told = { readonly code: number; readonly output: string };

type Machine = {
  readonly folder: string;
  readonly emulator: Emulator;
  /** Runs a line of a shell at a time, where `ampmeter` is the built tool. */
  readonly sh: (now: number, line: string) => Promise<Told>;
  /** Starts the tool without a shell. */
  readonly start: (now: number, words: readonly string[]) => Promise<Told>;
};

/** In the outage, each call that waits for AWS gives up soon: nobody waits for half an hour here. */
const GIVING_UP = ['--give-up-after', '300ms'];

/** A machine with a clock that the test sets, as is that of the service. */
const onMachine = async (use: (machine: Machine) => Promise<void>): Promise<void> => {
  let shift = 0;
  await withEmulator(
    async (emulator, env) => {
      const folder = newFolder();
      mkdirSync(join(folder, 'bin'));
      using _ = makeProgram(join(folder, 'bin'));
      const program = join(folder, 'ampmeter');
      writeFileSync(
        program,
        `#!/bin/sh
name=$1; shift
case "$name $*" in
  batch*|subscribers*|reconcile*) [ -e '${folder}/down' ] && set -- "$@" ${GIVING_UP.join(' ')} ;;
  *--agreements*) [ -e '${folder}/down' ] && exit 5 ;;
esac
exec '${folder}/bin/ampmeter' "$name" "$@"
`,
      );
      chmodSync(program, 0o755);
      const settings = (now: number) => {
        shift = now - clock.now();
        return {
          cwd: folder,
          env: {
            ...env,
            PATH: `${folder}:${process.env['PATH']}`,
            HOME: folder,
            AMPMETER_LEDGER: join(folder, 'ledger.db'),
            AMPMETER_STATE: folder,
            NODE_OPTIONS: SHIFTS_CLOCK,
            CLOCK_OFFSET_MS: String(shift),
          },
        };
      };
      const sh: Machine['sh'] = (now, line) =>
        new Promise((resolve, reject) => {
          execFile('sh', ['-c', line], settings(now), (error, stdout, stderr) => {
            if (error !== null && typeof error.code !== 'number') return reject(error);
            resolve({ code: error === null ? 0 : (error.code as number), output: stdout + stderr });
          });
        });
      const start: Machine['start'] = async (now, words) => {
        const soon = existsSync(join(folder, 'down')) ? GIVING_UP : [];
        const { code, stdout, stderr } = await toolHere([...words, ...soon], settings(now));
        return { code: code ?? -1, output: stdout + stderr };
      };
      await use({ folder, emulator, sh, start });
    },
    { now: () => new Date(clock.now() + shift), catalog: CATALOG },
  );
};

/** From 23:00 to 02:00 AWS does not reply. */
const setWeather = ({ emulator, folder }: Machine, now: number): void => {
  const isDown = now >= at('11-30T23:00') && now < at('12-01T02:00');
  emulator.setFaults({ faults: isDown ? ['error503:1'] : [] });
  if (isDown) writeFileSync(join(folder, 'down'), '');
  else rmSync(join(folder, 'down'), { force: true });
};

/** Hours at which jobs are started. The watch also looks in the hours between. */
const HOURS = ['30T20', '30T21', '30T22', '30T23', '01T02', '01T03', '01T04', '01T06'];

describe('a month ends in an outage', () => {
  test('with the crontab: each mail asks for something', async () => {
    const jobs = example('crontab')
      .split('\n')
      .flatMap(line => {
        const [, minute, hour, day, command] = /^(\d+) (\S+) (\S+) \* \*\s+(.*)$/.exec(line) ?? [];
        return command === undefined ? [] : [{ minute: Number(minute), hour, day, command }];
      });
    await onMachine(async machine => {
      const { folder, sh, emulator } = machine;
      copyFileSync(join(FOLDER, 'hourly.sh'), join(folder, 'hourly.sh'));
      const mails: string[] = [];
      const texts: string[] = [];
      for (let hour = at('11-30T20:00'); hour < at('12-01T07:00'); hour += HOUR) {
        const due = jobs
          .filter(job =>
            [job.hour, '*'].includes(job.hour === '*' ? '*' : String(new Date(hour).getUTCHours())),
          )
          .filter(job => job.day === '*' || Number(job.day) === new Date(hour).getUTCDate())
          .sort((a, b) => a.minute - b.minute);
        for (const { minute, command } of due) {
          const now = hour + minute * MINUTE;
          const isWatch = command.includes('find ');
          if (!isWatch && !HOURS.includes(short(hour).slice(0, 5))) continue;
          setWeather(machine, now);
          writeFileSync(join(folder, 'last-day.csv'), exportAt(now));
          // The files' own times are by the real clock.
          for (const name of ['last-end.json', 'last-success.json']) {
            const path = join(folder, name);
            if (!existsSync(path)) continue;
            const age = now - Date.parse(JSON.parse(readFileSync(path, 'utf8')).time);
            utimesSync(path, new Date(), new Date(Date.now() - age));
          }
          const line = command
            .replaceAll(/\/var\/(lib|backups)\/(ampmeter|usage)/g, folder)
            .replaceAll('/usr/local/bin/', `${folder}/`)
            .replaceAll('\\%', '%');
          const { output } = await sh(now, line);
          if (output !== '') {
            mails.push(short(now));
            texts.push(output);
          }
        }
      }
      assert.deepEqual(
        mails,
        ['30T20:17', '30T21:17', '30T22:17', '01T00:47', '01T03:17', '01T04:53'],
        texts.join('\n---\n'),
      );
      const [first = '', second = '', third = '', watch = '', again = '', monthEnd = ''] = texts;
      assert.match(first, /gigabytes +301 +\S+ refused /);
      assert.match(first, new RegExp(`AWS lists an agreement: ${CAT.account} users`));
      for (const mail of [second, third])
        assert.match(
          mail,
          /last-day\.csv:\d+:\d+: error: quantity .*\n[\s\S]*,oops\n[\s\S]*usage-rejected\S*\.csv/,
        );
      assert.match(watch, /no run has come to its end for two hours/);
      assert.match(again, /error: quantity [\s\S]*invalid +\d+ +\d+ known/);
      assert.match(monthEnd, /444455556666 +- +users +2026-11-30T21:00Z/);

      const billed = checkMoney(emulator);
      const zeros = [...billed].filter(([, quantity]) => quantity === 0).map(([key]) => key);
      const hoursOf = (hours: readonly number[], buyer: Buyer, dimension: string): string[] =>
        hours.map(hour => keyOf({ hour: at(`11-30T${hour}:00`), buyer, dimension }));
      assert.deepEqual(zeros.sort(), [
        ...hoursOf([13, 15, 17, 19], BEN, 'users'),
        ...hoursOf([21, 22], ANN, 'gb'),
        ...hoursOf([23], ANN, 'gb'),
        ...hoursOf([23], BEN, 'users'),
      ]);
    });
  });

  /** The words of each deployment that runs `batch` without a shell. */
  const COMMANDS: readonly (readonly [name: string, words: readonly string[]])[] = [
    ['systemd', (/^ExecStart=\S+ (.*)$/m.exec(example('ampmeter.service'))?.[1] ?? '').split(' ')],
    ['ECS', JSON.parse(example('ecs-task-definition.json')).containerDefinitions[0].command],
    [
      'Kubernetes',
      (/args:\n((?: {16}- .*\n)+)/.exec(example('kubernetes-cronjob.yaml'))?.[1] ?? '')
        .trim()
        .split(/\n *- |^- /)
        .filter(word => word !== ''),
    ],
  ];
  for (const [name, words] of COMMANDS)
    test(`with ${name}: a run fails when somebody must fix something`, async () => {
      await onMachine(async machine => {
        const { folder, start, emulator } = machine;
        const placed = words.map(word =>
          word
            .replace(/^\/(var\/lib\/)?(usage|ledger|ampmeter)\//, `${folder}/`)
            .replace(/^https:\/\/.*-(billed|ended)$/, `${folder}/$1.json`),
        );
        const failures: string[] = [];
        for (const hour of HOURS) {
          const now = at(`${hour.startsWith('30') ? '11' : '12'}-${hour}:17`);
          setWeather(machine, now);
          writeFileSync(join(folder, 'last-day.csv'), exportAt(now));
          const { code, output } = await start(now, placed);
          if (![0, 5, 8].includes(code)) failures.push(`${short(now)} ${code}`);
          assert.ok([0, 4, 5].includes(code), output);
        }
        // The refused row was sent again in the outage: whether it is billed is not known until `reconcile --settle`.
        assert.deepEqual(failures, ['30T20:17 4', '30T21:17 4', '30T22:17 4', '01T02:17 4']);
        checkMoney(emulator);
      });
    });
});
