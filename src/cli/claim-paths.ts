import { UsageError } from '../errors.ts';
import { fileOf, type Register } from '../files/register.ts';
import { ledgerFiles } from '../ledger/own-files.ts';
import type { World } from '../world.ts';

/** The ledger with its companion files. Throws UsageError if the path is already used for something else. */
export const claimLedger = async (register: Register, path: string): Promise<void> => {
  const [ledger = path, ...others] = ledgerFiles(path);
  const other = await register.claim(ledger, 'the ledger');
  if (other !== undefined)
    throw new UsageError(`the ledger ${path} is already used as ${other}`, 'choose another with --ledger');
  for (const file of others) await register.claim(file, 'a file of the ledger');
};

/** A file that is read. Gives its role if it is already claimed. */
export const claimInput = (register: Register, path: string): Promise<string | undefined> =>
  register.claim(path === '-' ? '/dev/stdin' : path, 'an input');

/** Files that settings name, or that AWS's own tools read by default: they must not be overwritten. */
export const claimSettings = async (
  register: Register,
  caBundle: string | undefined,
  env: World['env'],
): Promise<void> => {
  const home = env['HOME'] || env['USERPROFILE'];
  const own = (name: string): string | undefined => home && `${home}/.aws/${name}`;
  for (const [path, role] of [
    [caBundle, fileOf('--ca-bundle')],
    [env['AWS_CA_BUNDLE'], fileOf('AWS_CA_BUNDLE')],
    [env['NODE_EXTRA_CA_CERTS'], fileOf('NODE_EXTRA_CA_CERTS')],
    [env['AWS_SHARED_CREDENTIALS_FILE'] || own('credentials'), 'the AWS credentials file'],
    [env['AWS_CONFIG_FILE'] || own('config'), 'the AWS config file'],
    [env['AWS_WEB_IDENTITY_TOKEN_FILE'], fileOf('AWS_WEB_IDENTITY_TOKEN_FILE')],
    [env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'], fileOf('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')],
  ] as const)
    if (path) await register.claim(path, role);
};
