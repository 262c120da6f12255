import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { typed } from '../cli/setup.ts';
import { newFolder } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { testAwsInput, unless } from './aws-input.ts';

const FOLDER = join(import.meta.dirname, '../../examples/cron');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

type Batch = {
  readonly files: readonly string[];
  readonly ledger: string | undefined;
  readonly waitMs: number;
};

/** What every example hands over: a file by its whole path, with a ledger that lasts, a wait, and a heartbeat. */
const checkBatch = async (words: readonly string[], ledger: string | undefined): Promise<void> => {
  const { command, options } = await typed(words);
  assert.equal(command, 'batch');
  const { files, ledger: named, waitMs } = options as unknown as Batch;
  assert.match(files.join(), /^\/\S+\.csv$/);
  assert.match(named ?? ledger ?? '', /^\/\S+\/ledger\.db$/);
  assert.ok(waitMs >= 60_000);
  for (const heartbeat of ['heartbeat', 'heartbeatEnd'])
    assert.match(String(options[heartbeat]), /^(\/|https:\/\/)/);
  assert.deepEqual([options['skipInvalid'], options['knownProblems']], [true, 'ok']);
  assert.match(String(options['rejects']), /^\/\S+\.csv$/);
};

/** Commands in a line of a shell that are this tool's, without what the shell does with their output. */
const ampmeterIn = (line: string): string[][] =>
  line
    .replaceAll(/\$\([^)]*\)/g, 'x')
    .split(/&&|\|\||;/)
    .map(part => part.replaceAll(/[\d]*>[>&]?\s*\S+/g, '').trim())
    .filter(part => part.startsWith('ampmeter '))
    .map(part => part.split(/\s+/).slice(1));

describe('the crontab', () => {
  const lines = read('crontab')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  const settings = new Map(
    lines.flatMap(line => {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === '' ? [] : [[name, value] as const];
    }),
  );
  const jobs = lines.filter(line => !/^\w+=/.test(line));
  const FIELDS = [59, 23, 31, 12, 7];

  test('has times that there are, and no percent sign that cron would part the line at', () => {
    assert.equal(jobs.length, 6);
    for (const job of jobs) {
      const [, when = '', command = ''] = /^((?:\S+\s+){5})(.+)$/.exec(job) ?? [];
      const fields = when.trim().split(/\s+/);
      fields.forEach((field, index) => {
        assert.match(field, /^(\*(\/\d+)?|\d+)$/);
        if (/^\d+$/.test(field)) assert.ok(Number(field) <= (FIELDS[index] ?? 0), job);
      });
      assert.doesNotMatch(command, /(?<!\\)%/);
      const sh = spawnSync('sh', ['-n', '-c', command.replaceAll('\\%', '%')], { encoding: 'utf8' });
      assert.equal(sh.stderr, '');
    }
  });

  test('is taken by crontab', { skip: unless('crontab', '-T', '/dev/null') }, () => {
    const { status, stderr } = spawnSync('crontab', ['-T', join(FOLDER, 'crontab')], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  test('has command lines of this tool', async () => {
    const lines = jobs.flatMap(job => ampmeterIn(job.replace(/^(\S+\s+){5}/, '')));
    assert.deepEqual(await Promise.all(lines.map(async words => (await typed(words)).command)), [
      'reconcile',
      'gaps',
      'ledger',
      'ledger',
    ]);
    assert.equal(settings.get('AMPMETER_LEDGER'), `${settings.get('AMPMETER_STATE')}/ledger.db`);
  });

  test('mails what a job said when it failed, and nothing when it did not', () => {
    const folder = newFolder();
    const ampmeter = join(folder, 'ampmeter');
    const job = jobs.find(line => line.includes('reconcile')) ?? '';
    const line = job.replace(/^(\S+\s+){5}/, '').replaceAll('/var/lib/ampmeter', folder);
    for (const [code, mail] of [
      [0, ''],
      [4, 'said\n'],
    ] as const) {
      writeFileSync(ampmeter, `#!/bin/sh\necho said >&2\nexit ${code}\n`);
      chmodSync(ampmeter, 0o755);
      const env = { PATH: `${folder}:${process.env['PATH']}` };
      const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', env });
      assert.equal(stdout + stderr, mail);
    }
  });
});

describe('the systemd units', () => {
  const service = read('ampmeter.service');
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(service) ?? [];

  test('run a command line of this tool', async () => {
    const [program = '', ...words] = command.split(' ');
    assert.match(program, /^\/\S+\/ampmeter$/);
    await checkBatch(words, /^Environment=AMPMETER_LEDGER=(.*)$/m.exec(service)?.[1]);
  });

  for (const [name, expected] of [
    ['ampmeter-settle', 'reconcile'],
    ['ampmeter-month-end', 'gaps'],
  ] as const)
    test(`run ${expected} by ${name}.timer`, async () => {
      const [, words = ''] = /^ExecStart=\S+\/ampmeter (.*)$/m.exec(read(`${name}.service`)) ?? [];
      assert.equal((await typed(words.split(' '))).command, expected);
      assert.match(read(`${name}.timer`), /^OnCalendar=\*-\*-(\*|01) 04:\d\d:00 UTC$/m);
    });

  test('are verified by systemd', { skip: unless('systemd-analyze', '--version') }, () => {
    const folder = newFolder();
    const program = join(folder, 'ampmeter');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const placed = service
      .replace(/^(ExecStart=)\S+/m, `$1${program}`)
      .replace(/^User=.*$/m, 'User=root')
      .replace(/^Documentation=.*\n/m, '');
    writeFileSync(join(folder, 'ampmeter.service'), placed);
    writeFileSync(join(folder, 'ampmeter.timer'), read('ampmeter.timer'));
    const files = ['ampmeter.service', 'ampmeter.timer'].map(name => join(folder, name));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...files], {
      encoding: 'utf8',
    });
    const own = `${stdout}${stderr}`.split('\n').filter(line => line.includes('ampmeter'));
    assert.deepEqual(own, []);
    assert.equal(status, 0, stderr);
  });
});

type Container = {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
};

describe('the Kubernetes CronJob', () => {
  const skip = unless('python3', '-c', 'import yaml');
  const script = 'import json,sys,yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))';

  test('runs a command line of this tool, with the ledger on a volume that lasts', { skip }, async () => {
    const { stdout, stderr } = spawnSync('python3', ['-c', script], {
      input: read('kubernetes-cronjob.yaml'),
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const [claim, job, ...others] = JSON.parse(stdout);
    assert.deepEqual(
      others.map(({ kind, spec }: { kind: string; spec: { schedule: string } }) => [kind, spec.schedule]),
      [
        ['CronJob', '23 4 * * *'],
        ['CronJob', '53 4 1 * *'],
      ],
    );
    assert.deepEqual(
      [claim.kind, job.kind, job.apiVersion],
      ['PersistentVolumeClaim', 'CronJob', 'batch/v1'],
    );
    assert.equal(job.spec.concurrencyPolicy, 'Forbid');
    const { spec } = job.spec.jobTemplate.spec.template;
    const [container] = spec.containers as [Container];
    const ledger = container.env.find(({ name }) => name === 'AMPMETER_LEDGER')?.value ?? '';
    assert.deepEqual(container.command, ['ampmeter']);
    await checkBatch(container.args, ledger);
    const mounted = container.volumeMounts.find(({ mountPath }) => ledger.startsWith(`${mountPath}/`));
    const volume = spec.volumes.find(({ name }: { name: string }) => name === mounted?.name);
    assert.equal(volume.persistentVolumeClaim.claimName, claim.metadata.name);
    const [settle] = others[0].spec.jobTemplate.spec.template.spec.containers as [Container];
    assert.deepEqual(settle.command, ['sh', '-c']);
    const folder = newFolder();
    const codes = [0, 4, 5, 6].map(code => {
      const program = join(folder, 'ampmeter');
      writeFileSync(
        program,
        `#!/bin/sh\n[ "$*" = 'reconcile --settle --wait 10m' ] && exit ${code}\nexit 99\n`,
      );
      chmodSync(program, 0o755);
      const env = { PATH: `${folder}:${process.env['PATH']}` };
      return spawnSync('sh', ['-c', ...settle.args], { env }).status;
    });
    assert.deepEqual(codes, [0, 4, 0, 6]);
  });

  test('has its arguments as words, whatever reads YAML', async () => {
    const [, block = ''] = /^ {14}args:\n((?: {16}- .*\n)+)/m.exec(read('kubernetes-cronjob.yaml')) ?? [];
    const words = block
      .trim()
      .split(/\n *- |^- /)
      .filter(word => word !== '');
    await checkBatch(words, '/ledger/ledger.db');
  });
});

describe('the ECS task', () => {
  const task = JSON.parse(read('ecs-task-definition.json'));
  const schedule = JSON.parse(read('ecs-schedule.json'));
  const OTHERS = ['settle', 'month-end'] as const;
  const [container] = task.containerDefinitions;

  test('runs a command line of this tool, with the ledger on a volume of its host', async () => {
    const ledger: string = container.environment.find(
      ({ name }: { name: string }) => name === 'AMPMETER_LEDGER',
    ).value;
    assert.deepEqual(container.entryPoint, ['ampmeter']);
    await checkBatch(container.command, ledger);
    const { sourceVolume } = container.mountPoints.find(({ containerPath }: { containerPath: string }) =>
      ledger.startsWith(`${containerPath}/`),
    );
    const volume = task.volumes.find(({ name }: { name: string }) => name === sourceVolume);
    assert.match(volume.host.sourcePath, /^\//);
  });

  test('is what the schedule starts, on the host that has the ledger', () => {
    const { EcsParameters: parameters } = schedule.Target;
    assert.ok(parameters.TaskDefinitionArn.endsWith(`task-definition/${task.family}`));
    assert.ok(task.requiresCompatibilities.includes(parameters.LaunchType));
    assert.equal(parameters.PlacementConstraints[0].type, 'memberOf');
    assert.match(schedule.ScheduleExpression, /^cron\(\d+ \* \* \* \? \*\)$/);
  });

  for (const name of OTHERS)
    test(`is started for ${name} with a command line of this tool`, async () => {
      const { Target, ScheduleExpression } = JSON.parse(read(`ecs-schedule-${name}.json`));
      const [override] = JSON.parse(Target.Input).containerOverrides;
      assert.equal(override.name, container.name);
      const { command } = await typed(override.command);
      assert.equal(command, name === 'settle' ? 'reconcile' : 'gaps');
      assert.equal(ScheduleExpression, name === 'settle' ? 'cron(23 4 * * ? *)' : 'cron(53 4 1 * ? *)');
    });

  const AWS = [
    ['ecs', 'register-task-definition', 'ecs-task-definition.json'],
    ['scheduler', 'create-schedule', 'ecs-schedule.json'],
    // The same input with another time and command. A start of the AWS CLI takes more than a second.
    ...(isFull
      ? ([
          ['scheduler', 'create-schedule', 'ecs-schedule-settle.json'],
          ['scheduler', 'create-schedule', 'ecs-schedule-month-end.json'],
        ] as const)
      : []),
  ] as const;
  for (const [service, operation, file] of AWS) testAwsInput(service, operation, join(FOLDER, file));
});
