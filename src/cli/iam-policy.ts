import { ACTIONS as TABLE_ACTIONS } from '../dynamodb/schema.ts';

/** The IAM actions of each command. Source: Service Authorization Reference; the prefix is aws-marketplace. */
const ACTIONS = {
  batch: ['aws-marketplace:BatchMeterUsage'],
  resolve: ['aws-marketplace:ResolveCustomer'],
  meter: ['aws-marketplace:MeterUsage'],
  register: ['aws-marketplace:RegisterUsage'],
  reconcile: ['cloudtrail:LookupEvents'],
  subscribers: [
    'aws-marketplace:SearchAgreements',
    'aws-marketplace:GetAgreementTerms',
    'aws-marketplace:ListEntities',
    'aws-marketplace:DescribeEntity',
  ],
} as const;

type Permitted = keyof typeof ACTIONS;

export type Policy = {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string;
  }[];
};

/** The smallest policy that lets an identity run these commands. The actions have no resources, so the resource is `*`. */
export const policyFor = (commands: readonly Permitted[]): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: commands.flatMap(command => ACTIONS[command]), Resource: '*' }],
});

/** What a seller's own program needs: report usage and identify buyers. */
export const SELLER: readonly Permitted[] = ['batch', 'resolve'];

/** A table that a policy allows. */
export type TableResource = { readonly table: string; readonly region: string };

/**
 * The smallest policies for a ledger in a table: to run uploads, to read, and to create. `*` stands for the account: a policy
 * allows nothing in another one.
 */
export const tablePolicies = ({
  table,
  region,
}: TableResource): Readonly<Record<keyof typeof TABLE_ACTIONS, Policy>> => {
  const Resource = `arn:${partitionNameOf(region)}:dynamodb:${region}:*:table/${table}`;
  const allow = (what: keyof typeof TABLE_ACTIONS): Policy => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: TABLE_ACTIONS[what], Resource }],
  });
  return { run: allow('run'), read: allow('read'), create: allow('create') };
};

/** As in ARNs. Source: AWS General Reference, "Amazon Resource Names"; partitions.json of botocore. */
const partitionNameOf = (region: string): string =>
  PARTITION_NAMES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';

const PARTITION_NAMES = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['us-iso-', 'aws-iso'],
  ['eu-isoe-', 'aws-iso-e'],
] as const;
