import { callOnce } from '../../cli/connection/call-once.ts';
import { readText } from '../../cli/read-file.ts';
import { UsageError } from '../../errors.ts';
import { renderMembers } from '../../render/text/members.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { ResolveOptions } from './options.ts';
import { decodeToken, type TokenSource } from './token.ts';

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
    throw new UsageError('use the token or --token-file, not both');
  const file = token === '-' ? token : tokenFile;
  if (file !== undefined) return { text: await readText(file, world), source: 'file' };
  if (token !== undefined) return { text: token, source: 'argument' };
  throw new UsageError(
    'no registration token',
    'pass the x-amzn-marketplace-token that the buyer\'s browser posted, as in ampmeter resolve "$TOKEN"; - reads it from standard input',
  );
};
