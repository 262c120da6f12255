import { batch, messageLike, meter, ofAccount, register, resolve } from '../calls.ts';
import type { Given, Names, Row, Signing } from '../row.ts';

const REGISTER = 'API reference, RegisterUsage';
const METER = 'API reference, MeterUsage';
const RESOLVE = 'API reference, ResolveCustomer';
const GUIDE = 'Seller Guide, saas-product-customer-setup';

const SELLER = '123456789012';

/** A key of the buyer; its secret is that of the example pair. */
const task = (names: Names): string => `TASK${names.token.toUpperCase()}`;

const asBuyer = (names: Names): Signing => ({ accessKeyId: task(names) });

type Parts = {
  readonly key?: object;
  readonly product?: object;
  readonly agreement?: object | 'none';
  readonly token?: object;
};

/** A seller with a product, and a buyer who runs it in their own tasks. */
const market =
  ({ key = {}, product = {}, agreement = {}, token = {} }: Parts = {}) =>
  (names: Names): Given => ({
    catalog: {
      accounts: [{ id: SELLER }, { id: names.account, keys: [{ accessKeyId: task(names), ...key }] }],
      products: [{ code: names.product, ...product }],
      customers: [{ account: names.account, identifier: names.customer }],
      agreements:
        agreement === 'none' ? [] : [{ product: names.product, customer: names.account, ...agreement }],
      tokens: [{ token: names.token, product: names.product, customer: names.account, ...token }],
    },
  });

const claims =
  (expected: (names: Names) => object) =>
  (names: Names) =>
  (signature: unknown): boolean => {
    const [head = '', body = ''] = String(signature).split('.');
    const decoded = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
    const { alg, typ } = decoded(head);
    const payload = decoded(body);
    return (
      alg === 'PS256' &&
      typ === 'JWT' &&
      Object.entries(expected(names)).every(([name, value]) => payload[name] === value) &&
      typeof payload.iat === 'number'
    );
  };

/** Sections 6, 7, 8 and 10. */
export const BUYERS: readonly Row[] = [
  {
    section: '6.2',
    rule: 'in a Region that does not have the API of a product, calls are DisabledApiException',
    source: 'API reference, metering-regions; service model, DisabledApiException',
    given: market({ product: { regions: ['us-east-1'] } }),
    steps: names => [
      batch(names, [ofAccount(names)], { type: 'DisabledApiException' }, { region: 'eu-west-1' }),
      batch(names, [ofAccount(names)], { statuses: ['Success'] }, { region: 'us-east-1' }),
    ],
    stored: 1,
  },
  {
    section: '6.1',
    rule: 'any Region may stand in the signature: the endpoint says which it is',
    source: 'endpoint rules of the service model',
    steps: names => [
      batch(names, [ofAccount(names)], { statuses: ['Success'] }, { region: 'cn-northwest-1' }),
    ],
  },
  {
    section: '6.3',
    rule: 'MeterUsage is called in the Region of the resource, else InvalidEndpointRegionException',
    source: METER,
    given: market({ key: { region: 'eu-west-1', platform: 'ecs' } }),
    steps: names => [
      meter(
        names,
        {},
        { type: 'InvalidEndpointRegionException' },
        { region: 'us-east-1', signing: asBuyer(names) },
      ),
      meter(names, {}, {}, { region: 'eu-west-1', signing: asBuyer(names) }),
    ],
    stored: 1,
  },
  {
    section: '6.3',
    rule: 'RegisterUsage is called in the Region of the task, else InvalidRegionException',
    source: REGISTER,
    given: market({ key: { region: 'eu-west-1', platform: 'ecs' } }),
    steps: names => [
      register(
        names,
        {},
        { type: 'InvalidRegionException' },
        { region: 'us-east-1', signing: asBuyer(names) },
      ),
      register(names, {}, {}, { region: 'eu-west-1', signing: asBuyer(names) }),
    ],
  },
  {
    section: '7',
    rule: 'the Signature is a JWT with PS256 and the claims productCode, publicKeyVersion, nonce and iat',
    source: 'Seller Guide, java-integration-example-registerusage',
    steps: names => [
      register(
        names,
        { Nonce: 'n-1' },
        {
          body: {
            Signature: claims(({ product }) => ({ productCode: product, publicKeyVersion: 1, nonce: 'n-1' }))(
              names,
            ),
          },
        },
        {
          or: {
            'register-claims=pascal': {
              body: {
                Signature: claims(({ product }) => ({
                  ProductCode: product,
                  PublicKeyVersion: 1,
                  Nonce: 'n-1',
                }))(names),
              },
            },
          },
        },
      ),
    ],
  },
  {
    section: '7',
    rule: 'a key version that has been replaced still signs, and PublicKeyRotationTimestamp says since when',
    source: 'service model, RegisterUsageResult.PublicKeyRotationTimestamp',
    given: market({
      product: { publicKeys: [{ version: 1, replaced: '2026-03-01T00:00:00Z' }, { version: 2 }] },
    }),
    steps: names => [
      register(
        names,
        {},
        { body: { PublicKeyRotationTimestamp: Date.parse('2026-03-01T00:00:00Z') / 1000 } },
      ),
      register(names, { PublicKeyVersion: 2 }, { body: { PublicKeyRotationTimestamp: undefined } }),
    ],
  },
  {
    section: '7',
    rule: 'a key version that does not exist is InvalidPublicKeyVersionException',
    source: REGISTER,
    given: market({ product: { publicKeys: [{ version: 2 }] } }),
    steps: names => [register(names, { PublicKeyVersion: 3 }, { type: 'InvalidPublicKeyVersionException' })],
  },
  {
    section: '7',
    rule: 'outside of ECS and EKS RegisterUsage is PlatformNotSupportedException',
    source: `${REGISTER}; aws-sdk-cpp, issue 1538, captured`,
    given: market({ key: { platform: 'none' } }),
    steps: names => [
      register(
        names,
        {},
        {
          type: 'PlatformNotSupportedException',
          body: messageLike(/can only be called from within an ECS task or an EKS pod/),
        },
        { signing: asBuyer(names) },
      ),
    ],
  },
  {
    section: '7',
    rule: 'a buyer without a subscription is CustomerNotEntitledException',
    source: REGISTER,
    given: market({ key: { platform: 'eks' }, agreement: 'none' }),
    steps: names => [
      register(names, {}, { type: 'CustomerNotEntitledException' }, { signing: asBuyer(names) }),
      meter(names, {}, { type: 'CustomerNotEntitledException' }, { signing: asBuyer(names) }),
    ],
    stored: 0,
  },
  {
    section: '7',
    rule: 'a task that is registered goes on when the subscription ends',
    source: REGISTER,
    given: market({ key: { platform: 'eks' }, agreement: { end: '2026-11-22T12:00:00Z' } }),
    steps: names => [
      register(names, {}, {}, { signing: asBuyer(names) }),
      register(
        names,
        {},
        {},
        {
          signing: asBuyer(names),
          at: '2026-11-22T18:00:00Z',
        },
      ),
    ],
  },
  {
    section: '7',
    rule: 'from the account of the publisher no subscription is needed',
    source: REGISTER,
    given: market({ agreement: 'none' }),
    steps: names => [register(names, {}, {})],
  },
  {
    section: '8',
    rule: 'a token resolves to identifier, account, product and license',
    source: 'service model, ResolveCustomerResult',
    given: names => market({ agreement: { licenseArn: names.license } })(names),
    steps: names => [
      resolve(names.token, {
        body: {
          CustomerIdentifier: names.customer,
          CustomerAWSAccountId: names.account,
          ProductCode: names.product,
          LicenseArn: names.license,
        },
      }),
    ],
  },
  {
    section: '8',
    rule: 'buyers of products created since 2026-06-01 have no CustomerIdentifier',
    source: 'service model, ResolveCustomerResult.CustomerIdentifier',
    given: names =>
      market({ product: { created: '2026-06-01' }, agreement: { licenseArn: names.license } })(names),
    steps: names => [
      resolve(names.token, { body: { CustomerIdentifier: undefined, LicenseArn: names.license } }),
    ],
  },
  {
    section: '8',
    rule: 'a token lives for four hours',
    source: GUIDE,
    given: market({ token: { issued: '2026-11-22T10:30:00Z' } }),
    steps: names => [
      resolve(names.token, {}, { at: '2026-11-22T14:29:59Z' }),
      resolve(names.token, { type: 'ExpiredTokenException' }, { at: '2026-11-22T14:30:00Z' }),
    ],
  },
  {
    section: '8',
    rule: 'an invented token is InvalidTokenException',
    source: RESOLVE,
    steps: names => [resolve(names.token, { type: 'InvalidTokenException' })],
  },
  {
    section: '8',
    rule: 'a token is opaque: one that was decoded once too often is InvalidTokenException',
    source: 'Seller Guide, saas-code-examples',
    given: market({ token: { token: 'a+b/c=' } }),
    steps: () => [resolve('a+b/c=', {}), resolve('a b/c=', { type: 'InvalidTokenException' })],
  },
  {
    section: '8',
    rule: 'from another account than that of the publisher a token is refused',
    source: RESOLVE,
    given: market(),
    steps: names => [resolve(names.token, { type: 'InvalidTokenException' }, { signing: asBuyer(names) })],
  },
  {
    section: '8',
    rule: 'a resolved token is no subscription',
    source: GUIDE,
    given: market({ agreement: { state: 'pending' } }),
    steps: names => [
      resolve(names.token, {}),
      batch(names, [ofAccount(names)], { statuses: ['CustomerNotSubscribed'] }),
    ],
    stored: 0,
  },
  {
    section: '10',
    rule: 'without the action in a policy a call is AccessDeniedException, and says which action',
    source: 'Service Authorization Reference; documentation of a seller, captured',
    given: market({ key: { permissions: ['aws-marketplace:RegisterUsage'] } }),
    steps: names => [
      meter(
        names,
        {},
        {
          status: 400,
          type: 'AccessDeniedException',
          body: messageLike(/^User: arn:aws:\S+ is not authorized to perform: aws-marketplace:MeterUsage/),
        },
        {
          signing: asBuyer(names),
          or: { 'access-denied-status=403': { status: 403, type: 'AccessDeniedException' } },
        },
      ),
      register(names, {}, {}, { signing: asBuyer(names) }),
    ],
    stored: 0,
  },
  {
    section: '10',
    rule: 'a dry run without permission is refused',
    source: 'service model, MeterUsageRequest.DryRun',
    given: market({ key: { permissions: ['aws-marketplace:RegisterUsage'] } }),
    steps: names => [
      meter(
        names,
        { DryRun: true },
        { type: 'AccessDeniedException' },
        {
          signing: asBuyer(names),
          or: {
            'access-denied-status=403': { status: 403, type: 'AccessDeniedException' },
            'dry-run-denied=unauthorized': { type: 'UnauthorizedException' },
          },
        },
      ),
    ],
  },
];
