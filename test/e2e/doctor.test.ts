import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

type Check = { check: string; status: string; says: string; next?: string; facts?: Record<string, unknown> };
type Report = { exitCode: number; checks: Check[]; unknown: string[]; policy: object };

const reportOf = ({ stdout }: Ended): Report => JSON.parse(stdout);
const statuses = ({ checks }: Report): Record<string, string> =>
  Object.fromEntries(checks.map(({ check, status }) => [check, status]));
const checkIn = ({ checks }: Report, name: string): Check | undefined =>
  checks.find(({ check }) => check === name);

/** A host name that no name server may know (RFC 6761). */
const NOWHERE = 'https://metering.invalid';

test('against an emulator everything is well, and no metering call is made', async () => {
  await withEmulator(async (emulator, env) => {
    const ended = await tool(['doctor', '-o', 'json'], { env });
    const report = reportOf(ended);
    assert.equal(ended.code, 0, ended.stdout);
    assert.equal(ended.stderr, '');
    assert.deepEqual(statuses(report), {
      program: 'ok',
      ledger: 'ok',
      disk: statuses(report)['disk'],
      region: 'ok',
      // The variable might have been forgotten.
      endpoint: 'warn',
      network: 'ok',
      reach: 'ok',
      clock: 'ok',
      credentials: 'ok',
      identity: 'ok',
      role: 'ok',
    });
    assert.deepEqual(checkIn(report, 'identity')?.facts, {
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/example',
    });
    assert.match(JSON.stringify(report.policy), /aws-marketplace:BatchMeterUsage/);
    assert.deepEqual(Object.keys(emulator.stats().operations), ['GetCallerIdentity']);
    assert.deepEqual(emulator.records(), []);
  });
});

test('nothing secret is printed, in any form', async () => {
  await withEmulator(async (_, env) => {
    const secrets = {
      ...env,
      AWS_SESSION_TOKEN: 'the-session-token',
      HTTPS_PROXY: 'http://me:pass-word@127.0.0.1:9',
    };
    for (const args of [['-o', 'json'], ['-o', 'jsonl'], [], ['--debug'], ['meter', '--debug']]) {
      const { stdout, stderr } = await tool(['doctor', ...args], { env: secrets });
      const said = stdout + stderr;
      assert.doesNotMatch(said, /the-session-token|pass-word/);
      assert.ok(!said.includes(KEY_PAIR.secretAccessKey) && !said.includes(KEY_PAIR.accessKeyId), said);
      assert.match(stdout, /\*\*\*MPLE/);
    }
  });
});

test('a key that nobody knows is told, with exit code 6', async () => {
  await withEmulator(async (_, env) => {
    const wrong = { ...env, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' };
    const ended = await tool(['doctor', '-o', 'json'], { env: wrong });
    const identity = checkIn(reportOf(ended), 'identity');
    assert.equal(ended.code, 6);
    assert.equal(identity?.status, 'fail');
    assert.match(identity?.says ?? '', /^InvalidClientTokenId/);
    assert.match(identity?.next ?? '', /check the access key/);
  });
});

test('without network and credentials it tells what cannot be known, and does what it can', async () => {
  const ended = await tool(['doctor', '--endpoint-url', NOWHERE, '-o', 'json'], {
    env: { AWS_ENDPOINT_URL_STS: NOWHERE },
  });
  const report = reportOf(ended);
  assert.equal(ended.code, 6);
  const { program, ledger, region, endpoint, reach, clock, credentials, identity, role } = statuses(report);
  assert.deepEqual(
    { program, ledger, region, endpoint, reach, clock, credentials, identity, role },
    {
      program: 'ok',
      ledger: 'ok',
      region: 'ok',
      endpoint: 'ok',
      reach: 'fail',
      clock: 'skipped',
      credentials: 'fail',
      identity: 'skipped',
      role: 'skipped',
    },
  );
});

test('AWS that cannot be reached is exit code 5; STS alone is no hindrance', async () => {
  const env = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'x', AWS_ENDPOINT_URL_STS: NOWHERE };
  const ended = await tool(['doctor', '--endpoint-url', NOWHERE, '-o', 'json'], { env });
  assert.equal(ended.code, 5);
  assert.equal(statuses(reportOf(ended))['identity'], 'warn');
  await withEmulator(async (_, emulated) => {
    const alone = await tool(['doctor', '-o', 'json'], {
      env: { ...emulated, ...env },
    });
    assert.equal(alone.code, 0);
    assert.equal(statuses(reportOf(alone))['identity'], 'warn');
  });
});

test('a server that never answers is given up in time', async () => {
  const server = createServer(() => {});
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const env = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'x' };
    const ended = await tool(['doctor', '--endpoint-url', url, '--give-up-after', '200ms', '-o', 'json'], {
      env,
    });
    const report = reportOf(ended);
    assert.equal(ended.code, 5);
    assert.match(checkIn(report, 'reach')?.says ?? '', /no reply within 0\.2 s/);
    assert.match(checkIn(report, 'identity')?.says ?? '', /no reply within 0\.2 s/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('settings that make no sense end with exit code 2, and are told once', async () => {
  const cases: readonly (readonly [check: string, args: readonly string[], env: Record<string, string>])[] = [
    ['endpoint', ['--endpoint-url', 'http://example.com'], {}],
    ['region', ['--region', 'not a region'], {}],
    ['region', ['meter'], {}],
    ['network', [], { AWS_CA_BUNDLE: '/no/such/file.pem' }],
    ['network', [], { HTTPS_PROXY: 'socks5://127.0.0.1:1' }],
    ['network', [], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
  ];
  for (const [check, args, env] of cases) {
    const ended = await tool(['doctor', ...args, '-o', 'json'], { env });
    const report = reportOf(ended);
    assert.equal(ended.code, 2, ended.stdout);
    assert.deepEqual(
      report.checks.filter(({ status }) => status === 'fail').map(({ check: failed }) => failed),
      [check],
    );
    const names = report.checks.map(one => one.check);
    assert.deepEqual([...new Set(names)], names);
    assert.equal(checkIn(report, 'identity')?.status, 'skipped');
  }
  const profile = await tool(['doctor', '--profile', 'nobody', '-o', 'json']);
  assert.equal(profile.code, 6);
  assert.match(checkIn(reportOf(profile), 'credentials')?.says ?? '', /profile "nobody" .*does not exist/);
});

test('a ledger is told of, and a damaged one is exit code 9 before anything else', async () => {
  await withEmulator(async (_, env) => {
    const ledger = join(newFolder(), 'ledger.db');
    const usage = fileWith(
      `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(2)},123456789012,p,users,3\n`,
    );
    assert.equal((await tool(['batch', usage, '--ledger', ledger], { env })).code, 0);
    const well = reportOf(await tool(['doctor', '--ledger', ledger, '-o', 'json'], { env }));
    assert.match(
      checkIn(well, 'ledger')?.says ?? '',
      /1 record, 1 run; the last run ended .* with exit code 0; no damage/,
    );
    chmodSync(ledger, 0o644);
    const open = await tool(['doctor', '--ledger', ledger, '-o', 'json'], { env });
    assert.deepEqual([open.code, statuses(reportOf(open))['ledger']], [0, 'warn']);
  });
  const broken = await tool(['doctor', '--ledger', fileWith('no ledger', 'ledger.db'), '-o', 'json']);
  assert.equal(broken.code, 9);
});

test('for people each check is a line with a symbol and a word', async () => {
  await withEmulator(async (_, env) => {
    const { code, stdout } = await tool(['doctor'], { env });
    assert.equal(code, 0);
    assert.match(stdout, /^✓ ok {7}program {6}ampmeter \S+ on Node\.js/);
    assert.match(stdout, /\n! warn {5}endpoint[^\n]*\n(?: {24}[^\n]*\n)* {24}next: unset it to call AWS/);
    assert.match(
      stdout,
      /\nNot checked \(would require a real call\):\n {2}whether this identity may call BatchMeterUsage/,
    );
    const [, policy = ''] = stdout.split('An IAM policy that allows the command:\n');
    assert.equal(JSON.parse(policy).Version, '2012-10-17');
    const lines = (await tool(['doctor', '-o', 'jsonl'], { env })).stdout.trimEnd().split('\n');
    const types = lines.map(line => JSON.parse(line).type);
    assert.deepEqual([types.at(0), types.at(-1)], ['check', 'summary']);
  });
});

test('for subscribers, the calls that read agreements and products are tried', async () => {
  await withEmulator(async ({ setCatalog, reset, stats }, env) => {
    const names = ['SearchAgreements', 'GetAgreementTerms', 'ListEntities', 'DescribeEntity'];
    const all = await tool(['doctor', 'subscribers', '-o', 'json'], { env });
    assert.equal(all.code, 0, all.stdout + all.stderr);
    assert.deepEqual(
      names.map(name => statuses(reportOf(all))[name]),
      names.map(() => 'ok'),
    );
    for (const name of names)
      assert.match(JSON.stringify(reportOf(all).policy), new RegExp(`aws-marketplace:${name}"`));
    assert.deepEqual(Object.keys(stats().operations).sort(), ['GetCallerIdentity', ...names].sort());

    const permissions = ['aws-marketplace:SearchAgreements', 'aws-marketplace:ListEntities'];
    setCatalog({ accounts: [{ id: '123456789012', permissions }] });
    reset();
    const denied = await tool(['doctor', 'subscribers', '-o', 'json'], { env });
    assert.equal(denied.code, 0, denied.stdout);
    assert.deepEqual(
      names.map(name => statuses(reportOf(denied))[name]),
      ['ok', 'skipped', 'ok', 'skipped'],
    );
    setCatalog({ accounts: [{ id: '123456789012', permissions: ['aws-marketplace:BatchMeterUsage'] }] });
    reset();
    const none = await tool(['doctor', 'subscribers', '-o', 'json'], { env });
    assert.equal(none.code, 6);
    const search = checkIn(reportOf(none), 'SearchAgreements');
    assert.equal(search?.status, 'fail');
    assert.match(search?.next ?? '', /allow the action aws-marketplace:SearchAgreements /);
    const keyless = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const without = await tool(['doctor', 'subscribers', '-o', 'json'], { env: { ...env, ...keyless } });
    assert.equal(without.code, 6);
    assert.equal(statuses(reportOf(without))['SearchAgreements'], 'skipped');
  });
});
