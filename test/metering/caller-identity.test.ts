import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIdentity } from '../../src/metering/caller-identity.ts';
import { stsHostOf } from '../../src/metering/endpoint.ts';

const read = (status: number, body: string) => readIdentity({ status, headers: {}, body });
const result = (account: string, arn: string): string =>
  `<R><Arn>${arn}</Arn><UserId>AIDA</UserId><Account>${account}</Account></R>`;

const ARN = 'arn:aws:iam::123456789012:user/a';

test('the reply of STS is read', () => {
  assert.deepEqual(read(200, result('123456789012', ARN)), { account: '123456789012', arn: ARN });
  assert.deepEqual(read(200, result('123456789012', `${ARN}&amp;&#60;&quot;`)), {
    account: '123456789012',
    arn: `${ARN}&<"`,
  });
  assert.deepEqual(read(403, '<E><Code>InvalidClientTokenId</Code><Message>no &lt;key&gt;</Message></E>'), {
    code: 'InvalidClientTokenId',
    message: 'no <key>',
  });
});

test('anything else is not one of STS', () => {
  for (const [status, body] of [
    [200, ''],
    [200, '{}'],
    [200, result('12', ARN)],
    [200, result('123456789012', 'someone')],
    [201, result('123456789012', ARN)],
    [200, '<E><Code>InvalidClientTokenId</Code></E>'],
    [502, '<html>bad gateway</html>'],
    [403, `<Code>${'x'.repeat(3_000)}</Code>`],
  ] as const) {
    assert.equal(read(status, body), undefined, body.slice(0, 60));
  }
});

/** From the endpoint rules of STS in AWS's own package. */
const HOSTS: readonly (readonly [region: string, dualStack: boolean, fips: boolean, host: string])[] = [
  ['us-east-1', false, false, 'sts.us-east-1.amazonaws.com'],
  ['us-east-1', false, true, 'sts-fips.us-east-1.amazonaws.com'],
  ['us-east-1', true, false, 'sts.us-east-1.api.aws'],
  ['us-east-1', true, true, 'sts-fips.us-east-1.api.aws'],
  ['us-gov-west-1', false, true, 'sts.us-gov-west-1.amazonaws.com'],
  ['cn-northwest-1', false, false, 'sts.cn-northwest-1.amazonaws.com.cn'],
  ['eusc-de-east-1', false, false, 'sts.eusc-de-east-1.amazonaws.eu'],
  ['us-isob-east-1', false, false, 'sts.us-isob-east-1.sc2s.sgov.gov'],
];

for (const [region, dualStack, fips, host] of HOSTS) {
  test(`STS is at ${host}`, () => assert.equal(stsHostOf(region, { dualStack, fips }), host));
}
