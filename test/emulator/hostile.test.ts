import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { answerCall } from '../../src/emulator/answer-call.ts';
import { DEFAULT_BEHAVIOURS } from '../../src/emulator/behaviours/behaviours.ts';
import { createEventHistory } from '../../src/emulator/cloudtrail/event-history.ts';
import { createCloudTrail } from '../../src/emulator/cloudtrail/lookup-events.ts';
import { createFaults } from '../../src/emulator/faults/faults.ts';
import { createMarketplace } from '../../src/emulator/market/marketplace.ts';
import { createMarketplaceApis } from '../../src/emulator/marketplace/quotas.ts';
import { createTokenSigner } from '../../src/emulator/operations/usage-token.ts';
import { isRefusal } from '../../src/emulator/rules/refusals.ts';
import type { Service } from '../../src/emulator/service.ts';
import { rememberSigningKeys } from '../../src/emulator/signing/signing-key.ts';
import { createStore } from '../../src/emulator/state/store.ts';
import { OPERATIONS } from '../../src/usage/wire.ts';
import { sampled } from '../helpers/volume.ts';
import { call, callHeaders, NOW, startTestEmulator } from './setup.ts';

/** What comes back for bytes that are sent and then ended, until the server closes. */
const exchange = async (url: string, bytes: string | Uint8Array): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  let text = '';
  socket.on('data', chunk => {
    text += chunk.toString('latin1');
  });
  socket.end(bytes);
  await once(socket, 'close');
  return text;
};

const post = (headers: string, body = ''): string =>
  `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`;

describe('bytes that are no request', () => {
  const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['nothing', '', /^$/],
    ['zeros', new Uint8Array(1000), /^HTTP\/1\.1 400/],
    ['the start of TLS', Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01), /^HTTP\/1\.1 400/],
    ['a line without an end', 'POST / HT', /^(HTTP\/1\.1 400|$)/],
    ['no host', 'POST / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    ['a host of HTTP/1.0', 'GET /_emulator/records HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 403/],
    ['an empty host', 'GET /_emulator/records HTTP/1.1\r\nHost:\r\n\r\n', /^HTTP\/1\.1 403/],
    ['a name without a value', post('Broken\r\n'), /^HTTP\/1\.1 400/],
    ['a line feed in a value', post('X-Amz-Meta: a\n b\r\n'), /^HTTP\/1\.1 400/],
    ['two lengths', post('Content-Length: 1\r\nContent-Length: 2\r\n', 'ab'), /^HTTP\/1\.1 400/],
    [
      'a length and chunks',
      post('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      /^HTTP\/1\.1 400/,
    ],
    ['a negative length', post('Content-Length: -1\r\n'), /^HTTP\/1\.1 400/],
    ['a chunk of no length', post('Transfer-Encoding: chunked\r\n', 'zz\r\n'), /^(HTTP\/1\.1 400|$)/],
    ['a header of 20,000 bytes', post(`X-Long: ${'x'.repeat(20_000)}\r\n`), /^HTTP\/1\.1 431/],
    ['a thousand headers', post('a: b\r\n'.repeat(1000)), /^HTTP\/1\.1 4(00|31)/],
    ['a body that ends early', post('Content-Length: 100\r\n', '{}'), /^(HTTP\/1\.1 400|$)/],
    [
      'another protocol',
      post('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n'),
      /^HTTP\/1\.1 400/,
    ],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', /^$/],
    [
      'the address of another server',
      'POST http://example.com/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
      /^HTTP\/1\.1 404/,
    ],
    [
      'a path of dots',
      'GET /_emulator/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n',
      /^HTTP\/1\.1 404/,
    ],
  ];
  for (const [what, bytes, answer] of cases) {
    it(`do no harm: ${what}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      assert.match(await exchange(emulator.url, bytes), answer);
      assert.equal((await call(emulator, 'BatchMeterUsage', { UsageRecords: [] })).status, 200);
    });
  }

  it('do no harm whatever they are', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        await exchange(emulator.url, bytes);
      }),
      { numRuns: sampled(100) },
    );
    assert.equal((await call(emulator, 'BatchMeterUsage', { UsageRecords: [] })).status, 200);
  });
});

describe('any JSON', () => {
  const service = (signatures: Service['signatures']): Service => ({
    window: 'on',
    signatures,
    behaviours: DEFAULT_BEHAVIOURS,
    uuid: () => 'id',
    marketplace: createMarketplace(() => new Date()),
    memory: { store: createStore(), clientTokens: new Map(), usedTokens: new Set(), registered: new Set() },
    signer: createTokenSigner(),
    signingKeyOf: rememberSigningKeys(),
    faults: createFaults(),
    quota: undefined,
    cloudTrail: createCloudTrail(createEventHistory(), DEFAULT_BEHAVIOURS, 0),
    marketplaceApis: createMarketplaceApis(),
  });
  const names = [
    '__proto__',
    'constructor',
    'ProductCode',
    'UsageRecords',
    'Timestamp',
    'UsageDimension',
    'Dimension',
    'Quantity',
    'CustomerAWSAccountId',
    'CustomerIdentifier',
    'LicenseArn',
    'UsageAllocations',
    'AllocatedUsageQuantity',
    'Tags',
    'RegistrationToken',
    'PublicKeyVersion',
  ];
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(
        fc.constantFrom(null, true, 0, 1, -1, 1.5, 1e300, NOW.getTime() / 1000, '', '1', 'test_token'),
        fc.string(),
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
    ),
  }));

  it('is answered or refused by name, never with an exception', async () => {
    const house = service('skip');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...OPERATIONS), value, async (operation, body) => {
        const headers = new Map(Object.entries(callHeaders(operation)).map(([name, text]) => [name, [text]]));
        const bytes = new TextEncoder().encode(JSON.stringify(body));
        const answer = await answerCall({ method: 'POST', url: '/', headers, body: bytes }, house, {
          rules: NOW,
          real: NOW,
        });
        assert.equal(answer.operation, operation);
        if (isRefusal(answer.result)) assert.ok([400, 500].includes(answer.result.status));
      }),
      { numRuns: sampled(2000) },
    );
  });

  it('and any header is refused by name when signatures are verified', async () => {
    const house = service('verify');
    const words = fc.constantFrom(
      'AWS4-HMAC-SHA256',
      'Credential=',
      'AKIDEXAMPLE/20261122/us-east-1/aws-marketplace/aws4_request',
      ', ',
      'SignedHeaders=',
      'host;x-amz-date;x-amz-target',
      'Signature=',
      '0'.repeat(64),
      ' ',
      '=',
      ',',
    );
    const authorization = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map(parts => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(
        authorization,
        fc.oneof(fc.constant('20261122T103000Z'), fc.string()),
        async (auth, date) => {
          const headers = new Map([
            ...Object.entries(callHeaders('MeterUsage')).map(([name, text]): [string, string[]] => [
              name,
              [text],
            ]),
            ['host', ['localhost']],
            ['authorization', [auth]],
            ['x-amz-date', [date]],
          ]);
          const { result } = await answerCall(
            { method: 'POST', url: '/', headers, body: new Uint8Array() },
            house,
            { rules: NOW, real: NOW },
          );
          assert.ok(isRefusal(result));
          assert.match(result.error, /Signature|Authentication|UnrecognizedClient/);
        },
      ),
      { numRuns: sampled(2000) },
    );
  });
});
