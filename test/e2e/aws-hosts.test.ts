import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { startEmulator } from '../../src/emulator/server.ts';
import { startBehindTls } from '../helpers/behind-tls.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { startProxy } from '../helpers/proxy.ts';
import { clock, fileWith, hourAgo, newFolder } from '../helpers/tool.ts';
import { type Certificates, makeCertificates } from '../metering/certificates.ts';

const certificates = makeCertificates();
const skip = certificates === undefined && 'there is no openssl to make certificates';
const made = (): Certificates => certificates as Certificates;

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';

const PLAIN = 'metering.marketplace.us-east-1.amazonaws.com';
const DUAL_STACK = 'metering-marketplace.us-east-1.api.aws';
const FIPS = 'metering.marketplace-fips.us-east-1.amazonaws.com';
const PRIVATE = 'vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com';
const IRELAND = 'metering.marketplace.eu-west-1.amazonaws.com';
const PRIVATE_IRELAND = 'vpce-0123-abc-eu-west-1a.metering-marketplace.eu-west-1.vpce.amazonaws.com';

/** AWS's hosts behind a proxy, all of them played by one emulator; a ledger that is kept from run to run. */
const aws = async (t: TestContext) => {
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(clock.now()),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'skip',
  });
  const behind = await startBehindTls(emulator.url, { certificate: made().aws });
  const proxy = await startProxy({ portOf: () => behind.port });
  t.after(() => Promise.all([proxy.close(), behind.close(), emulator.close()]));
  const ledger = join(newFolder(), 'ledger.db');
  const own = {
    AMPMETER_LEDGER: ledger,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7TESTKEY',
    AWS_SECRET_ACCESS_KEY: 'made-up',
    AWS_CA_BUNDLE: fileWith(made().authority, 'ca.pem'),
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
  };
  return {
    emulator,
    behind,
    run: (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      tool(args, { env: { ...own, ...env } }),
  };
};

const profileWith = (...lines: readonly string[]): Record<string, string> => ({
  AWS_CONFIG_FILE: fileWith(`${['[default]', ...lines].join('\n')}\n`, 'config'),
});

const fileOf = (quantity: number, license = ''): string =>
  fileWith(
    'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity\n' +
      `${hourAgo(2)},123456789012,${license},prodA,users,${quantity}\n`,
  );

type Way = readonly [how: string, flags: readonly string[], env: Record<string, string>, host: string];

const WAYS: readonly Way[] = [
  ['nothing', [], {}, PLAIN],
  ['--endpoint-url', ['--endpoint-url', `https://${PLAIN}`], {}, PLAIN],
  ['--dual-stack', ['--dual-stack'], {}, DUAL_STACK],
  ['--endpoint-url, FIPS', ['--endpoint-url', `https://${FIPS}/`], {}, FIPS],
  ['a variable', [], { AWS_ENDPOINT_URL_MARKETPLACE_METERING: `https://${PRIVATE}` }, PRIVATE],
  ['the profile', [], profileWith(`endpoint_url = https://${DUAL_STACK}`), DUAL_STACK],
  [
    'a services section',
    [],
    profileWith(
      'services = mine',
      '[services mine]',
      'marketplace_metering =',
      `  endpoint_url = https://${PRIVATE}`,
    ),
    PRIVATE,
  ],
];

describe('AWS by each of its names is one AWS', { skip }, () => {
  test('what was billed through one is known through every other', async t => {
    const { emulator, behind, run } = await aws(t);
    const statusOf = async (file: string, [how, flags, env]: Way): Promise<string> => {
      const { stdout, stderr } = await run(['batch', file, '--no-rejects', '-o', 'jsonl', ...flags], env);
      const outcome = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
        .find(({ type }) => type === 'outcome');
      assert.ok(outcome, `${how}: ${stderr}`);
      return outcome.status;
    };
    const [first, second, ...more] = WAYS as readonly [Way, Way, ...Way[]];
    const others = [second, ...more];
    assert.equal(await statusOf(fileOf(5), first), 'accepted');
    for (const way of others) {
      assert.equal(await statusOf(fileOf(6), way), 'conflict', way[0]);
      assert.equal(await statusOf(fileOf(5, LICENSE), way), 'conflict', way[0]);
    }
    for (const host of [IRELAND, PRIVATE_IRELAND]) {
      const elsewhere: Way = [host, ['--endpoint-url', `https://${host}`], {}, host];
      assert.equal(await statusOf(fileOf(5), elsewhere), 'conflict', host);
    }
    assert.equal(await statusOf(fileOf(5), second), 'already-recorded');
    assert.equal(emulator.records().length, 1);
    assert.deepEqual(behind.calls, [`${PLAIN} /`]);
  });

  for (const [how, flags, env, host] of WAYS)
    test(`through ${how} it goes to ${host}, and the ledger calls it aws`, async t => {
      const { behind, run } = await aws(t);
      const ended = await run(['batch', fileOf(5), ...flags], env);
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(behind.calls, [`${host} /`]);
      assert.deepEqual([...new Set(behind.requests)], behind.calls, 'the time is asked there too');
      const { stdout } = await run(['history', '-o', 'jsonl']);
      const { endpoint, region } = JSON.parse(stdout);
      assert.deepEqual([endpoint, region], ['aws', 'us-east-1']);
    });

  test('the host has the Region: it is signed for, written down and looked up in', async t => {
    const { behind, run } = await aws(t);
    const env = {
      AWS_ENDPOINT_URL_MARKETPLACE_METERING: `https://${PRIVATE_IRELAND}`,
      AWS_REGION: 'us-west-2',
    };
    const sent = await run(['batch', fileOf(5), '--debug'], env);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stderr, /\/eu-west-1\/aws-marketplace\/aws4_request/);
    assert.match(
      sent.stderr,
      /debug: region eu-west-1 \(the host of AWS_ENDPOINT_URL_MARKETPLACE_METERING\)\n/,
    );
    for (const [args, found] of [
      [['--endpoint-url', `https://${IRELAND}`], 1],
      [['--endpoint-url', `https://${PLAIN}`], 0],
      [['--region', 'eu-west-1'], 1],
    ] as const) {
      const { records } = JSON.parse((await run(['history', '-o', 'json', ...args])).stdout);
      assert.equal(records.length, found, args.join(' '));
    }
    for (const [flags, variables] of [
      [[], env],
      [['--endpoint-url', `https://${IRELAND}`], {}],
    ] as const) {
      const compared = await run(['reconcile', '-o', 'json', ...flags], variables);
      const { endpoint, regions, ledgerRecords } = JSON.parse(compared.stdout).summary;
      assert.deepEqual([endpoint, regions, ledgerRecords], ['aws', ['eu-west-1'], 1], compared.stderr);
      assert.equal(behind.requests.at(-1), 'cloudtrail.eu-west-1.amazonaws.com /');
    }
  });

  test('ten requests a second are the rule for each of them', async t => {
    const { run } = await aws(t);
    const rows = Array.from(
      { length: 500 },
      (_, place) => `${hourAgo(2)},${211_111_111_111 + place},users,1`,
    );
    const file = fileWith(`timestamp,customer_aws_account_id,dimension,quantity\n${rows.join('\n')}\n`);
    const args = ['batch', file, '--product-code', 'prodA', '--dry-run', '-o', 'json'];
    for (const [host, seconds] of [
      [PLAIN, 2],
      [PRIVATE, 2],
      [FIPS, 2],
      [`${PLAIN}.evil.example`, 0],
    ] as const) {
      const { stdout, stderr } = await run([...args, '--endpoint-url', `https://${host}`]);
      assert.equal(JSON.parse(stdout).plan.seconds, seconds, `${host}: ${stderr}`);
    }
  });

  test('what contradicts the Region of the host is refused, and nothing is called', async t => {
    const { behind, run } = await aws(t);
    const variable = { AWS_ENDPOINT_URL: `https://${PRIVATE_IRELAND}` };
    const mismatchOf = (source: string) =>
      `--region is us-east-1, but ${source} is AWS's endpoint in eu-west-1`;
    const there = ['--region', 'us-east-1'];
    for (const [args, env, message] of [
      [
        ['batch', fileOf(5), ...there, '--endpoint-url', `https://${IRELAND}`],
        {},
        mismatchOf('--endpoint-url'),
      ],
      [['resolve', 'token', ...there], variable, mismatchOf('AWS_ENDPOINT_URL')],
      [['history', ...there, '--endpoint-url', `https://${IRELAND}`], {}, mismatchOf('--endpoint-url')],
    ] as const) {
      const { code, stderr } = await run(args, env);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(message), stderr);
    }
    assert.deepEqual(behind.requests, []);
  });

  test('usage of one Region is not compared with the CloudTrail of another', async t => {
    const { behind, run } = await aws(t);
    assert.equal((await run(['batch', fileOf(5)])).code, 0);
    for (const [flags, cloudTrail, message] of [
      [[], 'eu-west-1', 'is CloudTrail in eu-west-1, but usage is sent to us-east-1'],
      [
        ['--endpoint-url', `https://${IRELAND}`],
        'us-east-1',
        'is CloudTrail in us-east-1, but usage is sent to eu-west-1',
      ],
    ] as const) {
      const { code, stderr } = await run(['reconcile', ...flags], {
        AWS_ENDPOINT_URL_CLOUDTRAIL: `https://cloudtrail.${cloudTrail}.amazonaws.com`,
      });
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(`AWS_ENDPOINT_URL_CLOUDTRAIL ${message}`), stderr);
    }
    assert.equal(behind.calls.length, 1);
  });

  test('a ledger that begins with a run may not know what AWS has: only that run says so', async t => {
    const { run } = await aws(t);
    const advice = /this ledger is new: .* run ampmeter ledger import first/;
    const preview = await run(['batch', fileOf(5), '--dry-run']);
    assert.doesNotMatch(preview.stderr, advice);
    const first = await run(['batch', fileOf(5)]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, advice);
    const second = await run(['batch', fileOf(5)]);
    assert.equal(second.code, 0, second.stderr);
    assert.doesNotMatch(second.stderr, advice);
  });

  test('doctor says of each that it is AWS', async t => {
    const { run } = await aws(t);
    for (const host of [PLAIN, PRIVATE]) {
      const { stdout } = await run(['doctor', '-o', 'json', '--give-up-after', '5s'], {
        AWS_ENDPOINT_URL_MARKETPLACE_METERING: `https://${host}`,
      });
      const { checks } = JSON.parse(stdout);
      const found = checks.find(({ check }: { check: string }) => check === 'endpoint');
      assert.equal(found.status, 'ok');
      assert.equal(found.says, `https://${host}/ (AWS_ENDPOINT_URL_MARKETPLACE_METERING), AWS's own`);
    }
  });
});
