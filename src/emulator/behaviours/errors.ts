import type { Behaviour } from './behaviour.ts';

/** How an error is written. */
export const ERRORS = [
  {
    name: 'error-namespace',
    about: 'the namespace before the name of an error',
    readings: [
      { reading: 'smithy', description: 'com.amazonaws.marketplacemetering#', source: 'Smithy model' },
      {
        reading: 'sdk',
        description: 'com.amazonaws.marketplace.metering#',
        source: 'older AWS clients',
      },
      { reading: 'none', description: 'no namespace', source: 'AWS JSON 1.1 protocol' },
    ],
  },
  {
    name: 'error-type',
    about: 'where a reply has the name of an error',
    readings: [
      { reading: 'body', description: 'member __type of the body', source: 'AWS JSON 1.1 protocol' },
      {
        reading: 'header',
        description: 'header x-amzn-ErrorType',
        source: 'AWS JSON 1.1 protocol, for clients',
      },
      { reading: 'both', description: 'both', source: 'the same' },
    ],
  },
  {
    name: 'error-message',
    about: 'the member with the message of an error',
    readings: [
      { reading: 'message', description: 'message', source: 'service model' },
      { reading: 'Message', description: 'Message', source: "AWS's layers before the service" },
    ],
  },
] as const satisfies readonly Behaviour[];
