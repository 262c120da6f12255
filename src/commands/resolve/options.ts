import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addServiceFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';

export type ResolveOptions = ServiceFlags & {
  /** The token as it was typed; `-` for standard input. Undefined with `tokenFile`. */
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
};

export const addResolve = (program: Command, run: (options: ResolveOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('resolve')
      .summary('look up a buyer from a registration token')
      .description(
        "Exchanges a registration token for the buyer's identity and product (ResolveCustomer). " +
          'The token may be raw, URL-encoded, or the whole form that the browser posted.',
      )
      .argument('[token]', 'the registration token, or - to read it from standard input')
      .optionsGroup('Input:')
      .option('--token-file <file>', 'read the token from a file'),
    '30s',
  )
    .addHelpText('after', HELP)
    .action((token: string | undefined, raw) =>
      run({ ...serviceFlags(raw), token, tokenFile: raw.tokenFile }),
    );

const HELP = `
Examples:
  ampmeter resolve "$TOKEN"
  ampmeter resolve --token-file form-body.txt -o json
  ampmeter resolve test_token --local

${exitCodesHelp([0, 1, 2, 3, 5, 6, 7, 130])}`;
