import type { Behaviour } from './behaviour.ts';

/** MeterUsage: duplicates, ClientToken, dry runs and permissions. */
export const METER_USAGE = [
  {
    name: 'meter-usage',
    about: 'how MeterUsage recognizes repeated usage',
    readings: [
      {
        reading: 'hourly',
        description: 'by its hour, as on EC2, ECS and EKS',
        source: 'API reference, MeterUsage',
      },
      {
        reading: 'agentcore',
        description: 'by ClientToken, which is required, as on AgentCore Runtime',
        source: 'API reference, MeterUsage',
      },
    ],
  },
  {
    name: 'new-client-token',
    about: 'the same usage in MeterUsage with another ClientToken',
    readings: [
      { reading: 'same', description: 'the same MeteringRecordId', source: 'silent; decided by the hour' },
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
      { reading: '400', description: 'the same as for other errors', source: 'API reference, MeterUsage' },
      {
        reading: '409',
        description: 'the HTTP status for a conflict',
        source: "schema of AWS's JavaScript client",
      },
    ],
  },
  {
    name: 'dry-run',
    about: 'a dry run of MeterUsage that is permitted',
    readings: [
      {
        reading: 'id',
        description: 'status 200 and MeteringRecordId DryRunOperation',
        source: "observed by CloudQuery; AWS's container sample",
      },
      { reading: 'error', description: 'the error DryRunOperation', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'dry-run-checks',
    about: 'what a dry run of MeterUsage checks',
    readings: [
      {
        reading: 'all',
        description: 'product, time, dimension and allocations',
        source: "AWS's container sample",
      },
      { reading: 'permission', description: 'only the permission', source: 'service model, text of DryRun' },
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
      { reading: '400', description: 'the same as for other errors', source: 'AWS JSON services' },
      {
        reading: '403',
        description: 'the HTTP status for a missing permission',
        source: "AWS's common errors",
      },
    ],
  },
] as const satisfies readonly Behaviour[];
