import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { CredentialsError } from '../../src/errors.ts';
import { explainFailure } from '../../src/metering/credential-failure.ts';
import { chainCredentials, fixedCredentials } from '../../src/metering/credentials.ts';
import { nodeWorld } from '../../src/node-world.ts';
import { testWorld } from '../helpers/world.ts';
import { IDENTITY } from './setup.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYCANARY';
const TOKEN = 'IQoJb3JpZ2luX2VjEJrCANARY//////////wEaCXVzLWVhc3QtMSJHMEUC';

const IS_WINDOWS = process.platform === 'win32';

const REAL = nodeWorld(process, {} as never);

type Files = { readonly config?: string; readonly credentials?: string };

/**
 * A machine of its own: a home folder with these files, and these variables. AWS's package reads the process, so the
 * variables are really set, and put back after the test.
 */
const machine = (t: TestContext, env: Record<string, string>, files: Files = {}) => {
  const home = mkdtempSync(path.join(tmpdir(), 'ampmeter-'));
  const config = path.join(home, 'config');
  const credentials = path.join(home, 'credentials');
  const write = (given: Files) => {
    if (given.config !== undefined) writeFileSync(config, given.config);
    if (given.credentials !== undefined) writeFileSync(credentials, given.credentials);
  };
  write(files);
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    HOME: home,
    USERPROFILE: home,
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  });
  t.after(() => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(home, { recursive: true });
  });
  const world = testWorld({ env: { ...process.env } });
  const asked: string[] = [];
  const chain = (profile?: string, code?: string) =>
    chainCredentials({
      profile,
      region: 'us-east-1',
      world: {
        env: { ...process.env },
        now: world.now,
        files: REAL.files,
        run: REAL.run,
        sleep: world.sleep,
        askHidden: async question => {
          asked.push(question);
          return code;
        },
      },
      validate: pending => pending,
    });
  return { home, write, world, chain, asked };
};

const keysOf = (name: string): string =>
  `aws_access_key_id = AKID${name}\naws_secret_access_key = ${SECRET}\n`;

const ENV_KEYS = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: SECRET };

const FILES: Files = {
  config: `[default]\n${keysOf('CONFIG')}[profile in-config]\n${keysOf('INCONFIG')}aws_session_token = ${TOKEN}\n`,
  credentials: `[default]\n${keysOf('DEFAULT')}[seller]\n${keysOf('SELLER')}[other]\n${keysOf('OTHER')}`,
};

type Source = readonly [why: string, env: Record<string, string>, profile: string | undefined, keyId: string];

const SOURCES: readonly Source[] = [
  ['--profile beats keys in the environment', { ...ENV_KEYS, AWS_PROFILE: 'other' }, 'seller', 'AKIDSELLER'],
  ['--profile beats AWS_PROFILE', { AWS_PROFILE: 'other' }, 'seller', 'AKIDSELLER'],
  ['keys in the environment beat AWS_PROFILE', { ...ENV_KEYS, AWS_PROFILE: 'other' }, undefined, 'AKIDENV'],
  ['keys in the environment beat the default profile', ENV_KEYS, undefined, 'AKIDENV'],
  ['AWS_PROFILE beats the default profile', { AWS_PROFILE: 'other' }, undefined, 'AKIDOTHER'],
  ['an empty AWS_PROFILE is none', { AWS_PROFILE: '' }, undefined, 'AKIDDEFAULT'],
  ['half a key pair in the environment is none', { AWS_ACCESS_KEY_ID: 'AKIDENV' }, undefined, 'AKIDDEFAULT'],
  [
    'an empty key pair is none',
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    undefined,
    'AKIDDEFAULT',
  ],
  ['the config file may hold keys as well', {}, 'in-config', 'AKIDINCONFIG'],
];

for (const [why, env, profile, keyId] of SOURCES) {
  test(`${why}, and nothing is said about it`, async t => {
    const { chain } = machine(t, env, FILES);
    const said = (['warn', 'error', 'log', 'info', 'debug'] as const).map(level =>
      t.mock.method(console, level, () => {}),
    );
    const identity = await chain(profile).get();
    assert.equal(identity.accessKeyId, keyId);
    assert.equal(identity.secretAccessKey, SECRET);
    assert.deepEqual(
      said.map(({ mock }) => mock.callCount()),
      [0, 0, 0, 0, 0],
    );
  });
}

test('a session token comes with its keys, from the environment and from a file', async t => {
  const { chain } = machine(t, { ...ENV_KEYS, AWS_SESSION_TOKEN: TOKEN }, FILES);
  assert.equal((await chain().get()).sessionToken, TOKEN);
  assert.equal((await chain('in-config').get()).sessionToken, TOKEN);
});

/** A `credential_process` that notes each of its runs; its answer stands in a file. */
const processProfile = (t: TestContext, profile = 'vault') => {
  const { home, write, world, chain } = machine(t, {});
  const script = path.join(home, 'process.cjs');
  const runs = path.join(home, 'runs');
  const answer = path.join(home, 'answer');
  writeFileSync(runs, '');
  writeFileSync(
    script,
    `const fs = require('node:fs');
fs.appendFileSync(${JSON.stringify(runs)}, 'x');
const text = fs.readFileSync(${JSON.stringify(answer)}, 'utf8');
if (text === 'fail') { console.error('the vault is closed'); process.exit(1); }
console.log(text);
`,
  );
  write({
    config: `[${profile === 'default' ? '' : 'profile '}${profile}]\ncredential_process = "${process.execPath}" "${script}"\n`,
  });
  const answers = (AccessKeyId: string, expiresInMs?: number) =>
    writeFileSync(
      answer,
      JSON.stringify({
        Version: 1,
        AccessKeyId,
        SecretAccessKey: SECRET,
        SessionToken: TOKEN,
        ...(expiresInMs !== undefined && { Expiration: new Date(Date.now() + expiresInMs).toISOString() }),
      }),
    );
  // The package refuses what has expired by the clock of the machine, so the world's clock is set to that one.
  world.setWallClock(new Date());
  return {
    world,
    credentials: chain(profile === 'default' ? undefined : profile),
    answers,
    setOutput: (text: string) => writeFileSync(answer, text),
    runs: () => readFileSync(runs, 'utf8').length,
  };
};

const MINUTE = 60_000;

test('credentials are loaded once while they are valid', async t => {
  const { credentials, answers, runs, world } = processProfile(t);
  answers('AKIDFIRST', 60 * MINUTE);
  for (const pass of [0, 10, 40]) {
    world.pass(pass * MINUTE);
    assert.equal((await credentials.get()).accessKeyId, 'AKIDFIRST');
  }
  assert.equal(runs(), 1);
});

test('credentials without an end are loaded once', async t => {
  const { credentials, answers, runs, world } = processProfile(t);
  answers('AKIDFIRST');
  await credentials.get();
  world.pass(1000 * 24 * 60 * MINUTE);
  await credentials.get();
  assert.equal(runs(), 1);
});

test('credentials are replaced five minutes before they end', async t => {
  const { credentials, answers, runs, world } = processProfile(t);
  answers('AKIDFIRST', 60 * MINUTE);
  await credentials.get();
  answers('AKIDSECOND', 120 * MINUTE);
  world.pass(54 * MINUTE);
  assert.equal((await credentials.get()).accessKeyId, 'AKIDFIRST');
  world.pass(2 * MINUTE);
  assert.equal((await credentials.get()).accessKeyId, 'AKIDSECOND');
  assert.equal(runs(), 2);
});

test('forgotten credentials are loaded anew, and a changed file is read again', async t => {
  const { credentials, answers, runs } = processProfile(t);
  answers('AKIDFIRST', 60 * MINUTE);
  await credentials.get();
  answers('AKIDSECOND', 60 * MINUTE);
  credentials.forget();
  assert.equal((await credentials.get()).accessKeyId, 'AKIDSECOND');
  assert.equal(runs(), 2);
});

test('keys that were rotated in the credentials file are found after forget', async t => {
  const { chain, write } = machine(t, {}, FILES);
  const credentials = chain('seller');
  await credentials.get();
  write({ credentials: `[seller]\n${keysOf('ROTATED')}` });
  assert.equal((await credentials.get()).accessKeyId, 'AKIDSELLER');
  credentials.forget();
  assert.equal((await credentials.get()).accessKeyId, 'AKIDROTATED');
});

test('twenty requests that need credentials at once load them once, first and near the end', async t => {
  const { credentials, answers, runs, world } = processProfile(t);
  const twenty = () => Promise.all(Array.from({ length: 20 }, credentials.get));
  answers('AKIDFIRST', 60 * MINUTE);
  assert.deepEqual([...new Set((await twenty()).map(({ accessKeyId }) => accessKeyId))], ['AKIDFIRST']);
  assert.equal(runs(), 1);
  answers('AKIDSECOND', 120 * MINUTE);
  world.pass(56 * MINUTE);
  assert.deepEqual([...new Set((await twenty()).map(({ accessKeyId }) => accessKeyId))], ['AKIDSECOND']);
  assert.equal(runs(), 2);
});

const isCredentialsError = (because?: RegExp) => (error: unknown) =>
  error instanceof CredentialsError &&
  error.exitCode === 6 &&
  error.next !== undefined &&
  (because === undefined || because.test(error.because ?? ''));

const FAILED = /^the credential_process of profile "vault" failed with exit code 1$/;

test('a process that fails is told as the cause, and asked again the next time', async t => {
  const { credentials, answers, setOutput, runs } = processProfile(t);
  setOutput('fail');
  await assert.rejects(credentials.get(), isCredentialsError(FAILED));
  answers('AKIDFIRST', 60 * MINUTE);
  assert.equal((await credentials.get()).accessKeyId, 'AKIDFIRST');
  assert.equal(runs(), 2);
});

const ANSWERS: readonly (readonly [what: string, text: string])[] = [
  ['no JSON', `not JSON ${SECRET} ${TOKEN}`],
  ['nothing', ''],
  ['another version', JSON.stringify({ Version: 2, AccessKeyId: 'AKID', SecretAccessKey: SECRET })],
  ['no secret', JSON.stringify({ Version: 1, AccessKeyId: 'AKID', SessionToken: TOKEN })],
  [
    'what has expired',
    JSON.stringify({
      Version: 1,
      AccessKeyId: 'AKID',
      SecretAccessKey: SECRET,
      SessionToken: TOKEN,
      Expiration: '2020-01-01T00:00:00Z',
    }),
  ],
];

for (const [what, text] of ANSWERS) {
  test(`a process that answers ${what} is an error that repeats none of it`, async t => {
    const { credentials, setOutput } = processProfile(t);
    setOutput(text);
    const error = await credentials.get().then(
      () => assert.fail('loaded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(isCredentialsError()(error));
    const whole = inspect(error, { depth: 9, showHidden: true });
    assert.ok(!whole.includes(SECRET) && !whole.includes(TOKEN), whole);
  });
}

test('without any credentials there is an error that says what to do', async t => {
  const { chain } = machine(t, {});
  await assert.rejects(chain().get(), isCredentialsError());
});

test('a metadata service that refuses is no credentials', async t => {
  const { chain } = machine(t, {
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
    AWS_METADATA_SERVICE_NUM_ATTEMPTS: '1',
  });
  await assert.rejects(chain().get(), isCredentialsError());
});

test('a container endpoint on another machine is not asked over plain http', async t => {
  const { chain } = machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil.example/credentials' });
  await assert.rejects(chain().get(), isCredentialsError());
});

/** The role of the machine, as a container has one: it must not stand in for a profile that fails. */
const withMachineRole = async (
  t: TestContext,
  onAsked: (authorization: string | undefined) => void = () => {},
): Promise<{ asked: () => number }> => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    onAsked(request.headers.authorization);
    response.setHeader('connection', 'close');
    const Expiration = new Date(Date.now() + 60 * MINUTE).toISOString();
    response.end(
      JSON.stringify({ AccessKeyId: 'AKIDMACHINE', SecretAccessKey: SECRET, Token: TOKEN, Expiration }),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `http://127.0.0.1:${port}/`;
  return { asked: () => asked };
};

for (const profile of ['vault', 'default']) {
  test(`the profile ${profile}, when its process fails, is not replaced by the role of the machine`, async t => {
    const { credentials, setOutput, runs } = processProfile(t, profile);
    const role = await withMachineRole(t);
    setOutput('fail');
    await assert.rejects(credentials.get(), isCredentialsError(/credential_process .* exit code 1$/));
    assert.equal(role.asked(), 0);
    assert.equal(runs(), 1);
  });
}

test('a profile that only sets a Region leaves the keys to the machine, as with the AWS CLI', async t => {
  const { chain } = machine(t, {}, { config: '[profile abroad]\nregion = eu-west-1\n' });
  await withMachineRole(t);
  assert.equal((await chain('abroad').get()).accessKeyId, 'AKIDMACHINE');
});

test('keys in the environment are no part of a profile that only sets a Region, and nothing is said of them', async t => {
  const { chain } = machine(t, ENV_KEYS, { config: '[profile abroad]\nregion = eu-west-1\n' });
  await withMachineRole(t);
  const warned = t.mock.method(console, 'warn', () => {});
  assert.equal((await chain('abroad').get()).accessKeyId, 'AKIDMACHINE');
  assert.equal(warned.mock.callCount(), 0);
});

test('without keys and profiles the role of the machine is used', async t => {
  const { chain } = machine(t, {});
  await withMachineRole(t);
  const identity = await chain().get();
  assert.equal(identity.accessKeyId, 'AKIDMACHINE');
  assert.equal(identity.sessionToken, TOKEN);
});

test('a profile without keys is an error that names it', async t => {
  const { chain } = machine(t, {}, { config: '[profile empty]\nregion = eu-west-1\n' });
  await assert.rejects(chain('empty').get(), isCredentialsError(/empty/));
});

const DAMAGED: readonly (readonly [what: string, env: Record<string, string>, part: string])[] = [
  ['a carriage return', { ...ENV_KEYS, AWS_SESSION_TOKEN: `${TOKEN}\r` }, 'AWS_SESSION_TOKEN'],
  ['a line break', { ...ENV_KEYS, AWS_SECRET_ACCESS_KEY: `${SECRET}\n` }, 'AWS_SECRET_ACCESS_KEY'],
  ['a blank', { ...ENV_KEYS, AWS_ACCESS_KEY_ID: ' AKIDENV' }, 'AWS_ACCESS_KEY_ID'],
  ['a blank inside', { ...ENV_KEYS, AWS_SECRET_ACCESS_KEY: `${SECRET} ${SECRET}` }, 'AWS_SECRET_ACCESS_KEY'],
  ['a typographic quote', { ...ENV_KEYS, AWS_ACCESS_KEY_ID: '“AKIDENV”' }, 'AWS_ACCESS_KEY_ID'],
];

for (const [what, env, part] of DAMAGED) {
  test(`${what} in a key is found before anything is sent`, async t => {
    const { chain } = machine(t, env);
    await assert.rejects(chain().get(), error => {
      assert.ok(isCredentialsError()(error));
      assert.ok(error instanceof Error && error.message.includes(part));
      const whole = inspect(error, { depth: 9, showHidden: true });
      return !whole.includes(SECRET) && !whole.includes(TOKEN);
    });
  });
}

/** A service on this machine that answers every request so; gives its address and the bodies it was sent. */
const serving = async (
  t: TestContext,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', part => {
      text += part;
    });
    request.on('end', () => {
      asked.push(text);
      response.writeHead(status, { 'content-type': type, connection: 'close', ...headers }).end(body);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

const ROLE = 'arn:aws:iam::111122223333:role/metering';
const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>${TOKEN}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const refused = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

const ROLES = `[profile top]
role_arn = ${ROLE}2
source_profile = middle
external_id = partner
[profile middle]
role_arn = ${ROLE}1
source_profile = vault
[profile vault]
credential_process = printf '{"Version":1,"AccessKeyId":"AKIAVAULT","SecretAccessKey":"${SECRET}"}'
[profile mfa]
role_arn = ${ROLE}
source_profile = vault
mfa_serial = arn:aws:iam::111122223333:mfa/me
`;

test('a role of a role of a process is assumed step by step', async t => {
  const sts = await serving(t, 200, 'text/xml', ASSUMED);
  const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url }, { config: ROLES });
  const identity = await chain('top').get();
  assert.equal(identity.accessKeyId, 'ASIAROLE');
  assert.deepEqual(Object.keys((identity as { $source?: object }).$source ?? {}), [
    'CREDENTIALS_STS_ASSUME_ROLE',
  ]);
  assert.deepEqual(
    sts.asked.map(body => {
      const asked = new URLSearchParams(body);
      return [asked.get('Action'), asked.get('RoleArn'), asked.get('ExternalId'), asked.get('TokenCode')];
    }),
    [
      ['AssumeRole', `${ROLE}1`, null, null],
      ['AssumeRole', `${ROLE}2`, 'partner', null],
    ],
  );
});

test('the code of an MFA device is asked for, and sent with its serial number', async t => {
  const sts = await serving(t, 200, 'text/xml', ASSUMED);
  const { chain, asked } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url }, { config: ROLES });
  await chain('mfa', '123456').get();
  assert.deepEqual(asked, ['MFA code for arn:aws:iam::111122223333:mfa/me: ']);
  const sent = new URLSearchParams(sts.asked[0]);
  assert.deepEqual(
    [sent.get('SerialNumber'), sent.get('TokenCode')],
    ['arn:aws:iam::111122223333:mfa/me', '123456'],
  );
});

/** The error, which repeats none of the secrets. */
const failureOf = async (credentials: { get: () => Promise<unknown> }): Promise<CredentialsError> => {
  const error = await credentials.get().then(
    () => assert.fail('loaded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(isCredentialsError()(error), inspect(error));
  const whole = inspect(error, { depth: 9, showHidden: true });
  for (const secret of [SECRET, TOKEN, 'CANARY']) assert.ok(!whole.includes(secret), whole);
  return error as CredentialsError;
};

test('nothing is called without the code of the MFA device, and without a terminal it says what to do', async t => {
  const sts = await serving(t, 200, 'text/xml', ASSUMED);
  const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url }, { config: ROLES });
  const none = await failureOf(chain('mfa'));
  assert.match(none.because ?? '', /"mfa" needs the code of an MFA device .*no terminal/);
  assert.match(
    none.next ?? '',
    /eval "\$\(aws configure export-credentials --profile mfa --format env\)" first, and remove --profile$/,
  );
  assert.match((await failureOf(chain('mfa', '12345'))).because ?? '', /the input is not one/);
  assert.deepEqual(sts.asked, []);
});

test('the credentials to export are those of the profile in use, and AWS_PROFILE may stay', async t => {
  const config = `${ROLES}[profile partner]\nrole_arn = ${ROLE}3\nsource_profile = mfa\n`;
  const { chain } = machine(t, { AWS_PROFILE: 'partner' }, { config });
  const { because = '', next = '' } = await failureOf(chain());
  assert.match(because, /^profile "mfa" needs the code of an MFA device/);
  assert.match(next, /export-credentials --profile partner --format env\)" first$/);
});

const STS_REPLIES: readonly (readonly [
  what: string,
  status: number,
  body: string,
  because: RegExp,
  next: RegExp,
])[] = [
  [
    'a refusal, with the secret that it repeats masked',
    403,
    refused('AccessDenied', `not authorized to perform sts:AssumeRole ${SECRET}`),
    /^the role of profile "middle" \(arn\S+\): AWS STS rejected the request: AccessDenied: not authorized to perform sts:AssumeRole \*\*\*$/,
    /trust policy/,
  ],
  [
    'a code that was used',
    403,
    refused('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code.'),
    /invalid MFA one time pass code/,
    /next code/,
  ],
  [
    'a key that is none',
    403,
    refused('InvalidClientTokenId', 'The security token included in the request is invalid.'),
    /InvalidClientTokenId/,
    /access key/,
  ],
  ['a page', 200, `<html>${SECRET}</html>`, /the reply did not come from AWS STS$/, /AWS_ENDPOINT_URL_STS/],
  [
    'an error page',
    404,
    `<html>${SECRET}</html>`,
    /the reply did not come from AWS STS$/,
    /AWS_ENDPOINT_URL_STS/,
  ],
  ['a fault of its own', 500, refused('InternalFailure', 'oops'), /InternalFailure: oops$/, /^run it again/],
];

for (const [what, status, body, because, next] of STS_REPLIES) {
  test(`STS answers with ${what}`, async t => {
    const sts = await serving(t, status, 'text/xml', body);
    const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url }, { config: ROLES });
    const error = await failureOf(chain('middle'));
    assert.match(error.because ?? '', because);
    assert.match(error.next ?? '', next);
  });
}

const hashOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

let sessions = 0;

/** A profile with a session of SSO that ends then, and one with a login that has to be renewed. */
const withSessions = (t: TestContext, url: string, endsInMs: number) => {
  // AWS's package renews a session of one name once in 30 seconds.
  const name = `corp-${++sessions}`;
  const config = `[profile sso]
sso_session = ${name}
sso_account_id = 111122223333
sso_role_name = x
[sso-session ${name}]
sso_region = us-east-1
sso_start_url = https://x.awsapps.com/start
[profile login]
login_session = x
`;
  const variables = ['SSO', 'SSO_OIDC', 'SIGNIN'].map(service => [`AWS_ENDPOINT_URL_${service}`, url]);
  const { home, chain } = machine(t, Object.fromEntries(variables), { config });
  const cache = path.join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  const ofClient = { clientId: 'client', clientSecret: SECRET, refreshToken: TOKEN };
  const expiresAt = new Date(Date.now() + endsInMs).toISOString();
  const sso = { accessToken: TOKEN, expiresAt, ...ofClient };
  writeFileSync(path.join(cache, `${hashOf('sha1', name)}.json`), JSON.stringify(sso));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const accessToken = {
    accessKeyId: 'AKIDLOGIN',
    secretAccessKey: SECRET,
    sessionToken: TOKEN,
    accountId: '111122223333',
    expiresAt: '2020-01-01T00:00:00Z',
  };
  const dpopKey = privateKey.export({ type: 'sec1', format: 'pem' });
  process.env.AWS_LOGIN_CACHE_DIRECTORY = home;
  const login = JSON.stringify({ accessToken, ...ofClient, dpopKey });
  writeFileSync(path.join(home, `${hashOf('sha256', 'x')}.json`), login);
  return chain;
};

const OF_AWS = { 'x-amzn-requestid': '1' };
const STRANGE = /: the reply did not come from AWS (SSO|Sign-In) \(HTTP \d+\)$/;
const CHECK = /^check AWS_ENDPOINT_URL_(SSO|SIGNIN)\b/;
const ENDED = /has expired or never existed$/;

type SessionReply = readonly [
  what: string,
  profiles: readonly ('sso' | 'login')[],
  endsInMs: number,
  reply: readonly [status: number, type: string, body: string, headers?: Record<string, string>],
  because: RegExp,
  next: RegExp,
];

const BOTH = ['sso', 'login'] as const;
const JSON_TYPE = 'application/json';
const HOUR = 60 * MINUTE;

const SESSION_REPLIES: readonly SessionReply[] = [
  ['a page', BOTH, HOUR, [200, 'text/html', `<html>${SECRET}`], STRANGE, CHECK],
  ['an empty object', BOTH, HOUR, [200, JSON_TYPE, '{}'], STRANGE, CHECK],
  ['a page that nothing is there', BOTH, HOUR, [404, 'text/html', '<html>'], STRANGE, CHECK],
  ['a page of a fault', BOTH, HOUR, [500, 'text/html', '<html>'], STRANGE, CHECK],
  ['a page while it is to be renewed', ['sso'], -MINUTE, [502, 'text/html', '<html>'], STRANGE, CHECK],
  [
    'a fault of AWS without a name',
    BOTH,
    HOUR,
    [500, JSON_TYPE, '{}', OF_AWS],
    /: AWS (SSO|Sign-In) replied with HTTP 500$/,
    /^run it again/,
  ],
  [
    'a fault of AWS',
    ['sso'],
    HOUR,
    [500, JSON_TYPE, '{}', { ...OF_AWS, 'x-amzn-errortype': 'InternalServerException' }],
    /AWS rejected the request: InternalServerException$/,
    /^run it again/,
  ],
  [
    'too many requests',
    ['sso'],
    HOUR,
    [429, JSON_TYPE, '{}', { ...OF_AWS, 'x-amzn-errortype': 'TooManyRequestsException' }],
    /AWS rejected the request: TooManyRequestsException$/,
    /^run it again/,
  ],
  [
    'a session that has ended',
    ['sso'],
    HOUR,
    [401, JSON_TYPE, '{}', { ...OF_AWS, 'x-amzn-errortype': 'UnauthorizedException' }],
    ENDED,
    /^run aws sso login --profile sso$/,
  ],
  [
    'a session that is not renewed',
    ['sso'],
    -MINUTE,
    [400, JSON_TYPE, '{"error":"invalid_grant"}', { ...OF_AWS, 'x-amzn-errortype': 'InvalidGrantException' }],
    ENDED,
    /^run aws sso login --profile sso$/,
  ],
  [
    'a login that has ended',
    ['login'],
    HOUR,
    [400, JSON_TYPE, '{"error":"TOKEN_EXPIRED"}', { 'x-amzn-errortype': 'AccessDeniedException' }],
    ENDED,
    /^run aws login --profile login$/,
  ],
  [
    'less than a login needs',
    ['login'],
    HOUR,
    [200, JSON_TYPE, '{}', OF_AWS],
    /the reply of AWS Sign-In could not be used or stored$/,
    /then run aws login --profile login$/,
  ],
];

for (const [what, profiles, endsInMs, reply, because, next] of SESSION_REPLIES) {
  for (const profile of profiles) {
    test(`${profile} answers with ${what}`, async t => {
      const service = await serving(t, ...reply);
      const error = await failureOf(withSessions(t, service.url, endsInMs)(profile));
      assert.ok(service.asked.length > 0);
      assert.match(error.because ?? '', because);
      assert.match(error.next ?? '', next);
    });
  }
}

test('of several attempts the last is told', async t => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.destroy();
    else response.writeHead(403, { connection: 'close' }).end(refused('AccessDenied', 'no'));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: url }, { config: ROLES });
  assert.match(
    (await failureOf(chain('middle'))).because ?? '',
    /AWS STS rejected the request: AccessDenied: no$/,
  );
  assert.equal(requests, 2);
});

test('a host that cannot be reached is named, with what it was asked for', async t => {
  const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }, { config: ROLES });
  const { because = '' } = await failureOf(chain('middle'));
  assert.match(because, /^127\.0\.0\.1: .*connection refused\); needed for the role of profile "middle"/);
});

const FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE';
const WEB_FILE = 'AWS_WEB_IDENTITY_TOKEN_FILE';

type Failing = readonly [
  what: string,
  /** `HOME/` stands for the folder of the test. */
  env: Record<string, string>,
  files: Files & { readonly token?: string },
  because: RegExp,
  next: RegExp,
];

const FAILING: readonly Failing[] = [
  [
    'a container token file that is missing',
    { [FULL_URI]: 'http://127.0.0.1:1/', [TOKEN_FILE]: 'HOME/gone' },
    {},
    /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \(\S+gone\) cannot be read: file not found$/,
    /use a file/,
  ],
  [
    'a container token file that ends in a line break',
    { [FULL_URI]: 'http://127.0.0.1:1/', [TOKEN_FILE]: 'HOME/token' },
    { token: `${TOKEN}\n` },
    /^the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \(\S+token\) ends in a line break$/,
    /printf/,
  ],
  [
    'a container token file with a line break in it',
    { [FULL_URI]: 'http://127.0.0.1:1/', [TOKEN_FILE]: 'HOME/token' },
    { token: `${TOKEN}\n${TOKEN}` },
    /contains a control character$/,
    /write it again/,
  ],
  [
    'a container token file that is empty',
    { [FULL_URI]: 'http://127.0.0.1:1/', [TOKEN_FILE]: 'HOME/token' },
    { token: '\n' },
    /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \(\S+token\) is empty$/,
    /write the token/,
  ],
  [
    'a container token file that is a folder',
    { [FULL_URI]: 'http://127.0.0.1:1/', [TOKEN_FILE]: 'HOME/' },
    {},
    /cannot be read: it is a directory$/,
    /use a file/,
  ],
  [
    'a container token that ends in a line break',
    { [FULL_URI]: 'http://127.0.0.1:1/', AWS_CONTAINER_AUTHORIZATION_TOKEN: `${TOKEN}\n` },
    {},
    /^the token of AWS_CONTAINER_AUTHORIZATION_TOKEN ends in a line break$/,
    /without one/,
  ],
  [
    'a web identity token file that is missing',
    { [WEB_FILE]: 'HOME/gone', AWS_ROLE_ARN: ROLE },
    {},
    /^AWS_WEB_IDENTITY_TOKEN_FILE \(\S+gone\) cannot be read: file not found$/,
    /use a file/,
  ],
  [
    'a web identity token file without a role',
    { [WEB_FILE]: 'HOME/token' },
    { token: TOKEN },
    /^AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not$/,
    /set AWS_ROLE_ARN/,
  ],
  [
    'a role without a web identity token file',
    { AWS_ROLE_ARN: ROLE },
    {},
    /^AWS_ROLE_ARN is set, but AWS_WEB_IDENTITY_TOKEN_FILE is not$/,
    /^set AWS_WEB_IDENTITY_TOKEN_FILE as well/,
  ],
  [
    'a profile with a web identity token file that is missing',
    {},
    { config: `[default]\nrole_arn = ${ROLE}\nweb_identity_token_file = /nowhere/token\n` },
    /^web_identity_token_file of profile "default" \(\/nowhere\/token\) cannot be read/,
    /use a file/,
  ],
  [
    'half a key pair',
    { AWS_ACCESS_KEY_ID: 'AKIDENV' },
    {},
    /^AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not$/,
    /set AWS_SECRET_ACCESS_KEY/,
  ],
  [
    'the other half',
    { AWS_SECRET_ACCESS_KEY: SECRET },
    {},
    /^AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not$/,
    /set AWS_ACCESS_KEY_ID/,
  ],
  [
    'a token without an address to ask',
    { AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN },
    {},
    /^AWS_CONTAINER_AUTHORIZATION_TOKEN is set, but AWS_CONTAINER_CREDENTIALS_FULL_URI is not$/,
    /set AWS_CONTAINER/,
  ],
  [
    'a shared file that cannot be read',
    { AWS_SHARED_CREDENTIALS_FILE: 'HOME/' },
    {},
    /^profile "default" does not exist, and .*AWS_SHARED_CREDENTIALS_FILE \(\S+\) cannot be read: it is a directory$/,
    /readable/,
  ],
  [
    'nothing at all',
    { AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' },
    {},
    /^no keys are set in the environment, profile "default" does not exist, and AWS_EC2_METADATA_DISABLED is set$/,
    /^set AWS_ACCESS_KEY_ID/,
  ],
  [
    'no metadata service where one is named',
    { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' },
    {},
    /^AWS_EC2_METADATA_SERVICE_ENDPOINT \(http:\/\/127\.0\.0\.1:1\): this machine has no metadata service: nothing is listening there \(connection refused\)$/,
    /role/,
  ],
  [
    'SSO without a session',
    {},
    {
      config:
        '[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n',
    },
    /^the SSO session of profile "default" has expired or never existed$/,
    /^run aws sso login --profile default$/,
  ],
  [
    'SSO with a section that is not there',
    {},
    { config: '[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\n' },
    /section \[sso-session corp\].* does not exist/,
    /aws configure sso/,
  ],
  [
    'a login without a session',
    {},
    { config: '[default]\nlogin_session = arn:aws:sts::1:x\n' },
    /^the login session of profile "default" has expired or never existed$/,
    /^run aws login --profile default$/,
  ],
];

for (const [what, env, { token, ...files }, because, next] of FAILING) {
  test(`the cause is told: ${what}`, async t => {
    const { home, write, chain } = machine(t, {}, files);
    if (token !== undefined) writeFileSync(path.join(home, 'token'), token);
    write(files);
    for (const [name, value] of Object.entries(env)) process.env[name] = value.replace(/^HOME\//, `${home}/`);
    const error = await failureOf(chain());
    assert.match(error.because ?? '', because);
    assert.match(error.next ?? '', next);
  });
}

test('a login session whose file is damaged gives nothing of the file away', async t => {
  const { home, chain } = machine(t, {}, { config: '[profile console]\nlogin_session = x\n' });
  const id = createHash('sha256').update('x').digest('hex');
  process.env.AWS_LOGIN_CACHE_DIRECTORY = home;
  writeFileSync(path.join(home, `${id}.json`), `CANARY ${SECRET}`);
  assert.match((await failureOf(chain('console'))).because ?? '', /^the login session of profile "console"/);
});

/** What a metadata service of an instance answers when it is asked for a role. */
const METADATA: readonly (readonly [what: string, status: number, because: RegExp, next: RegExp])[] = [
  ['has no role', 404, /^AWS_EC2_METADATA_SERVICE_ENDPOINT \(\S+\): the instance has no role$/, /a role/],
  ['wants a token that it does not give', 401, /issued no token$/, /hop limit/],
  ['is broken', 500, /the metadata service replied with HTTP 500$/, /another source/],
];

for (const [what, status, because, next] of METADATA) {
  test(`an instance that ${what}`, async t => {
    const service = await serving(t, status, 'text/plain', 'CANARY');
    const { chain } = machine(t, {
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url,
    });
    const error = await failureOf(chain());
    assert.match(error.because ?? '', because);
    assert.match(error.next ?? '', next);
  });
}

for (const [what, variable, because] of [
  ['an instance', 'AWS_EC2_METADATA_SERVICE_ENDPOINT', /\): the metadata service replied with HTTP 403$/],
  ['a container', FULL_URI, /\) replied with HTTP 403$/],
] as const) {
  test(`where the role of ${what} fails, the profile that has no credentials is named`, async t => {
    const service = await serving(t, 403, 'text/plain', 'CANARY');
    const { chain } = machine(
      t,
      { AWS_EC2_METADATA_DISABLED: 'false', [variable]: service.url },
      { config: '[profile empty]\nregion = us-east-1\n' },
    );
    const start = (how: string) =>
      new RegExp(`^profile "empty" \\(${how}\\) has no credentials, and ${variable} \\(`);
    const byFlag = (await failureOf(chain('empty'))).because ?? '';
    assert.match(byFlag, start('--profile'));
    assert.match(byFlag, because);
    process.env.AWS_PROFILE = 'empty';
    assert.match((await failureOf(chain())).because ?? '', start('AWS_PROFILE'));
    delete process.env.AWS_PROFILE;
    assert.doesNotMatch((await failureOf(chain())).because ?? '', /profile/);
  });
}

test('a token from a file is sent to the container endpoint', async t => {
  const headers: (string | undefined)[] = [];
  const { home, chain } = machine(t, {});
  await withMachineRole(t, authorization => headers.push(authorization));
  writeFileSync(path.join(home, 'token'), 'the-token');
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = 'another';
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = path.join(home, 'token');
  assert.equal((await chain().get()).accessKeyId, 'AKIDMACHINE');
  assert.deepEqual(headers, ['the-token']);
});

test('a role of a web identity is assumed with the token in its file', async t => {
  const sts = await serving(
    t,
    200,
    'text/xml',
    ASSUMED.replaceAll('AssumeRole', 'AssumeRoleWithWebIdentity'),
  );
  const { home, chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url, AWS_ROLE_ARN: ROLE });
  writeFileSync(path.join(home, 'token'), 'the-token');
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = path.join(home, 'token');
  const identity = await chain().get();
  assert.equal(identity.accessKeyId, 'ASIAROLE');
  const asked = new URLSearchParams(sts.asked[0]);
  assert.deepEqual(
    [asked.get('Action'), asked.get('RoleArn'), asked.get('WebIdentityToken')],
    ['AssumeRoleWithWebIdentity', ROLE, 'the-token'],
  );
});

test('a token that STS repeats is not', async t => {
  const sts = await serving(t, 400, 'text/xml', refused('InvalidIdentityToken', `bad token: ${TOKEN}`));
  const { home, chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url, AWS_ROLE_ARN: ROLE });
  writeFileSync(path.join(home, 'token'), `${TOKEN}\n`);
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = path.join(home, 'token');
  const error = await failureOf(chain());
  assert.match(
    error.because ?? '',
    /AWS STS rejected the request: InvalidIdentityTokenException: bad token: \*\*\*$/,
  );
  assert.match(error.next ?? '', /write a new token/);
});

test('what a container answers instead of credentials is not repeated', { timeout: 20_000 }, async t => {
  const service = await serving(t, 200, 'application/json', `CANARY ${SECRET}`);
  const { chain } = machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/secret?CANARY` });
  const error = await failureOf(chain());
  assert.equal(
    error.because,
    `AWS_CONTAINER_CREDENTIALS_FULL_URI (${service.url}) replied with something other than credentials`,
  );
});

/** A port that nothing listens at any more. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
};

test('a container endpoint that nothing listens at is asked four times, and that is told', async t => {
  const port = await closedPort();
  const { world, chain } = machine(t, { [FULL_URI]: `http://127.0.0.1:${port}/` });
  const { because, next } = await failureOf(chain());
  assert.equal(
    because,
    `${FULL_URI} (http://127.0.0.1:${port}) cannot be reached: nothing is listening there (connection refused)`,
  );
  assert.match(next ?? '', /check the role of the container/);
  assert.deepEqual(world.sleeps, [1_000, 1_000, 1_000]);
});

test('a container endpoint with several addresses that nothing listens at cannot be reached', () => {
  // Not every machine has two addresses for a name; this is what AWS's package makes of what Node then says.
  const error = new Error(String(new AggregateError([new Error('connect ECONNREFUSED ::1:1')])));
  const facts = { lastReply: undefined, secrets: [], noSourceError: () => assert.fail() };
  const explained = explainFailure({ kind: 'container', title: 'X', token: undefined }, error, facts);
  assert.equal(explained.because, 'X cannot be reached: none of its addresses accepts a connection');
});

/** A container endpoint that cuts the first connections, and then gives credentials. */
const cutting = async (
  t: TestContext,
  times: number,
  how: 'destroy' | 'resetAndDestroy' = 'destroy',
): Promise<string> => {
  let cut = 0;
  const server = createServer((request, response) => {
    cut += 1;
    if (cut <= times) return request.socket[how]();
    const Expiration = new Date(Date.now() + HOUR).toISOString();
    response
      .setHeader('connection', 'close')
      .end(JSON.stringify({ AccessKeyId: 'AKIDLATE', SecretAccessKey: SECRET, Token: TOKEN, Expiration }));
    return undefined;
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

for (const how of ['destroy', 'resetAndDestroy'] as const) {
  test(`a container endpoint that cuts connections (${how}) has not been slow`, async t => {
    const { chain } = machine(t, { [FULL_URI]: await cutting(t, 4, how) });
    const { because = '' } = await failureOf(chain());
    assert.match(because, /\) sent no reply: the connection was closed before a reply arrived$/);
  });
}

test('a container endpoint that answers at last is used', async t => {
  const { chain } = machine(t, { [FULL_URI]: await cutting(t, 3) });
  assert.equal((await chain().get()).accessKeyId, 'AKIDLATE');
});

test('whoever waits no longer for a container endpoint knows why it has given nothing yet', async t => {
  const { world } = machine(t, { [FULL_URI]: await cutting(t, 4) });
  const slept = Promise.withResolvers<void>();
  const credentials = chainCredentials({
    profile: undefined,
    region: 'us-east-1',
    world: {
      env: { ...process.env },
      now: world.now,
      files: REAL.files,
      run: REAL.run,
      askHidden: async () => undefined,
      sleep: () => {
        slept.resolve();
        return new Promise(() => {});
      },
    },
    validate: (_pending, from) => slept.promise.then(() => Promise.reject(from().failure)),
  });
  assert.match((await failureOf(credentials)).because ?? '', /the connection was closed/);
});

const ODD_KEYS: readonly (readonly [kind: string, next: RegExp])[] = [
  [
    'container',
    /^AWS keys never contain one: check where these credentials come from, or use another source$/,
  ],
  ['process', /^make the command print it without/],
  ['keys', /^write it again in the profile, without/],
];

for (const [kind, next] of ODD_KEYS) {
  test(`a blank in a key has a remedy that fits a source of the kind ${kind}`, async t => {
    const key = `${SECRET} x`;
    const answer = { Version: 1, AccessKeyId: 'A', SecretAccessKey: key, Token: TOKEN };
    const text = JSON.stringify({ ...answer, Expiration: '2099-01-01T00:00:00Z' });
    const service = await serving(t, 200, JSON_TYPE, text);
    const config = {
      container: '',
      process: `[default]\ncredential_process = echo '${text}'\n`,
      keys: `[default]\naws_access_key_id = A\naws_secret_access_key = ${key}\n`,
    }[kind];
    const { chain } = machine(t, { [FULL_URI]: service.url }, { config });
    const error = await failureOf(chain());
    assert.match(error.message, /^the secretAccessKey of .* contains a blank or a control character$/);
    assert.match(error.next ?? '', next);
  });
}

const UNFINISHED: readonly (readonly [what: string, files: Files, because: RegExp, next: RegExp])[] = [
  [
    'an empty process',
    { config: '[default]\nregion = eu-west-1\ncredential_process =\n' },
    /^credential_process of profile "default" is empty$/,
    /^give it a value, or remove it$/,
  ],
  [
    'an empty key pair',
    { credentials: '[default]\naws_access_key_id =\naws_secret_access_key =\n' },
    /^aws_access_key_id of profile "default" is empty$/,
    /^give it a value/,
  ],
  [
    'an empty profile below a role',
    { config: `[default]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\n` },
    /^profile "base", the source_profile of profile "default", has no credentials$/,
    /^add credentials/,
  ],
  [
    'a profile below the broken header of another',
    { config: `[default]\nregion = eu-west-1\n[profile other\n${keysOf('OTHER')}` },
    /^line 3 of AWS_CONFIG_FILE \(\S+\) begins a section but does not end with \]$/,
    /^write it as \[profile seller\];/,
  ],
  [
    'a broken header in the credentials file',
    { credentials: `[default]\n${keysOf('DEFAULT')}[other\n${keysOf('OTHER')}` },
    /^line 4 of AWS_SHARED_CREDENTIALS_FILE /,
    /^write it as \[seller\];/,
  ],
];

for (const [what, files, because, next] of UNFINISHED) {
  test(`nothing takes the place of ${what}`, async t => {
    const { chain } = machine(t, {}, { config: '', credentials: '', ...files });
    const role = await withMachineRole(t);
    const error = await failureOf(chain());
    assert.match(error.because ?? '', because);
    assert.match(error.next ?? '', next);
    assert.equal(role.asked(), 0);
  });
}

test('what is empty in one file and set in the other is set', async t => {
  const config = '[default]\naws_access_key_id =\ncredential_process =\n';
  const { chain } = machine(t, {}, { config, credentials: `[default]\n${keysOf('SET')}` });
  assert.equal((await chain().get()).accessKeyId, 'AKIDSET');
});

test('a load that is not waited for any more ends its program', async t => {
  const { world } = machine(t, {}, { config: ROLES });
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const credentials = chainCredentials({
    profile: 'vault',
    region: 'us-east-1',
    world: {
      env: { ...process.env },
      now: world.now,
      files: REAL.files,
      askHidden: async () => undefined,
      sleep: world.sleep,
      run: (_command, signal) =>
        new Promise((_resolve, reject) => {
          begun.resolve();
          signal.addEventListener('abort', () => {
            reject(signal.reason);
            ended.resolve();
          });
        }),
    },
    validate: (pending, from) => {
      const late = begun.promise.then(() => {
        throw new CredentialsError(`late: ${from().title}`);
      });
      return Promise.race([pending, late]);
    },
  });
  await assert.rejects(credentials.get(), /late: the credential_process of profile "vault"/);
  await ended.promise;
});

test('a key with a line break is found before a role is assumed with it, and its source is named', async t => {
  const sts = await serving(t, 200, 'text/xml', ASSUMED);
  const printed = JSON.stringify({ Version: 1, AccessKeyId: 'AKIAVAULT', SecretAccessKey: `${SECRET}\n` });
  const config = ROLES.replace(/printf .*/, `printf '%s' '${printed}'`);
  const { chain } = machine(t, { AWS_ENDPOINT_URL_STS: sts.url }, { config });
  const error = await failureOf(chain('middle'));
  assert.match(
    error.message,
    /the secretAccessKey of the credential_process of profile "vault" contains a blank or a control character$/,
  );
  assert.deepEqual(sts.asked, []);
});

test('a source_profile may stand in a file that cannot be read, and that is told', async t => {
  const { home, chain } = machine(
    t,
    {},
    { config: ROLES.replace('source_profile = vault', 'source_profile = base') },
  );
  process.env.AWS_SHARED_CREDENTIALS_FILE = home;
  const error = await failureOf(chain('middle'));
  assert.match(
    error.because ?? '',
    /profile "base".* does not exist; AWS_SHARED_CREDENTIALS_FILE \(\S+\) cannot be read/,
  );
  assert.match(error.next ?? '', /readable/);
});

const NAMED_FILES: readonly Record<string, string>[] = [
  { AWS_CONFIG_FILE: 'pipe' },
  { AWS_SHARED_CREDENTIALS_FILE: 'pipe' },
  { AWS_WEB_IDENTITY_TOKEN_FILE: 'pipe', AWS_ROLE_ARN: ROLE },
  {
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'pipe',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
  },
];

for (const env of NAMED_FILES) {
  const [variable = ''] = Object.keys(env);
  test(`${variable}: a pipe that nobody writes into is not waited for`, { skip: IS_WINDOWS }, async t => {
    const { home, chain } = machine(t, {});
    const pipe = path.join(home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    Object.assign(process.env, env, { [variable]: pipe });
    const { because = '' } = await failureOf(chain());
    assert.ok(
      because.startsWith(`${variable} (${pipe})`) && because.includes('is a pipe, not a file'),
      because,
    );
  });
}

test('fixed credentials stay what they are', async () => {
  const credentials = fixedCredentials(IDENTITY);
  credentials.forget();
  assert.deepEqual(await credentials.get(), IDENTITY);
});
