import type { Behaviour } from './behaviour.ts';

/** How CloudTrail writes an event, and of which calls. */
export const CLOUDTRAIL = [
  {
    name: 'cloudtrail-account-key',
    about: "CloudTrail: the name of a record's account",
    readings: [
      {
        reading: 'customerAWSAccountID',
        description: 'so',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      { reading: 'customerAWSAccountId', description: 'so', source: "AWS's agent skill, its script" },
    ],
  },
  {
    name: 'cloudtrail-source',
    about: 'CloudTrail: the eventSource, before .amazonaws.com',
    readings: [
      {
        reading: 'metering-marketplace',
        description: 'so',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      { reading: 'marketplacemetering', description: 'so', source: 'Smithy model, cloudTrailEventSource' },
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
        description: 'the same with U+202F before AM and PM',
        source: 'silent; as Java spells it since version 20',
      },
      { reading: 'iso', description: '2018-04-19T16:32:50Z', source: 'silent' },
    ],
  },
  {
    name: 'cloudtrail-resolve-customer',
    about: 'CloudTrail: whether ResolveCustomer leaves events',
    readings: [
      { reading: 'logged', description: 'it does', source: "AWS's agent skill" },
      {
        reading: 'absent',
        description: 'it does not',
        source: 'API reference, Logging AWS Marketplace Metering API calls: not in its list',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
