import { type Command, Option } from 'commander';
import type { ConnectionFlags } from '../../metering/destination.ts';
import { addOutputFlags, type OutputFlags, outputFlags, type RawOutputFlags } from './output.ts';
import { parseDuration } from './time.ts';

/** The flags of commands that call the service. */
export type ServiceFlags = OutputFlags &
  ConnectionFlags & {
    readonly local: boolean;
    readonly showRequest: boolean;
    /** A file of certificate authorities. */
    readonly caBundle: string | undefined;
    readonly giveUpAfterMs: number;
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
    .option('--ca-bundle <file>', 'trust only the certificate authorities in this PEM file')
    .addOption(giveUpAfterFlag(giveUpAfter));

/** `byDefault` as it is typed. */
export const giveUpAfterFlag = (byDefault: string): Option =>
  new Option(
    '--give-up-after <time>',
    'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable',
  )
    .argParser(parseDuration)
    .default(parseDuration(byDefault), byDefault);

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
type RawServiceFlags = RawOutputFlags & {
  profile?: string;
  region?: string;
  endpointUrl?: string;
  dualStack?: boolean;
  fips?: boolean;
  local?: boolean;
  showRequest?: boolean;
  caBundle?: string;
  giveUpAfter: number;
};

export const serviceFlags = (raw: RawServiceFlags): ServiceFlags => ({
  ...outputFlags(raw),
  profile: raw.profile,
  region: raw.region,
  endpointUrl: raw.endpointUrl,
  dualStack: raw.dualStack ?? false,
  fips: raw.fips ?? false,
  local: raw.local ?? false,
  showRequest: raw.showRequest ?? false,
  caBundle: raw.caBundle,
  giveUpAfterMs: raw.giveUpAfter,
});
