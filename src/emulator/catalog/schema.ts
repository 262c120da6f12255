import { LIMITS } from '../../usage/limits.ts';
import { OPERATIONS } from '../../usage/wire.ts';
import { KEY_PAIR } from '../key-pair.ts';
import {
  choice,
  entriesOf,
  type Form,
  flag,
  group,
  type JsonSchema,
  may,
  must,
  setOf,
  text,
  whole,
} from './form.ts';

/** A catalog as it is written. An entry that is undefined had another form, and a problem says so. */
export type Written = {
  readonly $schema?: string;
  readonly regions?: readonly string[];
  readonly tokenLifetime?: string;
  readonly accounts?: Entries<WrittenAccount>;
  readonly products?: Entries<WrittenProduct>;
  readonly customers?: Entries<WrittenCustomer>;
  readonly agreements?: Entries<WrittenAgreement>;
  readonly tokens?: Entries<WrittenToken>;
};

export type Entries<T> = readonly (T | undefined)[];

export type WrittenAccount = {
  readonly id: string;
  readonly userName?: string;
  readonly permissions?: readonly Permission[];
  readonly keys?: Entries<WrittenKey>;
};

export type WrittenKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly userName?: string;
  readonly permissions?: readonly Permission[];
  readonly region?: string;
  readonly platform?: Platform;
};

export type WrittenProduct = {
  readonly code: string;
  readonly owner?: string;
  readonly dimensions?: readonly string[];
  readonly regions?: readonly string[];
  readonly created?: string;
  readonly concurrentAgreements?: boolean;
  readonly publicKeys?: Entries<WrittenPublicKey>;
};

export type WrittenPublicKey = { readonly version: number; readonly replaced?: string };

export type WrittenCustomer = {
  readonly account: string;
  readonly identifier?: string;
  readonly suspended?: boolean;
};

export type WrittenAgreement = {
  readonly product: string;
  readonly customer: string;
  readonly licenseArn?: string;
  readonly start?: string;
  readonly end?: string;
  readonly state?: AgreementState;
};

export type WrittenToken = {
  readonly token: string;
  readonly product: string;
  readonly customer: string;
  readonly licenseArn?: string;
  readonly issued?: string;
  readonly lifetime?: string;
};

const STATES = ['active', 'pending', 'ended'] as const;
export type AgreementState = (typeof STATES)[number];

const PLATFORMS = ['ec2', 'ecs', 'eks', 'none'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const EVERY_ACTION = 'aws-marketplace:*';
/** Of CloudTrail, which the emulator answers for too. */
export const LOOK_UP = 'cloudtrail:LookupEvents';
const PERMISSIONS = [
  EVERY_ACTION,
  ...OPERATIONS.map(name => `aws-marketplace:${name}` as const),
  LOOK_UP,
] as const;
export type Permission = (typeof PERMISSIONS)[number];

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
const licenseArn = text('the ARN of a licence, such as arn:aws:license-manager::123456789012:license:l-1', {
  pattern: LIMITS.licenseArn.pattern,
});
/** A day alone is its first instant: short to write, and UTC like all of AWS's billing. */
const instant = text('an instant such as 2026-12-01T06:00:00Z, or a day such as 2026-12-01', {
  pattern:
    /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?$/,
});
const duration = text('a time such as 90m, 4h or 1d', { pattern: /^[1-9][0-9]{0,5}(s|m|h|d)$/ });

const permissions = setOf(choice(PERMISSIONS));

const key: Form<WrittenKey> = group<WrittenKey>({
  accessKeyId: must(
    text('an access key id: at most 128 letters, digits or _', { max: 128, pattern: /^[A-Za-z0-9_]+$/ }),
    'No two keys have the same.',
  ),
  secretAccessKey: may(
    text('a secret access key: at most 256 visible characters of ASCII', {
      max: 256,
      pattern: /^[!-~]+$/,
      isSecret: true,
    }),
    `Default: the secret of AWS's example key pair, ${KEY_PAIR.secretAccessKey}.`,
  ),
  sessionToken: may(
    text('a session token: at most 4096 visible characters of ASCII', {
      max: 4096,
      pattern: /^[!-~]+$/,
      isSecret: true,
    }),
    'The key is refused without this token, and a key without one is refused with any.',
  ),
  userName: may(userName, 'Default: that of the account.'),
  permissions: may(permissions, 'Default: those of the account.'),
  region: may(
    region,
    'Where the instance, task or pod runs that uses the key: MeterUsage and RegisterUsage are refused elsewhere. ' +
      'Default: anywhere.',
  ),
  platform: may(
    choice(PLATFORMS),
    'What the key is used on: RegisterUsage is refused outside of ecs and eks. Default: wherever it is permitted.',
  ),
});

const account: Form<WrittenAccount> = group<WrittenAccount>({
  id: must(accountId, 'Twelve digits. No two accounts have the same.'),
  userName: may(userName, 'Who calls, in messages and in CloudTrail. Default: example.'),
  permissions: may(permissions, 'What its keys may call; an empty list is nothing. Default: everything.'),
  keys: may(entriesOf(key), 'Default: none; for account 123456789012 the key pair AKIDEXAMPLE.'),
});

const publicKey: Form<WrittenPublicKey> = group<WrittenPublicKey>({
  version: must(whole(LIMITS.publicKeyVersion.min, 2_147_483_647), 'The PublicKeyVersion of RegisterUsage.'),
  replaced: may(
    instant,
    'When another took its place: replies say so from then on. Default: it is in force.',
  ),
});

const product: Form<WrittenProduct> = group<WrittenProduct>({
  code: must(productCode, 'The ProductCode. No two products have the same.'),
  owner: may(
    accountId,
    'The account that sells it, one of accounts: nobody else may report its usage with BatchMeterUsage or resolve its ' +
      'tokens. Default: the first account.',
  ),
  dimensions: may(setOf(dimension), 'Compared byte by byte; an empty list is none. Default: any.'),
  regions: may(setOf(region), 'Where its API is enabled. Default: wherever there is one.'),
  created: may(instant, 'Decides the default of concurrentAgreements. Default: before 2026-06-01.'),
  concurrentAgreements: may(
    flag,
    'Whether BatchMeterUsage takes its usage by LicenseArn only. Default: true when it was created on 2026-06-01 or later.',
  ),
  publicKeys: may(
    entriesOf(publicKey),
    'The versions that RegisterUsage takes; an empty list is none. Default: version 1.',
  ),
});

const customer: Form<WrittenCustomer> = group<WrittenCustomer>({
  account: must(accountId, 'The CustomerAWSAccountId. No two customers have the same.'),
  identifier: may(
    text(`an identifier of 1 to ${LIMITS.customerIdentifier.maxLength} characters`, {
      max: LIMITS.customerIdentifier.maxLength,
    }),
    'The CustomerIdentifier of old integrations, the same for all products. Default: none.',
  ),
  suspended: may(
    flag,
    'Whether AWS has suspended the account: then none of its usage is accepted. Default: false.',
  ),
});

const agreement: Form<WrittenAgreement> = group<WrittenAgreement>({
  product: must(productCode, 'The code of one of products.'),
  customer: must(accountId, 'The account of one of customers.'),
  licenseArn: may(
    licenseArn,
    'No two agreements have the same. Default: none; usage is then reported with the product code.',
  ),
  start: may(instant, 'Nothing is accepted before, nor for hours before. Default: it has always been.'),
  end: may(
    instant,
    'The agreement ends or is cancelled, and one more hour begins in which usage from before is accepted. ' +
      'Default: never.',
  ),
  state: may(
    choice(STATES),
    'pending: bought, but neither subscribe-success nor License Updated has come. ended: over, with its last hour, ' +
      'whatever its end. Both accept nothing. Default: active, between start and end.',
  ),
});

const token: Form<WrittenToken> = group<WrittenToken>({
  token: must(
    text('a token: a text that is not empty', { isSecret: true }),
    'The RegistrationToken. No two tokens are the same.',
  ),
  product: must(productCode, 'The code of one of products.'),
  customer: must(accountId, 'The account of one of customers.'),
  licenseArn: may(
    licenseArn,
    'Of one of the agreements between the two. Default: that of the only one, if it has a licence.',
  ),
  issued: may(instant, 'Not valid before. Default: when the emulator reads the catalog.'),
  lifetime: may(duration, 'Until it expires. Default: tokenLifetime.'),
});

/** What a catalog looks like; the published schema is made of this. */
export const CATALOG_FORM: Form<Written> = group<Written>({
  $schema: may(
    text('the place of this schema', { min: 0 }),
    'For editors; the emulator does not look at it.',
  ),
  regions: may(setOf(region), 'The Regions that have the service. Default: all.'),
  tokenLifetime: may(
    duration,
    'How long registration tokens are valid. Default: 4h, as the Seller Guide says in one place; 1h as it says in another.',
  ),
  accounts: may(
    entriesOf(account),
    'Who can call. A buyer is one too when its own tasks call MeterUsage or RegisterUsage. Default: account ' +
      '123456789012 with the key pair AKIDEXAMPLE.',
  ),
  products: may(entriesOf(product), 'What is sold. Default: nothing.'),
  customers: may(entriesOf(customer), 'The buyers. Default: nobody.'),
  agreements: may(entriesOf(agreement), 'Who has bought what, and until when. Default: nobody, nothing.'),
  tokens: may(entriesOf(token), 'What the marketplace gives buyers for ResolveCustomer. Default: none.'),
});

/** The schema as it is published. */
export const catalogSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Catalog of ampmeter emulator',
  description:
    'The marketplace that the emulator plays. Whatever is not in it does not exist. Besides this form a catalog must ' +
    'hold together: no duplicates, no reference to what is not there, no end before its start.',
  ...CATALOG_FORM.schema,
});
