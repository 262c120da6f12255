import type { Command } from 'commander';
import { type AgreementAccess, agreementAccess } from './agreements.ts';
import { giveUpAfterFlag } from './connection.ts';

/** How to reach a ledger that is a table, for commands that call nothing else. */
export type TableAccess = AgreementAccess;

export const addTableAccess = (command: Command): Command =>
  command
    .optionsGroup('Table:')
    .option('--profile <name>', 'AWS profile to read credentials and Region from, for a table')
    .option('--dual-stack', 'use the endpoint that supports IPv6, for a table')
    .option('--fips', 'use the FIPS endpoint, for a table')
    .option('--ca-bundle <file>', 'trust only the certificate authorities in this PEM file, for a table')
    .addOption(giveUpAfterFlag('1m'));

export const tableAccess: (raw: Parameters<typeof agreementAccess>[0]) => TableAccess = agreementAccess;
