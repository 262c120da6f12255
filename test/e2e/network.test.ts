import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { type BehindOptions, startBehindTls } from '../helpers/behind-tls.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type ProxyOptions, startProxy } from '../helpers/proxy.ts';
import {
  clock,
  type Ended,
  fileWith,
  hourAgo,
  newFolder,
  type ToolOptions,
  withEmulator,
} from '../helpers/tool.ts';
import { type Certificates, makeCertificates } from '../metering/certificates.ts';

const certificates = makeCertificates();
const skip = certificates === undefined && 'there is no openssl to make certificates';
const made = (): Certificates => certificates as Certificates;

/** In every password; in no output. */
const CANARY = 'hunter2CANARY';

const HOST = 'metering.marketplace.us-east-1.amazonaws.com';

/** Made up: the example keys of the emulator are sent to this machine only. */
const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7TESTKEY',
  AWS_SECRET_ACCESS_KEY: `secret${CANARY}`,
  AWS_REGION: 'us-east-1',
};

type Asked = { readonly proxy?: ProxyOptions; readonly aws?: Partial<BehindOptions> };

/**
 * A company's network: no way to AWS but through the proxy, and AWS's hosts behind it, played by the emulator behind TLS
 * with a certificate of a private authority.
 */
const company = async (t: TestContext, { proxy: options = {}, aws = {} }: Asked = {}) => {
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(clock.now()),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'skip',
  });
  const behind = await startBehindTls(emulator.url, { certificate: made().aws, ...aws });
  const proxy = await startProxy({
    portOf: target => (target.endsWith(':443') ? behind.port : undefined),
    ...options,
  });
  t.after(() => Promise.all([proxy.close(), behind.close(), emulator.close()]));
  const user = options.user === undefined ? '' : `${options.user}@`;
  return {
    emulator,
    behind,
    proxy,
    ca: fileWith(made().authority, 'ca.pem'),
    env: { ...KEYS, HTTPS_PROXY: `http://${user}127.0.0.1:${proxy.port}` },
  };
};

/** Runs the tool, which must keep the secrets. */
const run = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: ToolOptions = {},
): Promise<Ended> => {
  const ended = await tool(args, { ...options, env });
  for (const text of [ended.stdout, ended.stderr])
    for (const secret of [CANARY, btoa(`me:${CANARY}`)]) assert.ok(!text.includes(secret), text);
  return ended;
};

const resolveWith = (env: Readonly<Record<string, string>>, ...flags: readonly string[]) =>
  run(
    [
      'resolve',
      'test_token',
      ...(flags.includes('-o') ? [] : ['-o', 'jsonl']),
      '--give-up-after',
      '20s',
      ...flags,
    ],
    env,
  );

/** A profile of its own, in a config file of its own. */
const profileWith = (text: string): Record<string, string> => ({
  AWS_CONFIG_FILE: fileWith(`[default]\n${text}\n`, 'config'),
});

describe('through a proxy', { skip }, () => {
  const WAYS: readonly (readonly [
    what: string,
    way: (ca: string) => { env?: Record<string, string>; flags?: string[] },
  ])[] = [
    ['--ca-bundle', ca => ({ flags: ['--ca-bundle', ca] })],
    ['AWS_CA_BUNDLE', ca => ({ env: { AWS_CA_BUNDLE: ca } })],
    ["the profile's ca_bundle", ca => ({ env: profileWith(`ca_bundle = ${ca}`) })],
    ['NODE_EXTRA_CA_CERTS', ca => ({ env: { NODE_EXTRA_CA_CERTS: ca } })],
  ];

  for (const [what, way] of WAYS) {
    test(`AWS is reached, trusting the authority of ${what}`, async t => {
      const { env, ca, proxy, behind } = await company(t);
      const given = way(ca);
      const ended = await resolveWith({ ...env, ...given.env }, ...(given.flags ?? []), '--debug');
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stdout, /"LicenseArn"/);
      assert.deepEqual(proxy.asked, [`${HOST}:443`]);
      assert.deepEqual(behind.requests, [`${HOST} /`]);
      assert.ok(ended.stderr.includes(`debug: proxy http://127.0.0.1:${proxy.port} (HTTPS_PROXY)\n`));
      const trusted = ended.stderr.match(/debug: trusted certificates: (.*)/)?.[1] ?? '';
      assert.ok(trusted.includes(`${ca} (${what})`), ended.stderr);
    });
  }

  const HOSTS: readonly (readonly [flags: readonly string[], env: Record<string, string>, host: string])[] = [
    [['--fips'], {}, 'metering.marketplace-fips.us-east-1.amazonaws.com'],
    [['--dual-stack'], {}, 'metering-marketplace.us-east-1.api.aws'],
    [['--fips', '--dual-stack'], {}, 'metering.marketplace-fips.us-east-1.api.aws'],
    [
      [],
      { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'metering.marketplace-fips.us-east-1.api.aws',
    ],
  ];

  for (const [flags, variables, host] of HOSTS) {
    test(`${host} is called with ${[...flags, ...Object.keys(variables)].join(' and ')}`, async t => {
      const { env, ca, proxy, behind } = await company(t);
      const ended = await resolveWith({ ...env, ...variables }, '--ca-bundle', ca, ...flags);
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(proxy.asked, [`${host}:443`]);
      assert.deepEqual(behind.requests, [`${host} /`]);
    });
  }

  test('a file is uploaded, with a password and lower-case variables', async t => {
    const { env, ca, proxy, emulator } = await company(t, { proxy: { user: `me:${CANARY}` } });
    const { HTTPS_PROXY: https_proxy, ...rest } = env;
    const rows = Array.from(
      { length: 60 },
      (_, index) => `${211_111_111_111 + index},users,${index},${hourAgo(2)}`,
    );
    const file = fileWith(`customer_aws_account_id,dimension,quantity,timestamp\n${rows.join('\n')}\n`);
    const args = ['batch', file, '--product-code', 'example', '--ca-bundle', ca, '-o', 'json', '--debug'];
    const ended = await run(args, { ...rest, https_proxy });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(JSON.parse(ended.stdout).summary.accepted, 60);
    assert.equal(emulator.records().length, 60);
    assert.ok(ended.stderr.includes(`proxy http://me:***@127.0.0.1:${proxy.port} (https_proxy)`));
    assert.deepEqual(new Set(proxy.asked), new Set([`${HOST}:443`]));
  });

  test('records that the proxy held up are sent by the next run, once', async t => {
    const { env, ca, emulator } = await company(t, { proxy: { user: `me:${CANARY}` } });
    const row = `222222222222,users,3,${hourAgo(2)}`;
    const file = fileWith(`customer_aws_account_id,dimension,quantity,timestamp\n${row}\n`);
    const ledger = path.join(newFolder(), 'ledger.db');
    const args = ['batch', file, '--product-code', 'example', '--ca-bundle', ca, '--ledger', ledger];
    const wrong = env.HTTPS_PROXY.replace(`me:${CANARY}`, `me:${CANARY}x`);
    const first = await run([...args, '-o', 'json'], { ...env, HTTPS_PROXY: wrong });
    assert.equal(first.code, 5, first.stderr);
    const { unsent, unknown, requests } = JSON.parse(first.stdout).summary;
    assert.deepEqual({ unsent, unknown, requests }, { unsent: 1, unknown: 0, requests: 1 });
    const second = await run([...args, '-o', 'json'], env);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(JSON.parse(second.stdout).summary.accepted, 1);
    assert.equal(emulator.records().length, 1);
  });

  const SILENT: readonly (readonly [what: string, asked: Asked, text: RegExp])[] = [
    [
      'never answers CONNECT',
      { proxy: { instead: () => {} } },
      /the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) did not reply to CONNECT within /,
    ],
    [
      'answers half of CONNECT',
      { proxy: { instead: socket => void socket.write('HTTP/1.1 200 Conn') } },
      /\(HTTPS_PROXY\) did not finish its reply to CONNECT within /,
    ],
    [
      'opens a tunnel to nobody',
      { proxy: { instead: socket => void socket.write('HTTP/1.1 200 OK\r\n\r\n') } },
      /\(HTTPS_PROXY\) opened a tunnel, but the server did not finish the TLS handshake within /,
    ],
  ];

  // They wait for nothing but their timeouts, so they wait together.
  describe('that is silent', { concurrency: true }, () => {
    for (const [what, asked, text] of SILENT) {
      test(`a record behind a proxy that ${what} is unsent, and its corrected quantity is billed`, async t => {
        const { env, ca, emulator, behind } = await company(t);
        const hanging = await company(t, asked);
        const at = hourAgo(2);
        const usage = (quantity: number) =>
          fileWith(
            `customer_aws_account_id,dimension,quantity,timestamp\n222222222222,users,${quantity},${at}\n`,
          );
        const ledger = path.join(newFolder(), 'ledger.db');
        const flags = ['--product-code', 'example', '--ca-bundle', ca, '--ledger', ledger, '-o', 'json'];
        const first = await run(
          ['batch', usage(3), ...flags, '--give-up-after', '2s'],
          {
            ...env,
            HTTPS_PROXY: hanging.env.HTTPS_PROXY,
          },
          { ownProcess: true },
        );
        assert.equal(first.code, 5, first.stderr);
        const { summary, problems } = JSON.parse(first.stdout);
        assert.deepEqual([summary.unsent, summary.unknown], [1, 0]);
        assert.match(JSON.stringify(problems), text);
        assert.deepEqual([...behind.requests, ...hanging.behind.requests], []);
        const second = await run(['batch', usage(4), ...flags], env);
        assert.equal(second.code, 0, second.stderr);
        const { accepted, conflict } = JSON.parse(second.stdout).summary;
        assert.deepEqual([accepted, conflict], [1, 0]);
        assert.deepEqual(
          emulator.records().map(record => record.Quantity),
          [4],
        );
      });
    }
  });

  test('a record whose run is stopped while the proxy answers nothing is unsent', async t => {
    let asked: () => void = () => {};
    const isAsked = new Promise<void>(resolve => {
      asked = resolve;
    });
    const { env, ca } = await company(t, { proxy: { instead: () => asked() } });
    const file = fileWith(
      `customer_aws_account_id,dimension,quantity,timestamp\n222222222222,users,3,${hourAgo(2)}\n`,
    );
    const ledger = path.join(newFolder(), 'ledger.db');
    const args = ['batch', file, '--product-code', 'example', '--ca-bundle', ca, '--ledger', ledger];
    const ended = await tool([...args, '-o', 'json'], {
      env,
      stop: { signal: 'SIGTERM', when: isAsked },
    });
    assert.equal(ended.code, 143, ended.stderr);
    const { unsent, unknown } = JSON.parse(ended.stdout).summary;
    assert.deepEqual([unsent, unknown], [1, 0]);
  });

  test('this machine and what NO_PROXY names are called directly, and --debug says why', async t => {
    const { env, proxy, emulator } = await company(t);
    const local = await resolveWith(
      { ...env, HTTP_PROXY: env.HTTPS_PROXY },
      '--endpoint-url',
      emulator.url,
      '--debug',
    );
    assert.equal(local.code, 0, local.stderr);
    assert.match(local.stderr, /debug: no proxy: this machine is always called directly/);
    const named = await run(
      [
        'resolve',
        'test_token',
        '--endpoint-url',
        'https://aws.invalid',
        '--give-up-after',
        '500ms',
        '--debug',
      ],
      { ...env, NO_PROXY: 'example.com,.invalid' },
    );
    assert.equal(named.code, 5, named.stderr);
    assert.match(named.stderr, /debug: no proxy: NO_PROXY includes the host/);
    assert.match(named.stderr, /aws\.invalid: the host name /);
    assert.deepEqual(proxy.asked, []);
  });
});

describe('errors of the network', { skip }, () => {
  type Broken = readonly [
    what: string,
    asked: Asked,
    change: (env: Record<string, string>, ca: string) => Record<string, string>,
    code: number,
    text: RegExp,
    next: RegExp,
  ];
  const trusted = (env: Record<string, string>, ca: string) => ({ ...env, AWS_CA_BUNDLE: ca });

  const BROKEN: readonly Broken[] = [
    [
      'the proxy asks for a password',
      { proxy: { user: `me:${CANARY}` } },
      (env, ca) => trusted({ ...env, HTTPS_PROXY: env.HTTPS_PROXY?.replace(`me:${CANARY}@`, '') ?? '' }, ca),
      5,
      /was not processed: metering\.\S+: the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) requires a user name and password \(HTTP 407\)/,
      /HTTPS_PROXY=http:\/\/user:password@host:port/,
    ],
    [
      'the proxy does not take the password',
      { proxy: { user: `me:${CANARY}` } },
      (env, ca) => trusted({ ...env, HTTPS_PROXY: env.HTTPS_PROXY?.replace('@', 'x@') ?? '' }, ca),
      5,
      /http:\/\/me:\*\*\*@127\.0\.0\.1:\d+ \(HTTPS_PROXY\) rejected the user name and password \(HTTP 407\)/,
      /percent-encoded/,
    ],
    [
      'the proxy refuses the host',
      { proxy: { instead: socket => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n') } },
      trusted,
      5,
      /\(HTTPS_PROXY\) refused to connect to the server \(HTTP 403\)/,
      /allow CONNECT to this host/,
    ],
    [
      'the proxy is not there',
      {},
      (env, ca) => trusted({ ...env, HTTPS_PROXY: `http://me:${CANARY}@127.0.0.1:1` }, ca),
      5,
      /the proxy http:\/\/me:\*\*\*@127\.0\.0\.1:1 \(HTTPS_PROXY\) cannot be reached: nothing is listening there/,
      /check HTTPS_PROXY/,
    ],
    [
      'the proxy has no way to AWS',
      { proxy: { portOf: () => undefined } },
      trusted,
      5,
      /\(HTTPS_PROXY\) could not connect to the server \(HTTP 502\)/,
      /check HTTPS_PROXY/,
    ],
    [
      'the authority is not known',
      {},
      env => env,
      5,
      /certificate is not trusted: .* \(through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)\)/,
      /--ca-bundle, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS/,
    ],
    [
      'the authority is another',
      {},
      env => trusted(env, fileWith(made().selfSigned.cert, 'other.pem')),
      5,
      /certificate is not trusted: .*; only the authorities in \S+other\.pem \(AWS_CA_BUNDLE\) are trusted/,
      /--ca-bundle, AWS_CA_BUNDLE/,
    ],
    [
      'the certificate has expired',
      { aws: { certificate: certificates?.awsExpired ?? { key: '', cert: '' } } },
      trusted,
      5,
      /certificate is not trusted: certificate has expired/,
      /clock/,
    ],
    [
      'the certificate is for another host',
      { aws: { certificate: certificates?.misnamed ?? { key: '', cert: '' } } },
      trusted,
      5,
      /certificate is not trusted: Hostname\/IP does not match/,
      /endpoint/,
    ],
    [
      'the proxy cannot be understood',
      {},
      env => ({ ...env, HTTPS_PROXY: `http://me:${CANARY}@127.0.0.1:port` }),
      2,
      /HTTPS_PROXY is not a proxy URL/,
      /http:\/\/user:password@host:port/,
    ],
    [
      'the proxy is one of SOCKS',
      {},
      env => ({ ...env, HTTPS_PROXY: `socks5://me:${CANARY}@127.0.0.1:1080` }),
      2,
      /HTTPS_PROXY names a socks5 proxy, which is not supported/,
      /http:\/\/host:port/,
    ],
  ];

  for (const [what, asked, change, code, text, next] of BROKEN) {
    test(`${what}: it is said, and nothing was sent`, async t => {
      const { env, ca, behind } = await company(t, asked);
      const args = ['resolve', 'test_token', '--give-up-after', '3s'];
      const ended = await run([...args, '--debug'], change(env, ca));
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, text);
      assert.doesNotMatch(ended.stderr, /may have acted/);
      const said = ended.stderr.match(/^ +next: +(.*)$/m)?.[1] ?? '';
      assert.match(said, next);
      assert.deepEqual(behind.requests, []);
      const json = await run([...args, '-o', 'json'], change(env, ca));
      const { type, exitCode, message } = JSON.parse(json.stderr.trim().split('\n').at(-1) ?? '');
      assert.deepEqual([type, exitCode], ['error', code]);
      assert.match(message, text);
    });
  }

  test('a meter call that the proxy refused says what to mend, and how to repeat it', async t => {
    const { env, ca } = await company(t, { proxy: { user: `me:${CANARY}` } });
    const args = ['meter', '--product-code', 'example', '--dimension', 'users', '--quantity', '3'];
    const ended = await run([...args, '--ca-bundle', ca, '--debug'], {
      ...env,
      HTTPS_PROXY: env.HTTPS_PROXY.replace('@', 'x@'),
    });
    assert.equal(ended.code, 5, ended.stderr);
    assert.match(
      ended.stderr,
      /next: +write them into the URL: .*; then repeat the same call: ampmeter meter --product-code example .* --ca-bundle \S+ --debug\n/,
    );
    // Now by whose clock? Nothing leaves before that is known, and what cannot succeed is not tried again.
    assert.equal(ended.stderr.match(/> MeterUsage, attempt/g), null);
    assert.equal(ended.stderr.match(/> a probe, attempt/g)?.length, 2);
  });

  const FILES: readonly (readonly [what: string, file: () => string, text: RegExp])[] = [
    ['missing', () => path.join(newFolder(), 'none.pem'), /none\.pem cannot be read: file not found/],
    ['a directory', () => newFolder(), /cannot be read: it is a directory/],
    ['empty', () => fileWith('', 'empty.pem'), /no certificate found in \S+empty\.pem/],
    ['a key', () => fileWith(made().good.key, 'key.pem'), /no certificate found in \S+key\.pem/],
    [
      'damaged',
      () => fileWith(made().authority.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), 'bad.pem'),
      /the certificate in \S+bad\.pem is damaged/,
    ],
  ];

  for (const [what, file, text] of FILES) {
    test(`a file of authorities that is ${what} is refused by name, and nothing is called`, async t => {
      const { env, proxy } = await company(t);
      const bad = file();
      for (const [source, ended] of [
        ['--ca-bundle', await resolveWith(env, '--ca-bundle', bad)],
        ['AWS_CA_BUNDLE', await resolveWith({ ...env, AWS_CA_BUNDLE: bad })],
        ["the profile's ca_bundle", await resolveWith({ ...env, ...profileWith(`ca_bundle = ${bad}`) })],
      ] as const) {
        assert.equal(ended.code, 2, ended.stderr);
        const { message } = JSON.parse(ended.stderr);
        assert.ok(message.startsWith(`${source}: `), message);
        assert.match(message, text);
      }
      assert.deepEqual(proxy.asked, []);
    });
  }

  test('a damaged authority does not matter where there is no TLS, and doctor reports it', async () => {
    const bad = fileWith(made().authority.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), 'bad.pem');
    await withEmulator(async (_, env) => {
      const ended = await resolveWith({ ...env, AWS_CA_BUNDLE: bad });
      assert.equal(ended.code, 0, ended.stderr);
      const none = await resolveWith({ ...env, AWS_CA_BUNDLE: `${bad}.none` });
      assert.equal(none.code, 2, none.stderr);
      const checked = await run(['doctor', '-o', 'json'], { ...env, AWS_CA_BUNDLE: bad });
      assert.notEqual(checked.code, 0);
      assert.match(
        checked.stdout + checked.stderr,
        /AWS_CA_BUNDLE: the certificate in \S+bad\.pem is damaged/,
      );
    });
  });

  test('a damaged authority is refused before a role is assumed', async () => {
    const bad = fileWith(made().authority.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), 'bad.pem');
    const profile = profileWith(
      'role_arn = arn:aws:iam::111122223333:role/Seller\ncredential_source = Environment',
    );
    await withEmulator(async (emulator, env) => {
      const ended = await resolveWith({ ...env, ...profile, AWS_CA_BUNDLE: bad }, '--profile', 'default');
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, /AWS_CA_BUNDLE: the certificate in \S+bad\.pem is damaged/);
      assert.equal(emulator.records().length, 0);
    });
  });

  test('extra authorities that Node could not read are told', async t => {
    const { env } = await company(t);
    for (const [what, file] of [
      ['missing', path.join(newFolder(), 'none.pem')],
      ['a key', fileWith(made().good.key, 'key.pem')],
    ] as const) {
      const ended = await resolveWith({ ...env, NODE_EXTRA_CA_CERTS: file }, '-o', 'table');
      assert.equal(ended.code, 5, what);
      assert.ok(
        ended.stderr.includes(`warning: NODE_EXTRA_CA_CERTS: no certificate found in ${file}\n`),
        ended.stderr,
      );
    }
  });

  test('--show-request shows what trusts the same authorities', async t => {
    const { env, ca, proxy } = await company(t);
    const ended = await tool(['resolve', 'test_token', '--ca-bundle', ca, '--show-request'], { env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(ended.stdout.startsWith(`curl -sS --cacert '${ca}' -X POST 'https://${HOST}/'`), ended.stdout);
    assert.deepEqual(proxy.asked, []);
  });

  test('--local needs no way to anywhere, and no file of authorities', async () => {
    const env = {
      HTTPS_PROXY: 'http://127.0.0.1:1',
      HTTP_PROXY: 'http://127.0.0.1:1',
      AWS_CA_BUNDLE: 'none.pem',
    };
    const ended = await run(['resolve', 'test_token', '--local', '-o', 'json'], env);
    assert.equal(ended.code, 0, ended.stderr);
    const both = await run(['resolve', 'test_token', '--local', '--ca-bundle', 'x.pem'], {});
    assert.equal(both.code, 2);
    assert.match(both.stderr, /--local and --ca-bundle cannot be used together/);
  });
});

describe('credentials', { skip }, () => {
  const reply =
    (type: string, body: string) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      request.resume().on('end', () => response.writeHead(200, { 'content-type': type }).end(body));
    };

  const credentials = `<Credentials><AccessKeyId>ASIAROLE0000000000AA</AccessKeyId><SecretAccessKey>${CANARY}</SecretAccessKey><SessionToken>${CANARY}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`;
  const sts = (operation: string) =>
    reply(
      'text/xml',
      `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${credentials}</${operation}Result></${operation}Response>`,
    );

  const ROLE = 'arn:aws:iam::111122223333:role/metering';

  test('a role is assumed through the same proxy, with the same authorities', async t => {
    const { env, ca, proxy } = await company(t, {
      aws: { hosts: { 'sts.eu-west-1.amazonaws.com': sts('AssumeRole') } },
    });
    const config = fileWith(
      `[profile seller]\nrole_arn = ${ROLE}\nsource_profile = base\nregion = eu-west-1\n[profile base]\naws_access_key_id = AKIABASE000000000000\naws_secret_access_key = ${CANARY}\n`,
      'config',
    );
    const flags = ['--profile', 'seller', '--region', 'us-east-1', '--ca-bundle', ca];
    const ended = await resolveWith({ HTTPS_PROXY: env.HTTPS_PROXY, AWS_CONFIG_FILE: config }, ...flags);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(proxy.asked, ['sts.eu-west-1.amazonaws.com:443', `${HOST}:443`]);
  });

  test('a role of a web identity (EKS), too', async t => {
    const { env, ca, proxy } = await company(t, {
      aws: { hosts: { 'sts.us-east-1.amazonaws.com': sts('AssumeRoleWithWebIdentity') } },
    });
    const ended = await resolveWith(
      {
        HTTPS_PROXY: env.HTTPS_PROXY,
        AWS_REGION: 'us-east-1',
        AWS_ROLE_ARN: ROLE,
        AWS_WEB_IDENTITY_TOKEN_FILE: fileWith('token', 'token'),
      },
      '--ca-bundle',
      ca,
    );
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(proxy.asked, ['sts.us-east-1.amazonaws.com:443', `${HOST}:443`]);
  });

  test('a session of SSO, in the Region of SSO, too', async t => {
    const role = {
      roleCredentials: {
        accessKeyId: 'ASIASSO00000000000AA',
        secretAccessKey: CANARY,
        sessionToken: CANARY,
        expiration: Date.UTC(2099, 0),
      },
    };
    const portal = 'portal.sso.eu-west-1.amazonaws.com';
    const { env, ca, proxy } = await company(t, {
      aws: { hosts: { [portal]: reply('application/json', JSON.stringify(role)) } },
    });
    const home = newFolder();
    const cache = path.join(home, '.aws', 'sso', 'cache');
    mkdirSync(cache, { recursive: true });
    const token = {
      accessToken: CANARY,
      expiresAt: '2099-01-01T00:00:00Z',
      region: 'eu-west-1',
      startUrl: 'https://x.awsapps.com/start',
    };
    writeFileSync(
      path.join(cache, `${createHash('sha1').update('corp').digest('hex')}.json`),
      JSON.stringify(token),
    );
    const config = fileWith(
      '[profile seller]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = metering\nregion = us-east-1\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n',
      'config',
    );
    const ended = await resolveWith(
      { HTTPS_PROXY: env.HTTPS_PROXY, AWS_CONFIG_FILE: config, HOME: home },
      '--profile',
      'seller',
      '--ca-bundle',
      ca,
    );
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(proxy.asked, [`${portal}:443`, `${HOST}:443`]);
  });

  test('a proxy that refuses is named when credentials could not be had', async t => {
    const { env, ca } = await company(t, { proxy: { user: `me:${CANARY}` } });
    const ended = await run(['resolve', 'test_token', '--ca-bundle', ca, '--debug'], {
      HTTPS_PROXY: env.HTTPS_PROXY.replace('@', 'x@'),
      AWS_REGION: 'us-east-1',
      AWS_ROLE_ARN: ROLE,
      AWS_WEB_IDENTITY_TOKEN_FILE: fileWith('token', 'token'),
    });
    assert.equal(ended.code, 6, ended.stderr);
    assert.match(
      ended.stderr,
      /cause: +sts\.us-east-1\.amazonaws\.com: the proxy http:\/\/me:\*\*\*@\S+ \(HTTPS_PROXY\) rejected the user name and password/,
    );
  });

  test('the metadata of the machine is never asked through a proxy', async t => {
    const seen: string[] = [];
    const imds = createServer((request, response) => {
      seen.push(request.url ?? '');
      if (request.url?.startsWith('/latest/api/token')) response.end('token');
      else if (request.url?.endsWith('/placement/region')) response.end('us-east-1');
      else if (request.url?.endsWith('/security-credentials/')) response.end('role');
      else if (request.url?.endsWith('/security-credentials/role'))
        response.end(
          JSON.stringify({
            Code: 'Success',
            AccessKeyId: 'ASIAINSTANCE00000000',
            SecretAccessKey: CANARY,
            Token: CANARY,
            Expiration: '2099-01-01T00:00:00Z',
          }),
        );
      else response.writeHead(404).end();
    });
    await new Promise<void>(resolve => imds.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      imds.closeAllConnections();
      imds.close();
    });
    const { env, ca, proxy } = await company(t);
    const args = ['meter', '--product-code', 'example', '--dimension', 'users', '--quantity', '3'];
    const ended = await run([...args, '--ca-bundle', ca], {
      HTTPS_PROXY: env.HTTPS_PROXY,
      HTTP_PROXY: env.HTTPS_PROXY,
      NODE_USE_ENV_PROXY: '1',
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${(imds.address() as AddressInfo).port}`,
    });
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(seen.some(url => url.endsWith('/placement/region')));
    assert.ok(seen.some(url => url.endsWith('/security-credentials/role')));
    assert.deepEqual(proxy.asked, [`${HOST}:443`]);
  });
});

describe('IPv6', () => {
  test('the emulator is called at [::1], and everything goes with it', async t => {
    const options = {
      host: '::1',
      port: 0,
      now: () => new Date(clock.now()),
      uuid: () => crypto.randomUUID(),
      window: 'on',
      signatures: 'verify',
    } as const;
    const emulator = await startEmulator(options).catch(() => undefined);
    if (emulator === undefined) return t.skip('this machine has no ::1');
    t.after(emulator.close);
    assert.match(emulator.url, /^http:\/\/\[::1\]:\d+$/);
    const env = {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
      HTTP_PROXY: 'http://127.0.0.1:1',
    };
    const ended = await resolveWith(env);
    assert.equal(ended.code, 0, ended.stderr);
    const row = `222222222222,users,3,${hourAgo(2)}`;
    const file = fileWith(`customer_aws_account_id,dimension,quantity,timestamp\n${row}\n`);
    const batch = await run(['batch', file, '--product-code', 'example'], env);
    assert.equal(batch.code, 0, batch.stderr);
    assert.equal(emulator.records().length, 1);
  });

  test('TLS at an address of IPv6 works with a private authority', { skip }, async t => {
    const { emulator, ca, env } = await company(t);
    const behind = await startBehindTls(emulator.url, { certificate: made().good, host: '::1' }).catch(
      () => undefined,
    );
    if (behind === undefined) return t.skip('this machine has no ::1');
    t.after(behind.close);
    const ended = await resolveWith(
      { ...env, AWS_ENDPOINT_URL: `https://[::1]:${behind.port}`, AWS_CA_BUNDLE: ca },
      '--debug',
    );
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(behind.requests, [`[::1]:${behind.port} /`]);
  });
});
