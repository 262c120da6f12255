import type { Behaviour } from './behaviour.ts';

/** How a record identifies its customer, product and license. */
export const IDENTITY = [
  {
    name: 'unknown-customer',
    about: 'a CustomerIdentifier that does not exist',
    readings: [
      {
        reading: 'exception',
        description: 'InvalidCustomerIdentifierException for the whole request',
        source: 'service model',
      },
      {
        reading: 'not-subscribed',
        description: 'CustomerNotSubscribed for the record',
        source: 'API reference, UsageRecordResult: "The customer identifier is invalid"',
      },
    ],
  },
  {
    name: 'unknown-account',
    about: 'a CustomerAWSAccountId that has never had an agreement',
    readings: [
      {
        reading: 'not-subscribed',
        description: 'CustomerNotSubscribed for the record',
        source: 'API reference, UsageRecordResult: no active agreement',
      },
      {
        reading: 'exception',
        description: 'InvalidCustomerIdentifierException for the whole request',
        source: 'silent; by analogy with an identifier',
      },
    ],
  },
  {
    name: 'licence-with-product-code',
    about: 'a LicenseArn in a request with a ProductCode',
    readings: [
      {
        reading: 'refused',
        description: 'InvalidProductCodeException',
        source: 'Red Hat, rhsm-subscriptions, pull request 6539, without the name of the error',
      },
      { reading: 'validation', description: 'ValidationException', source: 'the same' },
      { reading: 'invalid-license', description: 'InvalidLicenseException', source: 'the same' },
      {
        reading: 'separate',
        description: 'billed separately from usage that has only one of the two',
        source: 'service model, BatchMeterUsageRequest.ProductCode',
      },
    ],
  },
  {
    name: 'licence-without-account',
    about: 'a LicenseArn without CustomerAWSAccountId',
    readings: [
      { reading: 'validation', description: 'ValidationException', source: 'silent' },
      { reading: 'invalid-license', description: 'InvalidLicenseException', source: 'silent' },
    ],
  },
  {
    name: 'licence-form',
    about: 'which ARNs are accepted as licenses',
    readings: [
      {
        reading: 'model',
        description: 'any that matches the pattern of the model',
        source: 'service model, LicenseArn',
      },
      {
        reading: 'usual',
        description: 'arn:aws:license-manager:…:license:…; others get InvalidLicenseException',
        source: "AWS's agent skill",
      },
    ],
  },
  {
    name: 'licence-period',
    about: 'usage outside the period of its license (with a catalog)',
    readings: [
      {
        reading: 'exception',
        description: 'InvalidLicenseException for the whole request',
        source: 'service model',
      },
      {
        reading: 'not-subscribed',
        description: 'CustomerNotSubscribed for the record',
        source: "AWS's agent skill, on ended agreements",
      },
    ],
  },
  {
    name: 'missing-product-code',
    about: 'a required ProductCode that is missing or empty',
    readings: [
      { reading: 'invalid-product', description: 'InvalidProductCodeException', source: 'silent' },
      {
        reading: 'validation',
        description: 'ValidationException',
        source: 'service model until February 2026',
      },
    ],
  },
  {
    name: 'identity-error',
    about: 'a record with both CustomerIdentifier and CustomerAWSAccountId, or neither',
    readings: [
      { reading: 'validation', description: 'ValidationException', source: 'silent' },
      { reading: 'invalid-customer', description: 'InvalidCustomerIdentifierException', source: 'silent' },
    ],
  },
] as const satisfies readonly Behaviour[];
