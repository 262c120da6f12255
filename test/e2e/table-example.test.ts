import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { policyFor, tablePolicies } from '../../src/cli/iam-policy.ts';
import { typed } from '../cli/setup.ts';
import { startDynamo } from '../helpers/dynamo.ts';
import { fileWith, hourAgo, newFolder, TOOL, tool, withEmulator } from '../helpers/tool.ts';
import { testAwsInput } from './aws-input.ts';

const FOLDER = join(import.meta.dirname, '../../examples/dynamodb');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

const LEDGER = 'dynamodb://ampmeter';
const BUYER = '111122223333,exampleproduct';

/** What follows `ampmeter` in a line of a shell. */
const wordsIn = (line: string): readonly string[] => /\bampmeter (.*)$/.exec(line)?.[1]?.split(/\s+/) ?? [];

const checkLine = async (line: string): Promise<void> => {
  const { command, options } = await typed(wordsIn(line));
  assert.equal(command, 'batch');
  assert.deepEqual(options['files'], ['/tmp/last-day.csv']);
  const { output, problemsOnly, skipInvalid, knownProblems } = options;
  assert.deepEqual([output, problemsOnly, skipInvalid, knownProblems], ['jsonl', true, true, 'ok']);
  assert.match(String(options['heartbeatEnd']), /^https:\/\//);
  assert.equal(spawnSync('sh', ['-n', '-c', line]).status, 0);
};

const task = JSON.parse(read('fargate-task-definition.json'));
const [container] = task.containerDefinitions;
const [fargateLine] = container.command as [string];

describe('the Fargate task', () => {
  const schedule = JSON.parse(read('fargate-schedule.json'));

  test('runs a command line of this tool, with the ledger in a table and no volume', async () => {
    assert.deepEqual(container.entryPoint, ['sh', '-c']);
    await checkLine(fargateLine);
    assert.deepEqual(container.environment[0], { name: 'AMPMETER_LEDGER', value: LEDGER });
    assert.deepEqual([task.volumes, container.mountPoints], [undefined, undefined]);
  });

  test('is what the schedule starts', () => {
    const { EcsParameters: parameters } = schedule.Target;
    assert.ok(parameters.TaskDefinitionArn.endsWith(`task-definition/${task.family}`));
    assert.ok(task.requiresCompatibilities.includes(parameters.LaunchType));
    assert.match(schedule.ScheduleExpression, /^cron\(\d+ \* \* \* \? \*\)$/);
  });

  for (const [service, operation, file] of [
    ['ecs', 'register-task-definition', 'fargate-task-definition.json'],
    ['scheduler', 'create-schedule', 'fargate-schedule.json'],
  ] as const)
    testAwsInput(service, operation, join(FOLDER, file));

  test('bills the file once, however many tasks are started, and fails for a bad row once', async () => {
    await withEmulator(async ({ url }, env) => {
      await using dynamo = await startDynamo();
      const folder = newFolder();
      const usage = fileWith(
        `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(2)},${BUYER},gb,3\n`,
      );
      const put = (name: string, script: string): void => {
        writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
        chmodSync(join(folder, name), 0o755);
      };
      put('ampmeter', `exec '${process.execPath}' '${TOOL}' "$@"`);
      put('aws', `cp '${usage}' "$4"`);
      const all = {
        ...env,
        PATH: `${folder}${delimiter}${process.env['PATH']}`,
        HOME: folder,
        AMPMETER_LEDGER: LEDGER,
        AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      assert.equal((await tool(['ledger', 'create'], { env: all })).code, 0);
      const started = (name: string): Promise<number> => {
        const line = fargateLine
          .replaceAll('/tmp/last-day.csv', join(folder, `${name}.csv`))
          .replace(/https:\S+/, join(folder, `${name}.json`));
        const child = spawn('sh', ['-c', line], { env: all, stdio: 'ignore' });
        return once(child, 'close').then(([code]) => code);
      };
      assert.deepEqual(await Promise.all(['one', 'two'].map(started)), [0, 0]);
      for (const name of ['one', 'two']) assert.ok(existsSync(join(folder, `${name}.json`)));
      const recordsNow = async () => {
        const reply = await fetch(`${url}/_emulator/records`);
        return ((await reply.json()) as readonly unknown[]).length;
      };
      assert.equal(await recordsNow(), 1);
      appendFileSync(usage, ['users,n/a', 'users2,4'].map(row => `${hourAgo(3)},${BUYER},${row}\n`).join(''));
      assert.deepEqual([await started('three'), await started('four')], [4, 0]);
      assert.equal(await recordsNow(), 2);
    });
  });
});

const YAML_FILES = ['kubernetes-cronjob.yaml', 'github-actions.yml'] as const;

const READER =
  'import json,sys,yaml; print(json.dumps([list(yaml.safe_load_all(open(f))) for f in sys.argv[1:]]))';

/** The documents in each of these files; undefined where Python has no YAML. */
const parsed = (() => {
  const { stdout, stderr } = spawnSync('python3', ['-c', READER, ...YAML_FILES], {
    cwd: FOLDER,
    encoding: 'utf8',
  });
  return /No module named 'yaml'/.test(stderr ?? '') || stdout === null ? undefined : JSON.parse(stdout);
})();

const documentsIn = (file: (typeof YAML_FILES)[number]) => parsed[YAML_FILES.indexOf(file)];

describe('in YAML', { skip: parsed === undefined && 'python3 with PyYAML is needed' }, () => {
  test('the Kubernetes CronJob runs a command line of this tool, and its only volume is for temporary files', async () => {
    const [account, job] = documentsIn('kubernetes-cronjob.yaml');
    assert.deepEqual([account.kind, job.kind, job.apiVersion], ['ServiceAccount', 'CronJob', 'batch/v1']);
    const { spec } = job.spec.jobTemplate.spec.template;
    assert.equal(spec.serviceAccountName, account.metadata.name);
    const [{ command, env }] = spec.containers;
    assert.deepEqual(command.slice(0, 2), ['sh', '-c']);
    await checkLine(command[2]);
    assert.deepEqual(env[0], { name: 'AMPMETER_LEDGER', value: LEDGER });
    assert.deepEqual(spec.volumes, [{ name: 'tmp', emptyDir: {} }]);
    const trusted = JSON.parse(read('kubernetes-trust-policy.json')).Statement[0].Condition.StringEquals;
    const subject = `system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`;
    assert.ok(Object.values(trusted).includes(subject));
  });

  test('the GitHub workflow runs a command line of this tool, and may ask for a token', async () => {
    const [workflow] = documentsIn('github-actions.yml');
    assert.deepEqual(workflow.permissions, { contents: 'read', 'id-token': 'write' });
    const { env, steps } = workflow.jobs.report;
    assert.equal(env.AMPMETER_LEDGER, LEDGER);
    assert.match(steps[0].run, new RegExp(`> ${env.AWS_WEB_IDENTITY_TOKEN_FILE}$`));
    await checkLine(steps.at(-1).run);
  });
});

test('the policy allows what an upload to a table needs, and one file', () => {
  const { Statement } = JSON.parse(read('iam-policy.json'));
  const [report, ledger, file] = Statement;
  assert.deepEqual(report.Action, policyFor(['batch']).Statement[0]?.Action);
  const [{ Action, Resource } = { Action: [], Resource: '' }] = tablePolicies({
    table: 'ampmeter',
    region: 'us-east-1',
  }).run.Statement;
  assert.deepEqual(ledger.Action, Action);
  assert.equal(ledger.Resource.replace('111122223333', '*'), Resource);
  assert.deepEqual(file.Action, ['s3:GetObject']);
  const [, named = ''] = /aws s3 cp s3:\/\/(\S+) /.exec(fargateLine) ?? [];
  assert.equal(file.Resource, `arn:aws:s3:::${named}`);
  assert.equal(Statement.length, 3);
});
