import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MarketplaceAgreementClient } from '@aws-sdk/client-marketplace-agreement';
import { MarketplaceCatalogClient } from '@aws-sdk/client-marketplace-catalog';
import { type DestinationSources, resolveDestination } from '../../src/metering/destination.ts';
import { agreementHostOf, catalogHostOf } from '../../src/metering/endpoint.ts';

const find = (
  operation: 'SearchAgreements' | 'ListEntities',
  { flags = {}, env = {} }: { flags?: Partial<DestinationSources['flags']>; env?: DestinationSources['env'] },
) =>
  resolveDestination(operation, {
    flags: {
      profile: undefined,
      region: undefined,
      endpointUrl: undefined,
      dualStack: false,
      fips: false,
      ...flags,
    },
    env,
    shared: { config: {}, credentials: {} },
    instanceRegion: async () => undefined,
  });

const APIS = [
  ['SearchAgreements', agreementHostOf, MarketplaceAgreementClient, 'AGREEMENT'],
  ['ListEntities', catalogHostOf, MarketplaceCatalogClient, 'CATALOG'],
] as const;

for (const [operation, hostOf, Client, name] of APIS) {
  describe(`the endpoint of ${operation}`, () => {
    for (const region of ['us-east-1', 'eu-west-1', 'us-gov-west-1'])
      for (const [dualStack, fips] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const)
        test(`is that of AWS's client in ${region}, IPv6 ${dualStack}, FIPS ${fips}`, () => {
          const { endpointProvider } = new Client({ region }).config;
          const { url } = endpointProvider({ Region: region, UseDualStack: dualStack, UseFIPS: fips });
          assert.equal(hostOf(region, { dualStack, fips }), url.hostname);
        });

    test('is in us-east-1, whatever the Region of the usage', async () => {
      const found = await find(operation, {
        flags: { region: 'eu-west-1' },
        env: { AWS_REGION: 'eu-west-2' },
      });
      assert.deepEqual(
        [found.region, found.url.hostname],
        ['us-east-1', hostOf('us-east-1', { dualStack: false, fips: false })],
      );
    });

    test('can be named for it alone, or for all services', async () => {
      const own = `AWS_ENDPOINT_URL_MARKETPLACE_${name}`;
      const env = { [own]: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' };
      assert.equal((await find(operation, { env })).url.port, '1');
      assert.equal((await find(operation, { env: { ...env, [own]: undefined } })).url.port, '2');
    });

    test('can be a VPC endpoint, and is signed for us-east-1', async () => {
      const url = 'https://vpce-0123-abc.marketplace.example.com';
      const found = await find(operation, { env: { [`AWS_ENDPOINT_URL_MARKETPLACE_${name}`]: url } });
      assert.deepEqual([found.region, found.url.origin], ['us-east-1', url]);
    });

    test('is not that of the metering service', async () => {
      const endpointUrl = 'https://metering.marketplace.eu-west-1.amazonaws.com';
      const { url } = await find(operation, { flags: { endpointUrl } });
      assert.equal(url.hostname, hostOf('us-east-1', { dualStack: false, fips: false }));
    });
  });
}
