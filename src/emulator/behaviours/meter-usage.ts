import type { Behaviour } from './behaviour.ts';

/** MeterUsage: duplicates, ClientToken, dry runs and permissions. */
export const METER_USAGE = [
  {
    name: 'meter-usage',
    about: 'how MeterUsage recognises usage',
    readings: [
      {
        reading: 'hourly',
        description: 'by hour, as on EC2, ECS and EKS',
        source: 'API reference, MeterUsage',
      },
      {
        reading: 'agentcore',
        description: 'by ClientToken, which is needed, as on AgentCore Runtime',
        source: 'API reference, MeterUsage',
      },
    ],
  },
  {
    name: 'new-client-token',
    about: 'the same usage in MeterUsage again, with another ClientToken',
    readings: [
      { reading: 'same', description: 'the same MeteringRecordId', source: 'silent; the hour counts' },
      {
        reading: 'duplicate',
        description: 'DuplicateRequestException',
        source: 'silent; the requests are not "identical"',
      },
    ],
  },
  {
    name: 'idempotency-conflict-status',
    about: 'the status of IdempotencyConflictException',
    readings: [
      { reading: '400', description: 'as of all the others', source: 'API reference, MeterUsage' },
      { reading: '409', description: 'HTTP for a conflict', source: "schema of AWS's JavaScript client" },
    ],
  },
  {
    name: 'dry-run',
    about: 'a dry run of MeterUsage that is permitted',
    readings: [
      {
        reading: 'id',
        description: 'status 200 and MeteringRecordId DryRunOperation',
        source: "seen by CloudQuery; AWS's container sample",
      },
      { reading: 'error', description: 'the error DryRunOperation', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'dry-run-checks',
    about: 'what a dry run of MeterUsage looks at',
    readings: [
      {
        reading: 'all',
        description: 'product, time, dimension and allocations',
        source: "AWS's container sample",
      },
      { reading: 'permission', description: 'the permission only', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'dry-run-denied',
    about: 'a dry run of MeterUsage without permission (with a catalog)',
    readings: [
      {
        reading: 'access-denied',
        description: 'AccessDeniedException',
        source: 'silent; IAM, for all calls',
      },
      {
        reading: 'unauthorized',
        description: 'UnauthorizedException',
        source: 'service model, text of DryRun',
      },
    ],
  },
  {
    name: 'access-denied-status',
    about: 'the status of a call without permission (with a catalog)',
    readings: [
      { reading: '400', description: 'as of all the others', source: 'AWS JSON services' },
      { reading: '403', description: 'HTTP for it', source: "AWS's common errors" },
    ],
  },
] as const satisfies readonly Behaviour[];
