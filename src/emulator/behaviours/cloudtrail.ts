import type { Behaviour } from './behaviour.ts';

/** How CloudTrail writes an event, and of which calls. */
export const CLOUDTRAIL = [
  {
    name: 'cloudtrail-account-key',
    about: 'CloudTrail: the member with the account of a record',
    readings: [
      {
        reading: 'customerAWSAccountID',
        description: 'ends in ID',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      { reading: 'customerAWSAccountId', description: 'ends in Id', source: "AWS's agent skill, its script" },
    ],
  },
  {
    name: 'cloudtrail-source',
    about: 'CloudTrail: the eventSource',
    readings: [
      {
        reading: 'metering-marketplace',
        description: 'metering-marketplace.amazonaws.com',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      {
        reading: 'marketplacemetering',
        description: 'marketplacemetering.amazonaws.com',
        source: 'Smithy model, cloudTrailEventSource',
      },
    ],
  },
  {
    name: 'cloudtrail-timestamp',
    about: 'CloudTrail: the timestamps in requestParameters and responseElements',
    readings: [
      {
        reading: 'space',
        description: 'Apr 19, 2018 4:32:50 PM',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      {
        reading: 'narrow-space',
        description: 'the same, with U+202F before AM and PM',
        source: 'silent; the format of Java since version 20',
      },
      { reading: 'iso', description: '2018-04-19T16:32:50Z', source: 'silent' },
    ],
  },
  {
    name: 'cloudtrail-resolve-customer',
    about: 'CloudTrail: whether ResolveCustomer is logged',
    readings: [
      { reading: 'logged', description: 'logged', source: "AWS's agent skill" },
      {
        reading: 'absent',
        description: 'not logged',
        source: 'API reference, Logging AWS Marketplace Metering API calls: not in its list',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
