import { HEARTBEAT_MODE, type Heartbeat } from '../commands/batch/heartbeat.ts';
import type { BatchOptions } from '../commands/batch/options.ts';
import { InputError, UsageError } from '../errors.ts';
import { type OutputFile, openOutput, UnwritableError } from '../files/output-file.ts';
import { claimStreams, createRegister, fileOf, type Register } from '../files/register.ts';
import { ledgerFiles } from '../ledger/own-files.ts';
import type { World } from '../world.ts';

/** The ledger with its companion files. Throws UsageError if the path is already used for something else. */
export const claimLedger = async (register: Register, path: string): Promise<void> => {
  const [ledger = path, ...others] = ledgerFiles(path);
  const other = await register.claim(ledger, 'the ledger');
  if (other !== undefined)
    throw new UsageError(`the ledger ${path} is already used as ${other}`, 'name another with --ledger');
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

/** All paths that an upload names. */
export type Paths = {
  readonly register: Register;
  readonly results: OutputFile | undefined;
  readonly rejects: OutputFile | undefined;
  /** Also undefined if it cannot be written: the run goes on without it. */
  readonly heartbeat: OutputFile | undefined;
  /** Why the heartbeat cannot be written. */
  readonly heartbeatTrouble: string | undefined;
  readonly close: () => void;
};

/** Claims and tries the paths before anything is read. Throws UsageError, or InputError for a file that is passed twice. */
export const claimPaths = async (
  { files, results, rejects, caBundle }: BatchOptions,
  ledger: string | undefined,
  heartbeat: Heartbeat | undefined,
  world: Pick<World, 'env' | 'sleep' | 'stop' | 'abandon'>,
): Promise<Paths> => {
  const register = createRegister();
  for (const path of files) {
    if ((await claimInput(register, path)) !== undefined)
      throw new InputError(`${path} was passed twice`, 'name each file once');
  }
  if (ledger !== undefined) await claimLedger(register, ledger);
  await claimSettings(register, caBundle, world.env);
  await claimStreams(register);
  const opened: OutputFile[] = [];
  const close = (): void => {
    for (const output of opened) output.close();
  };
  const open = async (flag: string, path: string | undefined, mode?: number) => {
    if (path === undefined) return undefined;
    const output = await openOutput(register, { flag, path, ...(mode !== undefined && { mode }) }, world);
    opened.push(output);
    return output;
  };
  try {
    const ofResults = await open('--results', results);
    const ofRejects = await open('--rejects', typeof rejects === 'string' ? rejects : undefined);
    let heartbeatTrouble: string | undefined;
    const path = heartbeat?.kind === 'file' ? heartbeat.path : undefined;
    const ofHeartbeat = await open('--heartbeat', path, HEARTBEAT_MODE).catch((error: unknown) => {
      if (!(error instanceof UnwritableError)) throw error;
      heartbeatTrouble = error.message;
      return undefined;
    });
    return {
      register,
      results: ofResults,
      rejects: ofRejects,
      heartbeat: ofHeartbeat,
      heartbeatTrouble,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};
