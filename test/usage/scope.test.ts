import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { awsRegionOf } from '../../src/usage/aws-hosts.ts';
import { endpointName, scopeOf, scopeOfRecorded } from '../../src/usage/scope.ts';

const AWS_NAMES: readonly (readonly [url: string, region: string])[] = [
  ['https://metering.marketplace.eu-west-1.amazonaws.com/', 'eu-west-1'],
  ['https://metering.marketplace.eu-west-1.amazonaws.com./some/path', 'eu-west-1'],
  ['https://metering-marketplace.eu-west-1.api.aws/', 'eu-west-1'],
  ['https://metering.marketplace-fips.eu-west-1.amazonaws.com/', 'eu-west-1'],
  ['https://vpce-0123-abc.metering-marketplace.eu-west-1.vpce.amazonaws.com/', 'eu-west-1'],
  ['https://metering.marketplace.cn-northwest-1.amazonaws.com.cn/', 'cn-northwest-1'],
];

describe('AWS is one place, whatever it is called', () => {
  for (const [url, region] of AWS_NAMES)
    test(url, () => {
      const aws = { endpoint: 'aws', region };
      assert.deepEqual(scopeOf({ url: new URL(url), region: 'us-east-1' }), aws);
      assert.deepEqual(scopeOfRecorded(url, 'us-east-1'), aws);
      assert.deepEqual(scopeOfRecorded('aws', region), aws);
      assert.equal(awsRegionOf(new URL(url)), region);
    });
});

describe('of another endpoint there is one spelling', () => {
  const SPELLINGS: readonly (readonly [one: string, spellings: readonly string[]])[] = [
    ['http://127.0.0.1:4100/', ['http://127.0.0.1:4100', 'http://127.0.0.1:4100//']],
    [
      'https://host.example/base/',
      [
        'https://host.example/base',
        'https://host.example/base//',
        'https://host.example:443/base',
        'HTTPS://HOST.example./base',
        'https://host.example/x/../base',
      ],
    ],
    ['https://host.example:8443/', ['https://host.example.:8443']],
    [
      'https://metering.marketplace.us-east-1.amazonaws.com.evil.example/',
      ['https://metering.marketplace.us-east-1.amazonaws.com.evil.example.'],
    ],
  ];
  for (const [one, spellings] of SPELLINGS)
    test(one, () => {
      for (const spelling of [one, ...spellings]) {
        assert.equal(endpointName(new URL(spelling)), one, spelling);
        assert.deepEqual(scopeOfRecorded(spelling, 'eu-west-1'), { endpoint: one, region: 'eu-west-1' });
        assert.equal(awsRegionOf(new URL(spelling)), undefined);
      }
    });

  test('but two places stay two', () => {
    const names = [
      'http://127.0.0.1:1',
      'http://127.0.0.1:2',
      'https://127.0.0.1:1',
      'http://127.0.0.1:1/Base',
    ]
      .concat(['http://127.0.0.1:1/base', 'https://host.example', 'https://a.host.example'])
      .map(text => endpointName(new URL(text)));
    assert.equal(new Set(names).size, names.length);
  });

  test('the URL that requests go to is left as it is', () => {
    const url = new URL('https://host.example./base');
    endpointName(url);
    assert.equal(url.href, 'https://host.example./base');
  });
});

test('what is no URL stays what it was', () => {
  for (const text of ['aws', '', 'nonsense'])
    assert.deepEqual(scopeOfRecorded(text, 'eu-west-1'), { endpoint: text, region: 'eu-west-1' });
});
