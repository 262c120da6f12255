import type { Behaviour } from './behaviour.ts';

/** How records are recognized as duplicates, and what BatchMeterUsage replies about them. */
export const DEDUPLICATION = [
  {
    name: 'identical-resend',
    about: 'a record of BatchMeterUsage that is billed already, sent again as it was',
    readings: [
      {
        reading: 'success',
        description: 'Success',
        source: 'API reference, UsageRecordResult: DuplicateRecord has "a different quantity"',
      },
      { reading: 'duplicate', description: 'DuplicateRecord', source: "AWS's agent skill, test plan" },
    ],
  },
  {
    name: 'identical-resend-id',
    about: 'the MeteringRecordId of such a Success',
    readings: [
      {
        reading: 'same',
        description: 'the one of the first time',
        source: 'silent; as MeterUsage documents it',
      },
      { reading: 'new', description: 'another each time', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'result-id',
    about: 'MeteringRecordId in results other than Success',
    readings: [
      { reading: 'absent', description: 'there is none', source: 'service model: the member is optional' },
      { reading: 'present', description: 'a new one', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'dedup-time',
    about: 'the time by which a record of BatchMeterUsage is recognised',
    readings: [
      { reading: 'hour', description: 'its UTC hour', source: 'Seller Guide, metering-for-usage' },
      {
        reading: 'exact',
        description: 'its very timestamp',
        source: 'API reference, UsageRecordResult: "time"; so read by moto',
      },
    ],
  },
  {
    name: 'dedup-region',
    about: 'where a record of BatchMeterUsage is recognised',
    readings: [
      { reading: 'each', description: 'each Region has its own records', source: "AWS's agent skill" },
      { reading: 'all', description: 'in all Regions alike', source: 'API reference: silent' },
    ],
  },
  {
    name: 'dedup-allocations',
    about: 'the same quantity again with other allocations',
    readings: [
      { reading: 'compared', description: 'another record', source: 'API reference: "identical" requests' },
      {
        reading: 'ignored',
        description: 'the same record',
        source: 'API reference, UsageRecordResult: only the quantity is named',
      },
    ],
  },
  {
    name: 'in-request-conflict',
    about: 'two quantities for one customer, dimension and hour in one request',
    readings: [
      {
        reading: 'first-wins',
        description: 'the second is DuplicateRecord',
        source: 'silent; as across requests',
      },
      { reading: 'last-wins', description: 'the first is DuplicateRecord', source: 'silent' },
      { reading: 'refused', description: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'in-request-repeat',
    about: 'the same record twice in one request',
    readings: [
      { reading: 'as-resend', description: 'as if it came later', source: 'silent; as across requests' },
      { reading: 'refused', description: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'echoed-identity',
    about: 'the identity in the Results of BatchMeterUsage',
    readings: [
      {
        reading: 'sent',
        description: 'the members that were sent',
        source: "AWS's Sovereign Cloud sample, captured",
      },
      {
        reading: 'both',
        description: 'CustomerIdentifier and CustomerAWSAccountId, except beside a licence',
        source: 'Seller Guide, saas-code-examples; CloudTrail example',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
