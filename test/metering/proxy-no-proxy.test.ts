import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isInNoProxy, isNeverProxied } from '../../src/metering/proxy.ts';

const METERING = 'https://metering.marketplace.us-east-1.amazonaws.com';

const CASES: readonly (readonly [noProxy: string, url: string, isNamed: boolean])[] = [
  ['metering.marketplace.us-east-1.amazonaws.com', METERING, true],
  ['METERING.marketplace.us-east-1.AmazonAWS.com', METERING, true],
  ['metering.marketplace.us-east-1.amazonaws.com.', METERING, true],
  ['metering.marketplace.us-east-2.amazonaws.com', METERING, false],
  ['*', METERING, true],
  ['', METERING, false],
  [' , ,', METERING, false],
  // Suffixes, with and without a dot. A name is not the end of another word.
  ['amazonaws.com', METERING, true],
  ['.amazonaws.com', METERING, true],
  ['*.amazonaws.com', METERING, true],
  ['com', METERING, true],
  ['onaws.com', METERING, false],
  ['.onaws.com', METERING, false],
  ['*onaws.com', METERING, false],
  ['amazonaws.com', 'https://amazonaws.com', true],
  ['.amazonaws.com', 'https://amazonaws.com', true],
  ['amazonaws.com.evil.example', METERING, false],
  ['metering.*.amazonaws.com', METERING, false],
  ['.', METERING, false],
  ['*.', METERING, false],
  // Lists, as people write them.
  ['localhost,.corp.example,amazonaws.com', METERING, true],
  ['localhost, .corp.example , amazonaws.com', METERING, true],
  ['localhost .corp.example\tamazonaws.com', METERING, true],
  ['localhost;amazonaws.com', METERING, false],
  ['example.com,*', METERING, true],
  // Ports.
  ['amazonaws.com:443', METERING, true],
  ['amazonaws.com:8443', METERING, false],
  ['amazonaws.com:8443', `${METERING}:8443`, true],
  ['amazonaws.com', `${METERING}:8443`, true],
  ['host.example:80', 'http://host.example', true],
  ['host.example:443', 'http://host.example', false],
  ['*:443', METERING, false],
  // Addresses.
  ['10.1.2.3', 'https://10.1.2.3', true],
  ['10.1.2.3', 'https://10.1.2.30', false],
  ['10.1.2.3:443', 'https://10.1.2.3', true],
  ['10.1.2.3:444', 'https://10.1.2.3', false],
  ['1.2.3', 'https://10.1.2.3', false],
  ['.2.3', 'https://10.1.2.3', false],
  ['2001:db8::1', 'https://[2001:db8::1]', true],
  ['[2001:db8::1]', 'https://[2001:db8::1]', true],
  ['[2001:DB8:0::1]:443', 'https://[2001:db8::1]', true],
  ['[2001:db8::1]:444', 'https://[2001:db8::1]', false],
  ['2001:db8::2', 'https://[2001:db8::1]', false],
  ['10.1.2.3', 'https://[::ffff:10.1.2.3]', true],
  // Blocks.
  ['10.0.0.0/8', 'https://10.255.1.2', true],
  ['10.0.0.0/8', 'https://11.0.0.1', false],
  ['10.1.2.3/32', 'https://10.1.2.3', true],
  ['0.0.0.0/0', 'https://8.8.8.8', true],
  ['172.16.0.0/12', 'https://172.31.255.255', true],
  ['172.16.0.0/12', 'https://172.32.0.0', false],
  ['10.0.0.0/33', 'https://10.0.0.1', false],
  ['10.0.0/8', 'https://10.0.0.1', false],
  ['10.0.0.0/8', 'https://10.example.com', false],
  ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]', true],
  ['2001:db8::/32', 'https://[2001:db8:1::9]', true],
  ['[2001:db8::]/32', 'https://[2001:db8:1::9]', true],
  ['2001:db8::/32', 'https://[2001:db9::9]', false],
  ['2001:db8::/129', 'https://[2001:db8::1]', false],
  // What is no entry is passed over, and spoils no other.
  ['http://amazonaws.com', METERING, false],
  ['[,]:,::/,/8,a:b:c,amazonaws.com', METERING, true],
];

for (const [noProxy, url, isNamed] of CASES) {
  test(`NO_PROXY "${noProxy}" ${isNamed ? 'names' : 'does not name'} ${url}`, () => {
    assert.equal(isInNoProxy(noProxy, new URL(url)), isNamed);
  });
}

const NEVER = [
  'http://localhost:4566',
  'https://LOCALHOST',
  'http://localhost.:80',
  'http://metering.localhost',
  'http://127.0.0.1:1',
  'http://127.255.255.254',
  'http://[::1]:80',
  'http://[::ffff:127.0.0.1]',
  'http://169.254.169.254/latest/meta-data',
  'http://169.254.170.2/v2/credentials',
  'http://169.254.170.23/v1/credentials',
  'http://[fd00:ec2::254]/',
  'http://[fd00:ec2::23]/',
  'http://[fe80::1]/',
];

for (const url of NEVER) {
  test(`${url} is never proxied`, () => assert.ok(isNeverProxied(new URL(url))));
}

for (const url of [
  METERING,
  'https://128.0.0.1',
  'https://169.255.0.1',
  'https://[::2]',
  'https://[fd00::1]',
]) {
  test(`${url} may be proxied`, () => assert.ok(!isNeverProxied(new URL(url))));
}

test('a name like that of this machine is another machine', () => {
  for (const host of ['localhost.example.com', 'notlocalhost', '127.0.0.1.example.com'])
    assert.ok(!isNeverProxied(new URL(`https://${host}`)), host);
});

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 2, maxLength: 5 }).map(labels => labels.join('.'));
const junk = fc
  .array(fc.string({ maxLength: 12 }).map(text => text.replaceAll('*', '+')))
  .map(all => all.join(','));

test('a name is in NO_PROXY however it is put there, whatever stands beside it', () => {
  const form = fc.constantFrom('', '.', '*.');
  fc.assert(
    fc.property(name, label, form, junk, junk, (host, below, dot, before, after) => {
      const noProxy = `${before},${dot}${host},${after}`;
      assert.ok(isInNoProxy(noProxy, new URL(`https://${host}`)));
      assert.ok(isInNoProxy(noProxy, new URL(`https://${below}.${host}`)));
    }),
  );
});

test('a name is not in NO_PROXY for one that ends in the same letters', () => {
  fc.assert(
    fc.property(name, label, (host, more) => {
      assert.ok(!isInNoProxy(`${host},.${host}`, new URL(`https://${more}x${host}`)));
    }),
  );
});

test('an address is in its own block and in no other', () => {
  const octet = fc.nat({ max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 1, max: 32 }), (octets, prefix) => {
      const bits = octets.reduce((sum, each) => sum * 256 + each, 0);
      const other = (bits ^ (1 << (32 - prefix))) >>> 0;
      const text = (address: number) => [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.');
      assert.ok(isInNoProxy(`${text(bits)}/${prefix}`, new URL(`https://${text(bits)}`)));
      assert.ok(!isInNoProxy(`${text(bits)}/${prefix}`, new URL(`https://${text(other)}`)));
    }),
  );
});
