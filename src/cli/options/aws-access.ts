import { type Command, Option } from 'commander';
import { parseDuration } from './time.ts';

/** How AWS is reached. */
export type AwsAccess = {
  readonly profile: string | undefined;
  readonly dualStack: boolean;
  readonly fips: boolean;
  /** A file of certificate authorities. */
  readonly caBundle: string | undefined;
  readonly giveUpAfterMs: number;
};

/** For commands that ask about agreements with the flag `purpose`, as typed, and otherwise need no credentials. */
export const addAgreementAccess = (command: Command, purpose: string): Command =>
  command
    .optionsGroup('Agreements:')
    .option(
      '--profile <name>',
      `AWS profile to read endpoint_url from, and credentials for ${purpose} or a table`,
    )
    .option('--dual-stack', `use the endpoints that support IPv6, for ${purpose} or a table`)
    .option('--fips', `use the FIPS endpoints, for ${purpose} or a table`)
    .option('--ca-bundle <file>', `${CA_BUNDLE}, for ${purpose} or a table`)
    .addOption(giveUpAfterFlag('1m'));

/** For commands that call nothing but a ledger that is a table. */
export const addTableAccess = (command: Command): Command =>
  command
    .optionsGroup('Table:')
    .option('--profile <name>', 'AWS profile to read credentials and Region from, for a table')
    .option('--dual-stack', 'use the endpoint that supports IPv6, for a table')
    .option('--fips', 'use the FIPS endpoint, for a table')
    .option('--ca-bundle <file>', `${CA_BUNDLE}, for a table`)
    .addOption(giveUpAfterFlag('1m'));

export const CA_BUNDLE = 'trust only the certificate authorities in this PEM file';

/** `byDefault` as it is typed. */
export const giveUpAfterFlag = (byDefault: string): Option =>
  new Option(
    '--give-up-after <time>',
    'stop retrying a request after this time (90s, 30m); sooner if the endpoint is unreachable',
  )
    .argParser(parseDuration)
    .default(parseDuration(byDefault), byDefault);

/** The same as Commander gives it. */
export type RawAwsAccess = {
  profile?: string;
  dualStack?: boolean;
  fips?: boolean;
  caBundle?: string;
  giveUpAfter: number;
};

export const awsAccess = (raw: RawAwsAccess): AwsAccess => ({
  profile: raw.profile,
  dualStack: raw.dualStack ?? false,
  fips: raw.fips ?? false,
  caBundle: raw.caBundle,
  giveUpAfterMs: raw.giveUpAfter,
});
