import type { Behaviour } from './behaviour.ts';

/** How an error is written. */
export const ERRORS = [
  {
    name: 'error-namespace',
    about: "what stands before an error's name",
    readings: [
      { reading: 'smithy', description: 'com.amazonaws.marketplacemetering#', source: 'Smithy model' },
      {
        reading: 'sdk',
        description: 'com.amazonaws.marketplace.metering#',
        source: "older clients of AWS's",
      },
      { reading: 'none', description: 'nothing', source: 'AWS JSON 1.1 protocol' },
    ],
  },
  {
    name: 'error-type',
    about: "where an error's name stands",
    readings: [
      { reading: 'body', description: '__type in the body', source: 'AWS JSON 1.1 protocol' },
      { reading: 'header', description: 'x-amzn-ErrorType', source: 'AWS JSON 1.1 protocol, for clients' },
      { reading: 'both', description: 'in both', source: 'the same' },
    ],
  },
  {
    name: 'error-message',
    about: "the member that holds an error's text",
    readings: [
      { reading: 'message', description: 'message', source: 'service model' },
      { reading: 'Message', description: 'Message', source: "AWS's layers before the service" },
    ],
  },
] as const satisfies readonly Behaviour[];
