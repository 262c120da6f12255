import type { Command } from 'commander';

/** The flags of commands that read the ledger, as typed. */
export type SelectionFlags = {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly customer: string | undefined;
  readonly license: string | undefined;
  readonly productCode: string | undefined;
  readonly dimension: string | undefined;
  readonly ledger: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
};

/** `byDefault`: what `since` and `until` are when they are left out. */
export const addSelectionFlags = (
  command: Command,
  byDefault: { readonly since: string; readonly until: string },
): Command =>
  command
    .optionsGroup('Which records:')
    .option(
      '--since <when>',
      `usage from this time on: 2026-11-22, an ISO time, -7d (default: ${byDefault.since})`,
    )
    .option('--until <when>', `usage before this time (default: ${byDefault.until})`)
    .option('--customer <id>', "the buyer's AWS account id or customer identifier")
    .option('--license, --licence <arn>', "the buyer's license")
    .option('--product-code <code>', 'the product')
    .option('--dimension <name>', 'the dimension')
    .optionsGroup('Ledger:')
    .option(
      '--ledger <file>',
      'the ledger: a file, or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
    )
    .option('--region <region>', 'only records sent to this AWS Region')
    .option('--endpoint-url <url>', 'records sent to this endpoint instead of AWS, for example an emulator');

/** The same as Commander gives them: a flag with two names by its last one. */
type RawSelection = { readonly [Name in Exclude<keyof SelectionFlags, 'license'> | 'licence']?: string };

export const selectionFlags = (raw: RawSelection): SelectionFlags => ({
  since: raw.since,
  until: raw.until,
  customer: raw.customer,
  license: raw.licence,
  productCode: raw.productCode,
  dimension: raw.dimension,
  ledger: raw.ledger,
  region: raw.region,
  endpointUrl: raw.endpointUrl,
});
