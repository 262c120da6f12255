import type { Command } from 'commander';
import type { ConnectionFlags } from '../../metering/destination.ts';
import { type AwsAccess, awsAccess, CA_BUNDLE, giveUpAfterFlag, type RawAwsAccess } from './aws-access.ts';
import { addOutputFlags, type OutputFlags, outputFlags, type RawOutputFlags } from './output.ts';

/** The flags of commands that call the service. */
export type ServiceFlags = OutputFlags &
  AwsAccess &
  ConnectionFlags & {
    readonly local: boolean;
    readonly showRequest: boolean;
    /** Print errors and nothing else. */
    readonly quiet?: boolean;
  };

/** How to reach AWS. `giveUpAfter` is the default, as it is typed. */
export const addConnectionFlags = (command: Command, giveUpAfter: string): Command =>
  command
    .optionsGroup('Connection:')
    .option('--profile <name>', 'AWS profile to read credentials and Region from')
    .option('--region <region>', 'AWS Region to call')
    .option('--endpoint-url <url>', 'call this URL instead of AWS, for example an emulator')
    .option('--dual-stack', 'use the endpoint that supports IPv6')
    .option('--fips', 'use the FIPS endpoint')
    .option('--ca-bundle <file>', CA_BUNDLE)
    .addOption(giveUpAfterFlag(giveUpAfter));

export const addServiceFlags = (command: Command, giveUpAfter: string): Command =>
  addOutputFlags(
    addConnectionFlags(command, giveUpAfter)
      .option('--local', 'call a private emulator on this machine; needs no AWS account, bills nothing')
      .option('--show-request', 'print the signed request as a curl command and send nothing'),
  );

/**
 * The flags above as Commander gives them. Spelled out, because `@commander-js/extra-typings` infers nothing through a
 * function that adds flags to any command.
 */
type RawServiceFlags = RawOutputFlags &
  RawAwsAccess & {
    region?: string;
    endpointUrl?: string;
    local?: boolean;
    showRequest?: boolean;
  };

export const serviceFlags = (raw: RawServiceFlags): ServiceFlags => ({
  ...outputFlags(raw),
  ...awsAccess(raw),
  region: raw.region,
  endpointUrl: raw.endpointUrl,
  local: raw.local ?? false,
  showRequest: raw.showRequest ?? false,
});
