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
    readonly Resource: '*';
  }[];
};

/** The smallest policy that lets an identity run these commands. The actions have no resources, so the resource is `*`. */
export const policyFor = (commands: readonly Permitted[]): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: commands.flatMap(command => ACTIONS[command]), Resource: '*' }],
});

/** What a seller's own program needs: report usage and identify buyers. */
export const SELLER: readonly Permitted[] = ['batch', 'resolve'];
