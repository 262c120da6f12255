import type { Behaviour } from './behaviour.ts';

/** How old usage may be, and how far in the future. */
export const WINDOWS = [
  {
    name: 'batch-window',
    about: 'how old usage in BatchMeterUsage may be',
    readings: [
      {
        reading: '24h',
        description: '24 hours, and for the previous month until 06:00 UTC on the 1st',
        source: 'API reference since July 2026',
      },
      {
        reading: '24h-from-hour',
        description: 'the same, counted from the start of the current hour',
        source: 'silent; observed by Red Hat when the limit was 6 hours',
      },
      {
        reading: '6h',
        description: '6 hours',
        source: 'documentation for China and .NET; API reference until June 2026',
      },
      {
        reading: '6h-from-hour',
        description: '6 hours, counted from the start of the current hour',
        source: 'Red Hat, rhsm-subscriptions, pull request 2641',
      },
      { reading: '1h', description: '1 hour', source: 'Seller Guide, saas-code-examples' },
    ],
  },
  {
    name: 'meter-window',
    about: 'how old usage in MeterUsage may be',
    readings: [
      { reading: '6h', description: '6 hours', source: 'API reference, MeterUsage' },
      {
        reading: '6h-from-hour',
        description: '6 hours, counted from the start of the current hour',
        source: 'silent; observed by Red Hat for BatchMeterUsage',
      },
    ],
  },
  {
    name: 'future',
    about: 'usage in the future',
    readings: [
      { reading: 'refused', description: 'TimestampOutOfBoundsException', source: "AWS's agent skill" },
      {
        reading: '5m',
        description: 'accepted up to five minutes ahead of the clock',
        source: 'silent; the usual difference between clocks',
      },
      { reading: 'this-hour', description: 'accepted within the current hour', source: 'silent' },
      {
        reading: 'accepted',
        description: 'always accepted',
        source: 'API reference: mentions old usage only',
      },
    ],
  },
] as const satisfies readonly Behaviour[];
