import type { Command } from 'commander';
import { giveUpAfterFlag } from './connection.ts';

/** How to reach the APIs about agreements, for commands that otherwise need no credentials. */
export type AgreementAccess = {
  readonly profile: string | undefined;
  readonly dualStack: boolean;
  readonly fips: boolean;
  /** A file of certificate authorities. */
  readonly caBundle: string | undefined;
  readonly giveUpAfterMs: number;
};

/** `purpose`: the flag that these need, as typed, unless the ledger is a table. */
export const addAgreementAccess = (command: Command, purpose: string): Command =>
  command
    .optionsGroup('Agreements:')
    .option('--profile <name>', `AWS profile to read credentials from, for ${purpose} or a table`)
    .option('--dual-stack', `use the endpoints that support IPv6, for ${purpose} or a table`)
    .option('--fips', `use the FIPS endpoints, for ${purpose} or a table`)
    .option(
      '--ca-bundle <file>',
      `trust only the certificate authorities in this PEM file, for ${purpose} or a table`,
    )
    .addOption(giveUpAfterFlag('1m'));

/** The same as Commander gives them. */
type RawAgreementAccess = {
  profile?: string;
  dualStack?: boolean;
  fips?: boolean;
  caBundle?: string;
  giveUpAfter: number;
};

export const agreementAccess = (raw: RawAgreementAccess): AgreementAccess => ({
  profile: raw.profile,
  dualStack: raw.dualStack ?? false,
  fips: raw.fips ?? false,
  caBundle: raw.caBundle,
  giveUpAfterMs: raw.giveUpAfter,
});
