import type { Behaviour } from './behaviour.ts';

/** What the input of a request may be, and which error an invalid one gets. */
export const INPUT = [
  {
    name: 'empty-batch',
    about: 'BatchMeterUsage without records',
    readings: [
      { reading: 'accepted', description: 'an empty reply', source: 'service model: 0 to 25 items' },
      { reading: 'refused', description: 'ValidationException', source: 'silent' },
    ],
  },
  {
    name: 'tag-charset',
    about: 'which characters a tag may contain',
    readings: [
      {
        reading: 'range',
        description: 'also all characters from space to =, such as ! and #',
        source: "service model: the pattern's ' -=' is a range",
      },
      {
        reading: 'prose',
        description: 'letters, digits, space and + - = . _ : / \\ @',
        source: 'Seller Guide, metering-for-usage',
      },
    ],
  },
  {
    name: 'empty-tag-value',
    about: 'a tag whose Value is empty or null',
    readings: [
      {
        reading: 'refused',
        description: 'InvalidTagException or ValidationException',
        source: 'service model: required, 1 character or more',
      },
      {
        reading: 'accepted',
        description: 'accepted, even when Value is missing',
        source: 'service model, text of Tag.Value: "can be empty or null"',
      },
    ],
  },
  {
    name: 'tag-limit',
    about: 'how the limit of five tags is counted',
    readings: [
      {
        reading: 'keys',
        description: 'five different keys in all allocations of a record together',
        source: 'Seller Guide: "maximum tags across the UsageAllocation list"',
      },
      {
        reading: 'tags',
        description: 'five tags in all allocations of a record together',
        source: 'the same',
      },
      { reading: 'allocation', description: 'five tags in each allocation', source: 'service model' },
    ],
  },
  {
    name: 'repeated-tag-key',
    about: 'the same tag key twice in one allocation',
    readings: [
      { reading: 'refused', description: 'InvalidUsageAllocationsException', source: 'silent' },
      { reading: 'accepted', description: 'accepted', source: 'silent' },
    ],
  },
  {
    name: 'check-order',
    about: 'which error is reported when a request has several',
    readings: [
      { reading: 'by-check', description: 'the error of the first check that fails', source: 'silent' },
      { reading: 'by-record', description: 'the error of the first invalid record', source: 'silent' },
    ],
  },
  {
    name: 'wrong-type',
    about: 'a member of the wrong type, such as a string or 1.5 for a quantity',
    readings: [
      { reading: 'validation', description: 'ValidationException', source: 'silent; common errors' },
      {
        reading: 'serialization',
        description: 'SerializationException',
        source: 'silent; AWS JSON services',
      },
    ],
  },
  {
    name: 'size-limit',
    about: 'how many bytes "less than 1 MB" are',
    readings: [
      {
        reading: '1000000',
        description: 'fewer than 1,000,000 bytes',
        source: 'silent; API reference, BatchMeterUsage',
      },
      { reading: '1048576', description: 'fewer than 1,048,576 bytes', source: 'silent; the same' },
    ],
  },
  {
    name: 'size-limit-error',
    about: 'the error for a request that is too large',
    readings: [
      { reading: 'validation', description: 'ValidationException', source: 'silent' },
      { reading: '413', description: 'status 413, RequestEntityTooLargeException', source: 'silent; HTTP' },
    ],
  },
] as const satisfies readonly Behaviour[];
