import {
  BUYER,
  batch,
  checkRows,
  LICENSES,
  licensed,
  meter,
  NOT_SUBSCRIBED,
  type Row,
  register,
  resolve,
  SOURCES,
  SUCCESS,
  TEN,
} from './setup.ts';

const PRODUCTS: readonly Row[] = [
  {
    rule: 'a product that there is',
    source: SOURCES.model,
    ...batch('old', { account: BUYER }),
    gives: SUCCESS,
  },
  {
    rule: 'one that there is not',
    source: SOURCES.model,
    ...batch('nothing', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: 'one written otherwise',
    source: SOURCES.model,
    ...batch('Old', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: 'an empty code',
    source: SOURCES.silent,
    ...batch('', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: "another seller's",
    source: SOURCES.model,
    ...batch('foreign', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: 'that seller itself',
    source: SOURCES.model,
    as: { key: 'AKIDOTHER' },
    ...batch('foreign', { account: BUYER }),
    gives: SUCCESS,
  },
  {
    rule: 'a buyer is no seller',
    source: SOURCES.model,
    as: { key: 'AKIDBUYER' },
    ...batch('old', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: 'metering one that there is not',
    source: SOURCES.model,
    ...meter('nothing'),
    gives: 'InvalidProductCodeException',
  },
  {
    rule: 'registering one that there is not',
    source: SOURCES.model,
    ...register('nothing'),
    gives: 'InvalidProductCodeException',
  },
];

const REGIONS: readonly Row[] = [
  {
    rule: 'a Region that has the service',
    source: SOURCES.guide,
    as: { region: 'eu-west-1' },
    ...batch('old', { account: BUYER }),
    gives: SUCCESS,
  },
  {
    rule: 'a Region that does not',
    source: SOURCES.model,
    as: { region: 'eu-west-3' },
    ...batch('old', { account: BUYER }),
    gives: 'DisabledApiException',
  },
  {
    rule: 'before the product is looked for',
    source: SOURCES.silent,
    as: { region: 'eu-west-3' },
    ...batch('nothing', { account: BUYER }),
    gives: 'DisabledApiException',
  },
  {
    rule: 'registering there',
    source: SOURCES.model,
    as: { region: 'eu-west-3' },
    ...register('container'),
    gives: 'DisabledApiException',
  },
  {
    rule: 'resolving there',
    source: SOURCES.model,
    as: { region: 'eu-west-3' },
    ...resolve('old-token'),
    gives: 'DisabledApiException',
  },
  {
    rule: 'metering there, whose model has no DisabledApiException',
    source: SOURCES.model,
    as: { region: 'eu-west-3' },
    ...meter('old'),
    gives: 'InvalidEndpointRegionException',
  },
  {
    rule: 'a product that is not enabled there',
    source: SOURCES.guide,
    ...batch('european', { account: BUYER }),
    gives: 'DisabledApiException',
  },
  {
    rule: 'a product that is',
    source: SOURCES.guide,
    as: { region: 'eu-west-1' },
    ...batch('european', { account: BUYER }),
    gives: SUCCESS,
  },
  {
    rule: 'the product of a license',
    source: SOURCES.silent,
    ...licensed({ license: LICENSES.nowhere }),
    gives: 'DisabledApiException',
  },
  {
    rule: 'the product of a license where it is enabled',
    source: SOURCES.silent,
    as: { region: 'eu-west-1' },
    ...licensed({ license: LICENSES.nowhere }),
    gives: SUCCESS,
  },
];

const DIMENSIONS: readonly Row[] = [
  {
    rule: 'a dimension of the product',
    source: SOURCES.model,
    ...batch('old', { account: BUYER, dimension: 'é' }),
    gives: SUCCESS,
  },
  {
    rule: 'another',
    source: SOURCES.model,
    ...batch('old', { account: BUYER, dimension: 'gb' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'names are case-sensitive',
    source: SOURCES.guide,
    ...batch('old', { account: BUYER, dimension: 'Users' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'the same letter in other bytes',
    source: SOURCES.guide,
    ...batch('old', { account: BUYER, dimension: 'e\u0301' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'one bad record refuses all',
    source: SOURCES.batch,
    ...batch('old', { account: BUYER }, { account: BUYER, dimension: 'gb' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'of the product of a license',
    source: SOURCES.model,
    ...licensed({ license: LICENSES.good, dimension: 'é' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'of MeterUsage',
    source: SOURCES.model,
    ...meter('old', TEN, 'gb'),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'an empty list has none',
    source: SOURCES.silent,
    ...meter('dimensionless'),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'no list has all',
    source: SOURCES.silent,
    ...meter('container', TEN, 'anything'),
    gives: { MeteringRecordId: 'any' },
  },
];

const PERMISSIONS: readonly Row[] = [
  {
    rule: 'permitted by the account',
    source: SOURCES.iam,
    as: { key: 'AKIDLIMITED' },
    ...resolve('limited-token'),
    gives: { ProductCode: 'limited' },
  },
  {
    rule: 'not permitted by the account',
    source: SOURCES.iam,
    as: { key: 'AKIDLIMITED' },
    ...batch('limited', { account: BUYER }),
    gives: 'AccessDeniedException',
  },
  {
    rule: 'permitted by the key',
    source: SOURCES.iam,
    as: { key: 'AKIDALLOWED' },
    ...batch('limited', { account: BUYER }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'nothing is permitted',
    source: SOURCES.iam,
    as: { key: 'AKIDNOTHING' },
    ...resolve('limited-token'),
    gives: 'AccessDeniedException',
  },
  {
    rule: 'not permitted to meter',
    source: SOURCES.iam,
    as: { key: 'AKIDNOTHING' },
    ...meter('old'),
    gives: 'AccessDeniedException',
  },
  {
    rule: 'not permitted to register',
    source: SOURCES.iam,
    as: { key: 'AKIDLIMITED' },
    ...register('old', 1),
    gives: 'AccessDeniedException',
  },
  {
    rule: 'before the form of the body',
    source: SOURCES.silent,
    as: { key: 'AKIDNOTHING' },
    operation: 'BatchMeterUsage',
    input: {},
    gives: 'AccessDeniedException',
  },
];

checkRows('products', PRODUCTS);
checkRows('Regions', REGIONS);
checkRows('dimensions', DIMENSIONS);
checkRows('permissions', PERMISSIONS);
