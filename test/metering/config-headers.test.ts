import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineOf } from '../../src/metering/config-headers.ts';

test('profiles of a config file, with the credential settings that have no value', () => {
  const text = `credential_process =
[default] ; usual
region =
[profile vault]\r
credential_process =\r
sso_session = # none
role_arn = arn:aws:iam::1:role/a=
s3 =
  source_profile =
[profile "quoted"]
[profile 'two words']
role_arn =
[sso-session corp]
sso_region =
[seller]
login_session =
[profile vault]
aws_access_key_id=
# [profile comment
`;
  const { headers, broken } = outlineOf(text, 'config');
  assert.deepEqual(
    [...headers],
    [
      ['default', []],
      ['vault', ['credential_process', 'sso_session', 'source_profile', 'aws_access_key_id']],
      ['quoted', []],
    ],
  );
  assert.equal(broken, undefined);
});

test('in the credentials file the header is the profile', () => {
  const { headers } = outlineOf('[seller]\naws_secret_access_key =\n[profile x]\n', 'credentials');
  assert.deepEqual(
    [...headers],
    [
      ['seller', ['aws_secret_access_key']],
      ['profile x', []],
    ],
  );
});

for (const header of ['[profile x', '[profile x #]', '[default]#', '['])
  test(`${header} begins a section and does not end it`, () => {
    assert.equal(outlineOf(`[default]\n\n  ${header}\n[profile y\n`, 'config').broken, 3);
  });
