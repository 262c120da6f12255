import type { Behaviour } from './behaviour.ts';

/** How records are recognized as duplicates, and what BatchMeterUsage replies about them. */
export const DEDUPLICATION = [
  {
    name: 'identical-resend',
    about: 'a billed record of BatchMeterUsage that is sent again unchanged',
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
        description: 'the id of the first record',
        source: 'silent; as MeterUsage documents it',
      },
      { reading: 'new', description: 'a new id each time', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'result-id',
    about: 'MeteringRecordId in results other than Success',
    readings: [
      { reading: 'absent', description: 'no id', source: 'service model: the member is optional' },
      { reading: 'present', description: 'a new id', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'dedup-time',
    about: 'which time identifies a record of BatchMeterUsage',
    readings: [
      { reading: 'hour', description: 'its UTC hour', source: 'Seller Guide, metering-for-usage' },
      {
        reading: 'exact',
        description: 'its exact timestamp',
        source: 'API reference, UsageRecordResult: "time"; read this way by moto',
      },
    ],
  },
  {
    name: 'dedup-region',
    about: 'where a record of BatchMeterUsage is recognized',
    readings: [
      { reading: 'each', description: 'each Region has its own records', source: "AWS's agent skill" },
      { reading: 'all', description: 'all Regions share their records', source: 'API reference: silent' },
    ],
  },
  {
    name: 'dedup-allocations',
    about: 'the same quantity sent again with other allocations',
    readings: [
      {
        reading: 'compared',
        description: 'a different record',
        source: 'API reference: "identical" requests',
      },
      {
        reading: 'ignored',
        description: 'the same record',
        source: 'API reference, UsageRecordResult: only the quantity is mentioned',
      },
    ],
  },
  {
    name: 'in-request-conflict',
    about: 'different quantities for one customer, dimension and hour in one request',
    readings: [
      {
        reading: 'first-wins',
        description: 'DuplicateRecord for the second',
        source: 'silent; as across requests',
      },
      { reading: 'last-wins', description: 'DuplicateRecord for the first', source: 'silent' },
      { reading: 'refused', description: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'in-request-repeat',
    about: 'the same record twice in one request',
    readings: [
      {
        reading: 'as-resend',
        description: 'treated like a later request',
        source: 'silent; as across requests',
      },
      { reading: 'refused', description: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'echoed-identity',
    about: 'the identity in the Results of BatchMeterUsage',
    readings: [
      {
        reading: 'sent',
        description: 'the members that the request had',
        source: "AWS's Sovereign Cloud sample, captured",
      },
      {
        reading: 'both',
        description: 'CustomerIdentifier and CustomerAWSAccountId, except with a license',
        source: 'Seller Guide, saas-code-examples; CloudTrail example',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
