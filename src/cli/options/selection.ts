import type { Command } from 'commander';

/** Flags of commands that tell what the ledger has. As typed. */
export type SelectionFlags = {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly customer: string | undefined;
  readonly licence: string | undefined;
  readonly productCode: string | undefined;
  readonly dimension: string | undefined;
  readonly ledger: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
};

/** `byDefault`: what since and until are when they are left out. */
export const addSelectionFlags = (
  command: Command,
  byDefault: { readonly since: string; readonly until: string },
): Command =>
  command
    .optionsGroup('Which records:')
    .option('--since <when>', `from this time on: 2026-11-22, an ISO time, -7d (default: ${byDefault.since})`)
    .option('--until <when>', `before this time (default: ${byDefault.until})`)
    .option('--customer <id>', "the buyer's account, or a customer identifier")
    .option('--license, --licence <arn>', "the buyer's license")
    .option('--product-code <code>', 'the product')
    .option('--dimension <name>', 'the dimension')
    .optionsGroup('Ledger:')
    .option('--ledger <file>', 'the ledger (default: $AMPMETER_LEDGER, or the state folder)')
    .option('--region <region>', 'only what went to this AWS Region')
    .option('--endpoint-url <url>', 'what went to this endpoint instead of AWS, for example an emulator');

/** What Commander makes of them. */
export type RawSelection = { readonly [Name in keyof SelectionFlags]?: string };

export const selectionFlags = (raw: RawSelection): SelectionFlags => ({
  since: raw.since,
  until: raw.until,
  customer: raw.customer,
  licence: raw.licence,
  productCode: raw.productCode,
  dimension: raw.dimension,
  ledger: raw.ledger,
  region: raw.region,
  endpointUrl: raw.endpointUrl,
});
