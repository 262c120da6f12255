import type { ApiAllocation } from '../../usage/allocations.ts';
import type { Inputs, Operation } from '../../usage/wire.ts';

/** A request whose body has passed its shape. */
export type Request = { [O in Operation]: { readonly operation: O; readonly input: Inputs[O] } }[Operation];

/** What a request asks for, in one form for all operations: what the checks look at. */
export type RequestFacts = {
  readonly operation: Operation;
  /** Undefined also when it is empty: the model allows both spellings of none. */
  readonly productCode: string | undefined;
  readonly usages: readonly Usage[];
  readonly publicKeyVersion: number | undefined;
  readonly registrationToken: string | undefined;
  /** Nothing is to be recorded. */
  readonly isDryRun: boolean;
};

export type Usage = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly dimension: string;
  readonly quantity: number;
  readonly allocations: readonly ApiAllocation[] | undefined;
  /** Undefined also when it is empty: older models fill it with an empty text. */
  readonly customerIdentifier: string | undefined;
  readonly customerAWSAccountId: string | undefined;
  readonly licenseArn: string | undefined;
};

export const factsOf = (request: Request): RequestFacts => {
  const { operation, input } = request;
  switch (operation) {
    case 'BatchMeterUsage':
      return facts(operation, {
        productCode: nonEmpty(input.ProductCode),
        usages: input.UsageRecords.map(recordUsage),
      });
    case 'MeterUsage':
      return facts(operation, {
        productCode: nonEmpty(input.ProductCode),
        usages: [callUsage(input)],
        isDryRun: input.DryRun === true,
      });
    case 'RegisterUsage':
      return facts(operation, {
        productCode: nonEmpty(input.ProductCode),
        publicKeyVersion: input.PublicKeyVersion,
      });
    case 'ResolveCustomer':
      return facts(operation, { registrationToken: input.RegistrationToken });
    default:
      return operation satisfies never;
  }
};

export const recordUsage = (record: Inputs['BatchMeterUsage']['UsageRecords'][number]): Usage => ({
  at: toMs(record.Timestamp),
  dimension: record.Dimension,
  quantity: record.Quantity ?? 0,
  allocations: record.UsageAllocations,
  customerIdentifier: nonEmpty(record.CustomerIdentifier),
  customerAWSAccountId: record.CustomerAWSAccountId,
  licenseArn: record.LicenseArn,
});

export const callUsage = (input: Inputs['MeterUsage']): Usage => ({
  at: toMs(input.Timestamp),
  dimension: input.UsageDimension,
  quantity: input.UsageQuantity ?? 0,
  allocations: input.UsageAllocations,
  customerIdentifier: undefined,
  customerAWSAccountId: undefined,
  licenseArn: undefined,
});

const facts = (operation: Operation, facts: Partial<Omit<RequestFacts, 'operation'>>): RequestFacts => ({
  operation,
  productCode: undefined,
  usages: [],
  publicKeyVersion: undefined,
  registrationToken: undefined,
  isDryRun: false,
  ...facts,
});

const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/**
 * The millisecond in which it is, as clocks tell it: rounded up, now would be later than now. Seconds with a fraction
 * have no exact binary form, and so are rounded where no clock looks, to the microsecond.
 */
const toMs = (seconds: number): number => Math.floor(Math.round(seconds * 1e6) / 1000);
