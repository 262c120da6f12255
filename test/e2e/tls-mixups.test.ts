import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
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

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7TESTKEY',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'us-east-1',
};

const listen = async (t: TestContext, server: Server): Promise<number> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
};

const nobody = (): never => assert.fail('a request arrived');

type Mixup = readonly [
  what: string,
  way: (t: TestContext) => Promise<Readonly<Record<string, string>>>,
  code: string,
  pattern: RegExp,
  next: RegExp,
  /** Without a word from the port nobody can swear that the request was not read. */
  isUnknown?: boolean,
];

const MIXUPS: readonly Mixup[] = [
  [
    'the server wants a client certificate',
    async t => {
      const server = createHttps({ ...made().good, requestCert: true, ca: made().authority }, nobody);
      return { AWS_ENDPOINT_URL: `https://127.0.0.1:${await listen(t, server)}` };
    },
    'ClientCertificateRequired',
    /127\.0\.0\.1:\d+: the server requires a client certificate, and ampmeter cannot send one/,
    /without a client certificate/,
  ],
  [
    'https is said to plain http',
    async t => ({ AWS_ENDPOINT_URL: `https://127.0.0.1:${await listen(t, createHttp(nobody))}` }),
    'NotTls',
    /the server does not speak TLS: it looks like plain http/,
    /check the host and the port of the endpoint.*http:\/\//,
  ],
  [
    'http is said to a port of TLS',
    async t => ({
      AWS_ENDPOINT_URL: `http://127.0.0.1:${await listen(t, createHttps(made().good, nobody))}`,
    }),
    'TlsExpected',
    /the server expects TLS at this port, but the URL uses http/,
    /use https:\/\/ in the endpoint URL/,
    true,
  ],
  [
    'https is said to a proxy of plain http',
    async t => {
      const proxy = await startProxy();
      t.after(proxy.close);
      return { HTTPS_PROXY: `https://127.0.0.1:${proxy.port}` };
    },
    'ProxyNotTls',
    /the proxy https:\S+ \(HTTPS_PROXY\) does not speak TLS: it looks like a plain http proxy/,
    /HTTPS_PROXY=http:\/\/host:port/,
  ],
  [
    'http is said to a proxy that speaks TLS',
    async t => {
      const proxy = await startProxy({ tls: made().good });
      t.after(proxy.close);
      return { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    },
    'ProxyTlsExpected',
    /the proxy http:\S+ \(HTTPS_PROXY\) expects TLS, but its URL uses http/,
    /HTTPS_PROXY=https:\/\/host:port/,
  ],
];

describe('two sides that do not speak alike', { skip }, () => {
  for (const [what, way, code, pattern, next, isUnknown = false] of MIXUPS) {
    test(`${what}: the record is ${isUnknown ? 'unknown' : 'unsent'}, it is said at once, and the corrected quantity is billed`, async t => {
      const emulator = await startEmulator({
        port: 0,
        now: () => new Date(clock.now()),
        uuid: () => crypto.randomUUID(),
        window: 'on',
        signatures: 'skip',
      });
      const behind = await startBehindTls(emulator.url, { certificate: made().aws });
      const open = await startProxy({ portOf: () => behind.port });
      t.after(() => Promise.all([open.close(), behind.close(), emulator.close()]));
      const usage = (quantity: number): string =>
        fileWith(
          `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(1)},111122223333,p,users,${quantity}\n`,
        );
      const env = { ...KEYS, AWS_CA_BUNDLE: fileWith(made().authority, 'ca.pem') };
      // The half of an hour that a run has by default would go by.
      const flags = ['--ledger', join(newFolder(), 'ledger.db'), '-o', 'json'];
      const wrong = await tool(['batch', usage(3), ...flags], { env: { ...env, ...(await way(t)) } });
      assert.equal(wrong.code, 5, wrong.stderr);
      const { unsent, unknown, requests } = JSON.parse(wrong.stdout).summary;
      assert.deepEqual([unsent, unknown, requests], isUnknown ? [0, 1, 1] : [1, 0, 1]);
      const error = JSON.parse(wrong.stderr.trim().split('\n').at(-1) ?? '');
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      assert.match(error.next, next);
      const right = { ...env, HTTPS_PROXY: `http://127.0.0.1:${open.port}` };
      const corrected = await tool(['batch', usage(4), ...flags], { env: right });
      // Endpoints have ledgers of their own: what was meant for another one stays out of the way.
      assert.equal(corrected.code, 0, corrected.stderr);
      assert.deepEqual(
        emulator.records().map(record => record.Quantity),
        [4],
      );
    });

    test(`${what}: doctor and explain say the same`, async t => {
      const env = { ...KEYS, AWS_CA_BUNDLE: fileWith(made().authority, 'ca.pem'), ...(await way(t)) };
      const { stdout } = await tool(['doctor', '-o', 'json', '--give-up-after', '5s'], { env });
      const reach = JSON.parse(stdout).checks.find((one: { check: string }) => one.check === 'reach');
      assert.match(JSON.stringify(reach), pattern);
      assert.match(JSON.stringify(reach), next);
      const { code: ended, stdout: explained } = await tool(['explain', code]);
      assert.equal(ended, 0);
      assert.match(explained.replaceAll(/\s+/g, ' '), next);
    });
  }

  test('a heartbeat says so, without its path', async t => {
    const emulator = await startEmulator({
      port: 0,
      now: () => new Date(clock.now()),
      uuid: () => crypto.randomUUID(),
      window: 'on',
      signatures: 'skip',
    });
    t.after(emulator.close);
    const file = fileWith(
      `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(1)},111122223333,p,users,3\n`,
    );
    const ports = [
      `https://127.0.0.1:${await listen(t, createHttp(nobody))}`,
      `http://127.0.0.1:${await listen(t, createHttps(made().good, nobody))}`,
    ];
    for (const [place, origin] of ports.entries()) {
      const args = ['batch', file, '--no-ledger', '--heartbeat', `${origin}/secret?key=secret`];
      const { code, stderr } = await tool(args, { env: { ...KEYS, AWS_ENDPOINT_URL: emulator.url } });
      assert.equal(code, 0, stderr);
      const why = place === 0 ? 'the server does not speak TLS' : 'the server expects TLS at this port';
      assert.match(stderr, new RegExp(`warning: the heartbeat request to ${origin} failed: ${why}`));
      assert.doesNotMatch(stderr, /secret/);
    }
  });
});
