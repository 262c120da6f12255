import type { ApiAllocation } from '../../usage/allocations.ts';
import type { EpochMs, EpochSeconds } from '../../usage/hours.ts';
import type { Inputs, Operation } from '../../usage/wire.ts';

/** A request whose body has the shape of its operation. */
export type Request = { [O in Operation]: { readonly operation: O; readonly input: Inputs[O] } }[Operation];

/** The content of a request, in one form for all operations, for the checks. */
export type RequestFacts = {
  readonly operation: Operation;
  /** Also undefined when it is empty, which the model allows too. */
  readonly productCode: string | undefined;
  readonly usages: readonly RequestedUsage[];
  readonly publicKeyVersion: number | undefined;
  readonly registrationToken: string | undefined;
  /** Nothing is recorded. */
  readonly isDryRun: boolean;
};

export type RequestedUsage = {
  readonly at: EpochMs;
  readonly dimension: string;
  readonly quantity: number;
  readonly allocations: readonly ApiAllocation[] | undefined;
  /** Also undefined when it is empty: older models send an empty string. */
  readonly customerIdentifier: string | undefined;
  readonly customerAWSAccountId: string | undefined;
  readonly licenseArn: string | undefined;
};

export const factsOf = (request: Request): RequestFacts => {
  const { operation, input } = request;
  switch (operation) {
    case 'BatchMeterUsage':
      return createFacts(operation, {
        productCode: nonEmpty(input.ProductCode),
        usages: input.UsageRecords.map(recordUsage),
      });
    case 'MeterUsage':
      return createFacts(operation, {
        productCode: nonEmpty(input.ProductCode),
        usages: [callUsage(input)],
        isDryRun: input.DryRun === true,
      });
    case 'RegisterUsage':
      return createFacts(operation, {
        productCode: nonEmpty(input.ProductCode),
        publicKeyVersion: input.PublicKeyVersion,
      });
    case 'ResolveCustomer':
      return createFacts(operation, { registrationToken: input.RegistrationToken });
    default:
      return operation satisfies never;
  }
};

export const recordUsage = (record: Inputs['BatchMeterUsage']['UsageRecords'][number]): RequestedUsage => ({
  at: toMs(record.Timestamp),
  dimension: record.Dimension,
  quantity: record.Quantity ?? 0,
  allocations: record.UsageAllocations,
  customerIdentifier: nonEmpty(record.CustomerIdentifier),
  customerAWSAccountId: record.CustomerAWSAccountId,
  licenseArn: record.LicenseArn,
});

export const callUsage = (input: Inputs['MeterUsage']): RequestedUsage => ({
  at: toMs(input.Timestamp),
  dimension: input.UsageDimension,
  quantity: input.UsageQuantity ?? 0,
  allocations: input.UsageAllocations,
  customerIdentifier: undefined,
  customerAWSAccountId: undefined,
  licenseArn: undefined,
});

const createFacts = (
  operation: Operation,
  facts: Partial<Omit<RequestFacts, 'operation'>>,
): RequestFacts => ({
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
 * Rounded down to the millisecond, like a clock: rounded up, a timestamp of now would be in the future. Fractions of seconds
 * are not exact in binary, so they are rounded to the microsecond first.
 */
const toMs = (seconds: EpochSeconds): EpochMs => Math.floor(Math.round(seconds * 1e6) / 1000);
