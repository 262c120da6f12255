import type { Command } from 'commander';
import { callOnce } from '../../cli/connection/call-once.ts';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addServiceFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { readText } from '../../cli/read-file.ts';
import { UsageError } from '../../errors.ts';
import { renderMembers } from '../../render/text/members.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { decodeToken, type TokenSource } from './token.ts';

export type ResolveOptions = ServiceFlags & {
  /** The token as it was given; `-` for standard input. Undefined with `tokenFile`. */
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
};

export const addResolve = (program: Command, run: (options: ResolveOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('resolve')
      .summary("tell who a buyer is from the token of the buyer's visit")
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

export const runResolve = async (options: ResolveOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const { text, source } = await readToken(options, world);
  const input = { RegistrationToken: decodeToken(text, source) };
  const output = await callOnce('ResolveCustomer', input, options, world, terminal);
  if (output === undefined) return 0;
  const { CustomerIdentifier, CustomerAWSAccountId, ProductCode, LicenseArn } = output;
  const members = { CustomerIdentifier, CustomerAWSAccountId, ProductCode, LicenseArn };
  await world.stdout.write(renderMembers(members, options.output, terminal.out));
  return 0;
};

type Given = { readonly text: string; readonly source: TokenSource };

const readToken = async ({ token, tokenFile }: ResolveOptions, world: World): Promise<Given> => {
  if (token !== undefined && tokenFile !== undefined)
    throw new UsageError('give the token or --token-file, not both');
  const file = token === '-' ? token : tokenFile;
  if (file !== undefined) return { text: await readText(file, world), source: 'file' };
  if (token !== undefined) return { text: token, source: 'argument' };
  throw new UsageError(
    'no registration token',
    'pass the x-amzn-marketplace-token that the browser of the buyer posted, as in ampmeter resolve "$TOKEN"; - reads it from standard input',
  );
};
