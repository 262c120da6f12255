import {
  BatchMeterUsageCommand,
  MeterUsageCommand,
  RegisterUsageCommand,
  ResolveCustomerCommand,
} from '@aws-sdk/client-marketplace-metering';
import type { Inputs, Operation, WireRecord } from '../../src/usage/wire.ts';

/** An operation with its input in wire format. */
export type WireCall = {
  readonly [O in Operation]: { readonly operation: O; readonly input: Inputs[O] };
}[Operation];

export type AwsCommand =
  | BatchMeterUsageCommand
  | MeterUsageCommand
  | RegisterUsageCommand
  | ResolveCustomerCommand;

/** The call for AWS's client for JavaScript: it accepts timestamps only as dates, not as numbers. */
export const awsCommand = ({ operation, input }: WireCall): AwsCommand => {
  switch (operation) {
    case 'BatchMeterUsage':
      return new BatchMeterUsageCommand({ ...input, UsageRecords: input.UsageRecords.map(dated) });
    case 'MeterUsage':
      return new MeterUsageCommand({ ...input, Timestamp: new Date(input.Timestamp * 1000) });
    case 'RegisterUsage':
      return new RegisterUsageCommand(input);
    case 'ResolveCustomer':
      return new ResolveCustomerCommand(input);
    default:
      return operation satisfies never;
  }
};

const dated = ({ Timestamp, ...others }: WireRecord) => ({
  ...others,
  Timestamp: new Date(Timestamp * 1000),
});
