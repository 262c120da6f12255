import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CredentialsError } from '../../src/errors.ts';
import type { CredentialSettings, CredentialSource } from '../../src/metering/credential-source.ts';
import { findSource } from '../../src/metering/find-credentials.ts';

type Given = { readonly [Part in keyof CredentialSettings]?: CredentialSettings[Part] };

const find = (given: Given, profile = 'seller'): CredentialSource | undefined =>
  findSource(profile, { env: {}, profiles: {}, ssoSessions: {}, ...given });

const ROLE = 'arn:aws:iam::111122223333:role/metering';
const KEYS = { aws_access_key_id: 'AKIA1', aws_secret_access_key: 'secret' };
const SSO = {
  sso_start_url: 'https://x.awsapps.com/start',
  sso_region: 'eu-west-1',
  sso_account_id: '111122223333',
  sso_role_name: 'metering',
};
const WEB = { web_identity_token_file: '/token', role_arn: ROLE };
const ENV_WEB = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: ROLE };
const FULL = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/path?token=secret' };
const RELATIVE = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/secret' };
const OFF = { AWS_EC2_METADATA_DISABLED: 'true' };

/** The kinds from the one that is used to the one that it rests on. */
const kindsOf = (source: CredentialSource | undefined): string =>
  source === undefined ? 'none' : source.kind === 'role' ? `role ← ${kindsOf(source.from)}` : source.kind;

describe('the source is', () => {
  const CASES: readonly (readonly [what: string, given: Given, kinds: string])[] = [
    ['the keys of the profile', { profiles: { seller: KEYS } }, 'keys'],
    [
      'a role before the keys beside it',
      { profiles: { seller: { ...KEYS, role_arn: ROLE, source_profile: 'seller' } } },
      'role ← keys',
    ],
    [
      'a role of a role of a process',
      {
        profiles: {
          seller: { role_arn: ROLE, source_profile: 'middle' },
          middle: { role_arn: ROLE, source_profile: 'vault' },
          vault: { credential_process: 'vault' },
        },
      },
      'role ← role ← process',
    ],
    [
      'keys before the role they may assume, below another role',
      {
        profiles: {
          seller: { role_arn: ROLE, source_profile: 'base' },
          base: { ...KEYS, role_arn: ROLE, source_profile: 'seller' },
        },
      },
      'role ← keys',
    ],
    [
      'a role of SSO',
      { profiles: { seller: { role_arn: ROLE, source_profile: 'sso' }, sso: SSO } },
      'role ← sso',
    ],
    [
      'a role of keys in the environment',
      {
        env: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret' },
        profiles: { seller: { role_arn: ROLE, credential_source: 'Environment' } },
      },
      'role ← environment',
    ],
    [
      'a role of a container',
      { env: RELATIVE, profiles: { seller: { role_arn: ROLE, credential_source: 'EcsContainer' } } },
      'role ← container',
    ],
    [
      'a role of the instance',
      { profiles: { seller: { role_arn: ROLE, credential_source: 'Ec2InstanceMetadata' } } },
      'role ← instance',
    ],
    [
      'what a profile between names without a role',
      {
        env: RELATIVE,
        profiles: {
          seller: { role_arn: ROLE, source_profile: 'task' },
          task: { credential_source: 'EcsContainer' },
        },
      },
      'role ← container',
    ],
    ['keys before web identity', { profiles: { seller: { ...KEYS, ...WEB } } }, 'keys'],
    [
      'web identity before a process',
      { profiles: { seller: { ...WEB, credential_process: 'vault' } } },
      'web-identity',
    ],
    ['a process before SSO', { profiles: { seller: { ...SSO, credential_process: 'vault' } } }, 'process'],
    [
      'a process beside half a key pair',
      { profiles: { seller: { aws_access_key_id: 'AKIA1', credential_process: 'vault' } } },
      'process',
    ],
    [
      'a process beside half a role',
      { profiles: { seller: { role_arn: ROLE, credential_process: 'vault' } } },
      'process',
    ],
    ['SSO before a login', { profiles: { seller: { ...SSO, login_session: 'x' } } }, 'sso'],
    [
      'SSO with a session of its own',
      {
        profiles: { seller: { sso_session: 'corp', sso_account_id: '1', sso_role_name: 'x' } },
        ssoSessions: { corp: SSO },
      },
      'sso',
    ],
    ['a login', { profiles: { seller: { login_session: 'x' } } }, 'login'],
    [
      'what the profile says before the environment',
      { env: ENV_WEB, profiles: { seller: { login_session: 'x' } } },
      'login',
    ],
    [
      'web identity of the environment for a profile that says nothing',
      { env: { ...ENV_WEB, ...FULL }, profiles: { seller: { region: 'eu-west-1' } } },
      'web-identity',
    ],
    ['the container when web identity is not whole', { env: { ...FULL, AWS_ROLE_ARN: ROLE } }, 'container'],
    ['the container before the instance', { env: RELATIVE }, 'container'],
    ['the instance without anything else', {}, 'instance'],
    ['the instance when its switch says false', { env: { AWS_EC2_METADATA_DISABLED: 'false' } }, 'instance'],
    ['none when the instance is switched off', { env: OFF }, 'none'],
  ];
  for (const [what, given, kinds] of CASES) {
    test(what, () => assert.equal(kindsOf(find(given)), kinds));
  }

  test('none for a profile with the name of what every object has', () => {
    assert.equal(find({ env: OFF }, 'constructor'), undefined);
  });

  test('a role with all that the profile says of it', () => {
    const source = find({
      profiles: {
        seller: {
          role_arn: ROLE,
          source_profile: 'base',
          role_session_name: 'upload',
          external_id: 'x',
          duration_seconds: '900',
          mfa_serial: 'arn:aws:iam::1:mfa/me',
          region: 'eu-west-1',
        },
        base: KEYS,
      },
    });
    assert.deepEqual(source, {
      kind: 'role',
      title: `the role of profile "seller" (${ROLE})`,
      profile: 'seller',
      roleArn: ROLE,
      sessionName: 'upload',
      externalId: 'x',
      seconds: 900,
      mfaSerial: 'arn:aws:iam::1:mfa/me',
      region: 'eu-west-1',
      from: {
        kind: 'keys',
        title: 'profile "base"',
        keys: { accessKeyId: 'AKIA1', secretAccessKey: 'secret', sessionToken: undefined },
      },
    });
  });
});

describe('what is named and cannot be', () => {
  const CASES: readonly (readonly [given: Given, because: RegExp, next: RegExp])[] = [
    [
      { profiles: { seller: { aws_access_key_id: 'AKIA1' } } },
      /"seller" has aws_access_key_id and no aws_secret_access_key$/,
      /^add aws_secret/,
    ],
    [
      { profiles: { seller: { aws_secret_access_key: 'secret' } } },
      /has aws_secret_access_key and no aws_access_key_id$/,
      /^add aws_access/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE } } },
      /has role_arn, and neither source_profile nor/,
      /source_profile/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'a', credential_source: 'Environment' } } },
      /has both/,
      /remove one/,
    ],
    [
      { profiles: { seller: { web_identity_token_file: '/token' } } },
      /web_identity_token_file and no role_arn/,
      /add role_arn/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'gone' } } },
      /profile "gone", the source_profile of profile "seller", does not exist/,
      /list-profiles/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'empty' }, empty: { region: 'x' } } },
      /"empty", the source_profile of profile "seller", has no cred/,
      /add credentials/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'half' }, half: { aws_access_key_id: 'x' } } },
      /"half" has aws_access_key_id and no/,
      /^add aws_secret/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'seller' } } },
      /"seller" → "seller"/,
      /its own credentials/,
    ],
    [
      {
        profiles: {
          seller: { role_arn: ROLE, source_profile: 'b' },
          b: { role_arn: ROLE, source_profile: 'seller' },
        },
      },
      /"b" → "seller" → "b"/,
      /its own credentials/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, credential_source: 'Moon' } } },
      /credential_source of profile "seller" .*: Moon$/,
      /EcsContainer/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, credential_source: 'Environment' } } },
      /is Environment, but no keys are set/,
      /set AWS_ACCESS_KEY_ID/,
    ],
    [
      {
        env: { AWS_ACCESS_KEY_ID: 'x' },
        profiles: { seller: { role_arn: ROLE, credential_source: 'Environment' } },
      },
      /but AWS_SECRET_ACCESS_KEY is not set/,
      /set/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, credential_source: 'EcsContainer' } } },
      /neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor/,
      /container/,
    ],
    [
      { env: OFF, profiles: { seller: { role_arn: ROLE, credential_source: 'Ec2InstanceMetadata' } } },
      /^AWS_EC2_METADATA_DISABLED is set, but credential_source of profile "seller" is Ec2InstanceMetadata$/,
      /^unset it, or use another credential_source$/,
    ],
    [
      {
        env: { ...OFF, AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' },
        profiles: {
          seller: { role_arn: ROLE, source_profile: 'machine' },
          machine: { credential_source: 'Ec2InstanceMetadata' },
        },
      },
      /^AWS_EC2_METADATA_DISABLED is set, but credential_source of profile "machine"/,
      /unset it/,
    ],
    [
      { profiles: { seller: { role_arn: ROLE, source_profile: 'b', duration_seconds: '1h' }, b: KEYS } },
      /duration_seconds of profile "seller"/,
      /3600/,
    ],
    [
      { profiles: { seller: { ...SSO, sso_role_name: undefined, sso_region: undefined } } },
      /^profile "seller" has no sso_role_name; profile "seller" has no sso_region$/,
      /aws configure sso/,
    ],
    [
      {
        profiles: { seller: { sso_session: 'corp', sso_account_id: '1' } },
        ssoSessions: { corp: { sso_region: 'x' } },
      },
      /^profile "seller" has no sso_role_name; the section \[sso-session corp\] has no sso_start_url$/,
      /aws configure sso/,
    ],
    [
      { profiles: { seller: { sso_session: 'gone', sso_account_id: '1', sso_role_name: 'x' } } },
      /section \[sso-session gone\].* does not exist/,
      /aws configure sso/,
    ],
    [
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'secret' } },
      /^AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL$/,
      /fix it/,
    ],
    [
      { env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: 'secret' } },
      /^AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path that begins with \/$/,
      /fix it/,
    ],
    [
      { env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'secret' } },
      /^AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL$/,
      /unset it/,
    ],
    [
      { env: { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'ipv6' } },
      /_MODE is neither IPv4 nor IPv6$/,
      /unset it/,
    ],
  ];
  for (const [given, because, next] of CASES) {
    test(because.source, () => {
      assert.throws(
        () => find(given),
        (error: unknown) => {
          assert.ok(error instanceof CredentialsError && error.exitCode === 6);
          assert.match(error.because ?? '', because);
          assert.match(error.next ?? '', next);
          assert.doesNotMatch(`${error.because} ${error.next}`, /\bsecret\b/);
          return true;
        },
      );
    });
  }
});

describe('a source has a title', () => {
  const CASES: readonly (readonly [given: Given, title: string])[] = [
    [{ env: FULL }, 'AWS_CONTAINER_CREDENTIALS_FULL_URI (http://127.0.0.1:1)'],
    [{ env: { ...FULL, ...RELATIVE } }, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (http://169.254.170.2)'],
    [{ env: ENV_WEB }, 'AWS_WEB_IDENTITY_TOKEN_FILE (/token)'],
    [{ profiles: { seller: WEB } }, 'web_identity_token_file of profile "seller" (/token)'],
    [
      { profiles: { seller: { credential_process: 'secret' } } },
      'the credential_process of profile "seller"',
    ],
    [{}, 'the role of the instance'],
    [
      { env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://me:secret@127.0.0.1:1/secret' } },
      'AWS_EC2_METADATA_SERVICE_ENDPOINT (http://127.0.0.1:1)',
    ],
  ];
  for (const [given, title] of CASES) test(title, () => assert.equal(find(given)?.title, title));
});
