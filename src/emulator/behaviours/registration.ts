import type { Behaviour } from './behaviour.ts';

/** RegisterUsage and ResolveCustomer. */
export const REGISTRATION = [
  {
    name: 'register-claims',
    about: "the names of the claims in RegisterUsage's Signature",
    readings: [
      {
        reading: 'camel',
        description: 'productCode, publicKeyVersion, nonce',
        source: 'Seller Guide, java-integration-example-registerusage, its code',
      },
      {
        reading: 'pascal',
        description: 'ProductCode, PublicKeyVersion, Nonce',
        source: 'the same page, its text',
      },
    ],
  },
  {
    name: 'token-reuse',
    about: 'a registration token that is resolved again',
    readings: [
      {
        reading: 'same',
        description: 'the same reply',
        source: 'Seller Guide, saas-product-customer-setup',
      },
      {
        reading: 'expired',
        description: 'ExpiredTokenException',
        source: 'service model: "the buyer has resubmitted the registration token"',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
