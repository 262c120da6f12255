import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CheckResult } from '../../../src/commands/doctor/checks/check.ts';
import { checkIdentity, credentialsFinding } from '../../../src/commands/doctor/checks/identity.ts';
import { checkReach } from '../../../src/commands/doctor/checks/reach.ts';
import {
  type CredentialOrigin,
  checkRole,
  originOf,
  type RoleFacts,
} from '../../../src/commands/doctor/checks/role.ts';
import type { Examined } from '../../../src/commands/doctor/options.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import type { Destination } from '../../../src/metering/endpoint.ts';
import { NetworkError } from '../../../src/metering/network-error.ts';
import type { HttpReply, Transport } from '../../../src/metering/transport.ts';
import { EXPLANATIONS } from '../../../src/render/explanations/find.ts';
import { NOW, testWorld } from '../../helpers/world.ts';

describe('credentials come from', () => {
  const CASES: readonly (readonly [
    features: readonly string[],
    env: Record<string, string>,
    origin: CredentialOrigin,
  ])[] = [
    [['CREDENTIALS_ENV_VARS'], {}, 'environment'],
    [['CREDENTIALS_PROFILE'], {}, 'profile'],
    [['CREDENTIALS_PROFILE_PROCESS', 'CREDENTIALS_PROCESS'], {}, 'process'],
    [['CREDENTIALS_PROFILE_SSO', 'CREDENTIALS_SSO'], {}, 'SSO'],
    [['CREDENTIALS_PROFILE_LOGIN', 'CREDENTIALS_LOGIN'], {}, 'login'],
    [['CREDENTIALS_PROFILE_SOURCE_PROFILE', 'CREDENTIALS_STS_ASSUME_ROLE'], {}, 'assumed role'],
    [['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'CREDENTIALS_STS_ASSUME_ROLE_WEB_ID'], {}, 'web identity'],
    [['CREDENTIALS_HTTP'], { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' }, 'container'],
    [
      ['CREDENTIALS_HTTP'],
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
      'Pod Identity',
    ],
    [
      ['CREDENTIALS_HTTP'],
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://[fd00:ec2::23]/v1/credentials' },
      'Pod Identity',
    ],
    [['CREDENTIALS_HTTP'], { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/x' }, 'container'],
    [['CREDENTIALS_IMDS'], {}, 'instance role'],
    [[], {}, 'instance role'],
  ];
  for (const [features, env, origin] of CASES) {
    test(`${origin}: ${features.join(', ') || 'no note'} ${JSON.stringify(env)}`, () => {
      assert.equal(originOf(features, env), origin);
    });
  }
});

const ECS = { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/x' };
const EKS = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

describe('the role', () => {
  const CASES: readonly (readonly [
    command: Examined,
    origin: CredentialOrigin,
    env: Record<string, string>,
    status: CheckResult['status'],
    exitCode?: number,
  ])[] = [
    ['batch', 'environment', {}, 'ok'],
    ['batch', 'instance role', {}, 'ok'],
    ['batch', 'Pod Identity', EKS, 'ok'],
    ['resolve', 'SSO', {}, 'ok'],
    ['meter', 'instance role', {}, 'ok'],
    ['meter', 'instance role', ECS, 'fail', 6],
    ['meter', 'instance role', EKS, 'fail', 6],
    ['meter', 'container', ECS, 'ok'],
    ['meter', 'web identity', EKS, 'ok'],
    ['meter', 'Pod Identity', EKS, 'fail', 6],
    ['meter', 'environment', {}, 'warn'],
    ['meter', 'SSO', {}, 'warn'],
    ['meter', 'environment', ECS, 'fail', 6],
    ['meter', 'profile', EKS, 'fail', 6],
    ['register', 'container', ECS, 'ok'],
    ['register', 'web identity', EKS, 'ok'],
    ['register', 'instance role', {}, 'fail', 7],
    ['register', 'environment', {}, 'fail', 7],
    ['register', 'Pod Identity', EKS, 'fail', 6],
  ];
  const facts = (command: Examined, origin: CredentialOrigin, env: Record<string, string>): RoleFacts => ({
    command,
    origin,
    env,
    isEmulator: false,
    arn: undefined,
  });
  for (const [command, origin, env, status, exitCode] of CASES) {
    const place = env === ECS ? ' on ECS' : env === EKS ? ' on EKS' : '';
    test(`${origin}${place} for ${command}: ${status}`, () => {
      const finding = checkRole(facts(command, origin, env));
      assert.deepEqual([finding.status, finding.exitCode], [status, exitCode]);
      assert.equal(finding.next === undefined, status === 'ok', 'a remedy, unless all is well');
      assert.equal(checkRole({ ...facts(command, origin, env), isEmulator: true }).status, 'ok');
    });
  }

  test('of the root user is more than is needed', () => {
    const arn = 'arn:aws:iam::123456789012:root';
    assert.equal(checkRole({ ...facts('batch', 'environment', {}), arn }).status, 'warn');
  });
});

const DESTINATION: Destination = {
  url: new URL('https://metering.marketplace.us-east-1.amazonaws.com/'),
  region: 'us-east-1',
  regionSource: 'the default',
  endpointSource: undefined,
};

const answering = (reply: Partial<HttpReply> | Error): { transport: Transport; sent: unknown[] } => {
  const sent: unknown[] = [];
  return {
    sent,
    transport: {
      send: async request => {
        sent.push(request);
        if (reply instanceof Error) throw reply;
        return { status: 200, headers: {}, body: '', ...reply };
      },
      close: () => {},
    },
  };
};

const reach = (reply: Partial<HttpReply> | Error) =>
  checkReach(DESTINATION, { ...answering(reply), timeoutMs: 5_000, world: testWorld() });

const AWS = { 'x-amzn-requestid': 'r-1' };

describe('the clock', () => {
  const CASES: readonly (readonly [secondsOff: number, status: CheckResult['status'], pattern: RegExp])[] = [
    [0, 'ok', /accurate to the second/],
    [20, 'ok', /20 s|21 s/],
    [90, 'warn', /9[01] s behind.*signed with AWS's time/],
    [-90, 'warn', /(89|90) s ahead of/],
    [25 * 3600, 'fail', /requests would be rejected/],
    [-25 * 3600, 'fail', /requests would be rejected/],
  ];
  for (const [secondsOff, status, pattern] of CASES) {
    test(`${secondsOff} s off: ${status}`, async () => {
      const date = new Date(NOW.getTime() + secondsOff * 1000).toUTCString();
      const [endpoint, clock] = await reach({ status: 404, headers: { ...AWS, date } });
      assert.equal(endpoint?.status, 'ok');
      assert.equal(clock?.status, status);
      assert.match(clock?.message ?? '', pattern);
      assert.equal(clock?.exitCode, status === 'fail' ? 6 : undefined);
    });
  }

  test('of somebody else is not believed', async () => {
    const [endpoint, clock] = await reach({ headers: { date: new Date(0).toUTCString() } });
    assert.deepEqual([endpoint?.status, clock?.status], ['warn', 'skipped']);
  });

  test('is not known without a date', async () => {
    const [, clock] = await reach({ headers: AWS });
    assert.equal(clock?.status, 'skipped');
  });
});

test('an endpoint that cannot be reached is told with the step of its error', async () => {
  const error = new NetworkError('the host name does not exist', { code: 'ENOTFOUND', sent: false });
  const [endpoint, clock] = await reach(error);
  assert.deepEqual([endpoint?.status, endpoint?.exitCode, clock?.status], ['fail', 5, 'skipped']);
  assert.match(endpoint?.message ?? '', /us-east-1\.amazonaws\.com: the host name does not exist/);
  assert.match(endpoint?.next ?? '', /^check the Region and the network, then/);
});

test('the remedy of an error of the network is never doctor itself', async () => {
  const codes = EXPLANATIONS.filter(({ kind }) => kind === 'network error');
  for (const { name, also = [] } of codes) {
    for (const code of [name, ...also]) {
      const [endpoint] = await reach(new NetworkError('no reply', { code, sent: false }));
      assert.doesNotMatch(endpoint?.next ?? '', /ampmeter doctor/, code);
    }
  }
});

test('a mistake of ours is not told as trouble of the network', async () => {
  await assert.rejects(reach(new TypeError('bad header')), TypeError);
});

const IDENTITY = {
  accessKeyId: 'AKIA0000000000001234',
  secretAccessKey: 'a-very-secret-key',
  sessionToken: 'a-session-token',
};

const identify = (reply: Partial<HttpReply> | Error, identity = IDENTITY) => {
  const { transport, sent } = answering(reply);
  const url = new URL('https://sts.us-east-1.amazonaws.com/');
  const reaching = { transport, timeoutMs: 5_000, world: testWorld() };
  return checkIdentity(identity, { ...DESTINATION, url }, reaching).then(({ finding, arn }) => ({
    finding,
    arn,
    sent,
  }));
};

const errorXml = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

describe('the identity', () => {
  test('is told by account and ARN', async () => {
    const arn = 'arn:aws:sts::123456789012:assumed-role/seller/job';
    const body = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>A</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
    const { finding, arn: found, sent } = await identify({ body });
    assert.deepEqual([finding.status, found], ['ok', arn]);
    assert.match(finding.message, /account 123456789012, arn:aws:sts/);
    const [{ headers, body: asked }] = sent as [{ headers: Record<string, string>; body: string }];
    assert.match(headers.authorization ?? '', /\/us-east-1\/sts\/aws4_request/);
    assert.equal(asked, 'Action=GetCallerIdentity&Version=2011-06-15');
  });

  const REFUSED: readonly (readonly [
    code: string,
    message: string,
    status: CheckResult['status'],
    next: RegExp,
  ])[] = [
    ['InvalidClientTokenId', 'The security token is invalid', 'fail', /check the access key/],
    ['SignatureDoesNotMatch', 'The signature does not match', 'fail', /check the secret key/],
    [
      'SignatureDoesNotMatch',
      'Signature expired: 1 is now earlier than 2',
      'warn',
      /set this machine's clock/,
    ],
    ['ExpiredToken', 'The token has expired', 'fail', /refresh the credentials/],
  ];
  for (const [code, message, status, next] of REFUSED) {
    test(`${code} (${message}): ${status}`, async () => {
      const { finding } = await identify({ status: 403, body: errorXml(code, message) });
      assert.equal(finding.status, status);
      assert.match(finding.next ?? '', next);
    });
  }

  test('is not known when STS cannot be reached; metering does without', async () => {
    const { finding } = await identify(new NetworkError('no route', { code: 'ENETUNREACH', sent: false }));
    assert.equal(finding.status, 'warn');
  });

  test('is not known from an answer of somebody else', async () => {
    assert.equal((await identify({ body: '<html>sign in</html>' })).finding.status, 'warn');
  });

  test("is not asked of AWS for the emulator's example keys", async () => {
    const { finding, sent } = await identify({}, { ...KEY_PAIR, sessionToken: '' });
    assert.deepEqual([finding.status, finding.exitCode, sent.length], ['fail', 6, 0]);
  });
});

describe('credentials are told', () => {
  const findingAt = (minutes: number | undefined): CheckResult =>
    credentialsFinding(
      {
        ...IDENTITY,
        ...(minutes !== undefined && { expiration: new Date(NOW.getTime() + minutes * 60_000) }),
      },
      { env: {}, now: () => NOW },
    );

  test('by the last four characters of the key, without any secret', () => {
    for (const finding of [findingAt(undefined), findingAt(60), findingAt(5)]) {
      const text = JSON.stringify(finding);
      assert.match(text, /\*\*\*1234/);
      assert.doesNotMatch(text, /AKIA|secret|session-token/);
    }
  });

  test('with a warning when they end soon', () => {
    assert.deepEqual(
      [findingAt(60).status, findingAt(5).status, findingAt(-5).status],
      ['ok', 'warn', 'warn'],
    );
  });
});
