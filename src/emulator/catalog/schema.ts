import { LIMITS } from '../../usage/limits.ts';
import { OPERATIONS } from '../../usage/wire.ts';
import { MARKETPLACE_OPERATIONS } from '../marketplace/model.ts';
import { KEY_PAIR } from '../principal.ts';
import {
  choice,
  entriesOf,
  flag,
  group,
  integer,
  type JsonSchema,
  optional,
  required,
  setOf,
  text,
  type ValueOf,
} from './form.ts';

/** A catalog as it is written. An entry is undefined when it did not have the form, which a problem reports. */
export type Written = ValueOf<typeof CATALOG_FORM>;
export type WrittenAccount = ValueOf<typeof account>;
export type WrittenKey = ValueOf<typeof key>;
export type WrittenProduct = ValueOf<typeof product>;
export type WrittenCustomer = ValueOf<typeof customer>;
export type WrittenAgreement = ValueOf<typeof agreement>;
export type WrittenToken = ValueOf<typeof token>;

const STATES = ['active', 'pending', 'ended'] as const;
export type AgreementState = (typeof STATES)[number];

const PLATFORMS = ['ec2', 'ecs', 'eks', 'none'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const EVERY_ACTION = 'aws-marketplace:*';
/** An action of CloudTrail, which the emulator implements too. */
export const LOOK_UP = 'cloudtrail:LookupEvents';
const PERMISSIONS = [
  EVERY_ACTION,
  ...[...OPERATIONS, ...MARKETPLACE_OPERATIONS].map(name => `aws-marketplace:${name}` as const),
  LOOK_UP,
] as const;

const accountId = text('an AWS account id of twelve digits', { pattern: /^[0-9]{12}$/ });
const region = text('a Region such as us-east-1', { pattern: /^[a-z0-9-]{1,64}$/ });
const userName = text("a user's name: at most 64 letters, digits or + = , . @ _ -", {
  max: 64,
  pattern: /^[A-Za-z0-9+=,.@_-]+$/,
});
const productCode = text(
  `a product code: at most ${LIMITS.productCode.maxLength} letters, digits or - / = : _ . @`,
  {
    max: LIMITS.productCode.maxLength,
    pattern: LIMITS.productCode.pattern,
  },
);
const dimension = text(`a name of 1 to ${LIMITS.dimension.maxLength} characters`, {
  max: LIMITS.dimension.maxLength,
});
const licenseArn = text('the ARN of a license, such as arn:aws:license-manager::123456789012:license:l-1', {
  pattern: LIMITS.licenseArn.pattern,
});
/** A date alone is its first instant: short to write, and in UTC like all of AWS's billing. */
const instant = text('an instant such as 2026-12-01T06:00:00Z, or a date such as 2026-12-01', {
  pattern:
    /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?$/,
});
const price = group({
  dimension: required(dimension, 'A dimension that is billed by usage.'),
  price: required(
    text('a price such as 0.05: a decimal number', { pattern: /^[0-9]{1,12}(\.[0-9]{1,12})?$/ }),
    'For one unit, as a text.',
  ),
});

const duration = text('a duration such as 90m, 4h or 1d', { pattern: /^[1-9][0-9]{0,5}(s|m|h|d)$/ });

const permissions = setOf(choice(PERMISSIONS));

const key = group({
  accessKeyId: required(
    text('an access key id: at most 128 letters, digits or _', { max: 128, pattern: /^[A-Za-z0-9_]+$/ }),
    'Unique among all keys.',
  ),
  secretAccessKey: optional(
    text('a secret access key: at most 256 visible ASCII characters', {
      max: 256,
      pattern: /^[!-~]+$/,
      isSecret: true,
    }),
    `Default: the secret of AWS's example key pair, ${KEY_PAIR.secretAccessKey}.`,
  ),
  sessionToken: optional(
    text('a session token: at most 4096 visible ASCII characters', {
      max: 4096,
      pattern: /^[!-~]+$/,
      isSecret: true,
    }),
    'The key is rejected without this token. A key without a session token is rejected with any token.',
  ),
  userName: optional(userName, 'Default: that of the account.'),
  permissions: optional(permissions, 'Default: those of the account.'),
  region: optional(
    region,
    'The Region of the instance, task or pod that uses the key. MeterUsage and RegisterUsage are rejected in any other ' +
      'Region. Default: any Region.',
  ),
  platform: optional(
    choice(PLATFORMS),
    'The platform that uses the key. RegisterUsage is rejected unless it is ecs or eks. Default: a supported platform.',
  ),
});

const account = group({
  id: required(accountId, 'Twelve digits, unique among accounts.'),
  userName: optional(userName, 'The name of the caller in messages and in CloudTrail. Default: example.'),
  permissions: optional(
    permissions,
    'The actions that its keys may call; an empty list permits none. Default: all actions.',
  ),
  keys: optional(
    entriesOf(key),
    'Default: none; for account 123456789012 the key pair with the id AKIDEXAMPLE.',
  ),
});

const publicKey = group({
  version: required(
    integer(LIMITS.publicKeyVersion.min, 2_147_483_647),
    'The PublicKeyVersion of RegisterUsage.',
  ),
  replaced: optional(
    instant,
    'When another version replaced it; replies report this from then on. Default: it is in use.',
  ),
});

const product = group({
  code: required(productCode, 'The ProductCode, unique among products.'),
  owner: optional(
    accountId,
    'The account of the seller, one of accounts. Only this account can report usage with BatchMeterUsage and resolve ' +
      'tokens. Default: the first account.',
  ),
  title: optional(text('a title of 1 to 255 characters', { max: 255 }), 'Default: the code.'),
  prices: optional(
    entriesOf(price),
    'The public offer, for GetAgreementTerms. Default: 1 for each dimension without a price.',
  ),
  dimensions: optional(setOf(dimension), 'Compared byte by byte; an empty list allows none. Default: any.'),
  regions: optional(
    setOf(region),
    'The Regions in which its API is enabled. Default: all Regions that have the service.',
  ),
  created: optional(instant, 'Determines the default of concurrentAgreements. Default: before 2026-06-01.'),
  concurrentAgreements: optional(
    flag,
    'Whether BatchMeterUsage accepts its usage with LicenseArn only. Default: true when created on 2026-06-01 or later.',
  ),
  publicKeys: optional(
    entriesOf(publicKey),
    'The versions that RegisterUsage accepts; an empty list allows none. Default: version 1.',
  ),
});

const customer = group({
  account: required(accountId, 'The CustomerAWSAccountId, unique among customers.'),
  identifier: optional(
    text(`an identifier of 1 to ${LIMITS.customerIdentifier.maxLength} characters`, {
      max: LIMITS.customerIdentifier.maxLength,
    }),
    'The CustomerIdentifier of old integrations, the same for all products. Default: none.',
  ),
  suspended: optional(
    flag,
    'Whether AWS has suspended the account; usage of a suspended account is not accepted. Default: false.',
  ),
});

const agreement = group({
  product: required(productCode, 'The code of one of products.'),
  customer: required(accountId, 'The account of one of customers.'),
  licenseArn: optional(
    licenseArn,
    'Unique among agreements. Default: none; usage is then reported with the product code.',
  ),
  start: optional(
    instant,
    'Usage is not accepted before this time, nor for earlier hours. Default: always in the past.',
  ),
  end: optional(
    instant,
    'The agreement ends or is canceled. For one more hour, usage from before the end is accepted. Default: never.',
  ),
  prices: optional(
    entriesOf(price),
    'A private offer, for GetAgreementTerms: its dimensions and prices. It does not change which usage is accepted. ' +
      'Default: those of the product.',
  ),
  currency: optional(
    text('a currency such as USD', { pattern: /^[A-Z]{3}$/ }),
    'Of the prices. Default: USD.',
  ),
  state: optional(
    choice(STATES),
    'pending: bought, but neither subscribe-success nor License Updated has been sent. ended: over, including its last ' +
      'hour, regardless of end. Both accept no usage. Default: active, between start and end.',
  ),
});

const token = group({
  token: required(
    text('a token: a text that is not empty', { isSecret: true }),
    'The RegistrationToken, unique among tokens.',
  ),
  product: required(productCode, 'The code of one of products.'),
  customer: required(accountId, 'The account of one of customers.'),
  licenseArn: optional(
    licenseArn,
    'The license of an agreement between the two. Default: the license of their only agreement, if it has one.',
  ),
  issued: optional(
    instant,
    'The token is not valid before this time. Default: when the emulator reads the catalog.',
  ),
  lifetime: optional(duration, 'How long the token is valid. Default: tokenLifetime.'),
});

/** The form of a catalog; the published schema is generated from it. */
export const CATALOG_FORM = group({
  $schema: optional(text('the location of this schema', { min: 0 }), 'For editors; the emulator ignores it.'),
  regions: optional(setOf(region), 'The Regions that have the service. Default: all.'),
  tokenLifetime: optional(
    duration,
    'How long registration tokens are valid. Default: 4h, as one page of the Seller Guide says; another says 1h.',
  ),
  accounts: optional(
    entriesOf(account),
    'The callers. A buyer is one too if its own tasks call MeterUsage or RegisterUsage. Default: account ' +
      '123456789012 with the key pair AKIDEXAMPLE.',
  ),
  products: optional(entriesOf(product), 'The products on sale. Default: none.'),
  customers: optional(entriesOf(customer), 'The buyers. Default: none.'),
  agreements: optional(
    entriesOf(agreement),
    'Which customer has bought which product, and until when. Default: none.',
  ),
  tokens: optional(
    entriesOf(token),
    'The tokens that the marketplace gives to buyers, for ResolveCustomer. Default: none.',
  ),
});

/** The schema as it is published. */
export const catalogSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Catalog of ampmeter emulator',
  description:
    'The marketplace that the emulator simulates. Anything that is not in it does not exist. A catalog must also be ' +
    'consistent: no duplicates, no references to missing entries, no end before its start.',
  ...CATALOG_FORM.schema,
});
