import { claimInput, claimLedger, claimSettings } from '../../cli/claim-paths.ts';
import { InputError, UsageError } from '../../errors.ts';
import { type OutputFile, openOutput, UnwritableError } from '../../files/output-file.ts';
import { claimStreams, createRegister, type Register } from '../../files/register.ts';
import type { World } from '../../world.ts';
import { type AskedHeartbeat, HEARTBEAT_MODE, type HeartbeatFlag } from './heartbeat.ts';
import { keptListOf } from './kept-list.ts';
import type { BatchOptions } from './options.ts';

/** All paths that an upload names. */
export type Paths = {
  readonly register: Register;
  readonly results: OutputFile | undefined;
  readonly rejects: OutputFile | undefined;
  /** Without those that cannot be written: the run goes on without them. */
  readonly heartbeats: ReadonlyMap<HeartbeatFlag, OutputFile>;
  /** Why a heartbeat cannot be written. */
  readonly heartbeatTroubles: readonly string[];
  readonly close: () => void;
};

/** Endings of other formats: a program that reads the results by their name would fail. */
const NEITHER = /\.(json|gz)$/i;

/** Claims and tries the paths before anything is read. Throws UsageError, or InputError for a file that is passed twice. */
export const claimPaths = async (
  { files, results, rejects, caBundle }: BatchOptions,
  ledger: string | undefined,
  asked: readonly AskedHeartbeat[],
  world: Pick<World, 'env' | 'sleep' | 'stop' | 'abandon'>,
): Promise<Paths> => {
  const register = createRegister();
  for (const path of files) {
    if ((await claimInput(register, path)) !== undefined)
      throw new InputError(`${path} was passed twice`, 'pass each file once');
  }
  if (ledger !== undefined) {
    await claimLedger(register, ledger);
    await register.claim(keptListOf(ledger), 'the list of dimensions next to the ledger');
  }
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
    if (results !== undefined && NEITHER.test(results))
      throw new UsageError(
        `--results: ${results} is no name for CSV or JSON Lines, which the results are`,
        'use a name that ends in .csv or .jsonl',
      );
    const ofRejects = await open('--rejects', typeof rejects === 'string' ? rejects : undefined);
    const heartbeats = new Map<HeartbeatFlag, OutputFile>();
    const heartbeatTroubles: string[] = [];
    for (const { flag, heartbeat } of asked) {
      if (heartbeat.kind !== 'file') continue;
      const output = await open(flag, heartbeat.path, HEARTBEAT_MODE).catch((error: unknown) => {
        if (!(error instanceof UnwritableError)) throw error;
        heartbeatTroubles.push(error.message);
        return undefined;
      });
      if (output !== undefined) heartbeats.set(flag, output);
    }
    return {
      register,
      results: ofResults,
      rejects: ofRejects,
      heartbeats,
      heartbeatTroubles,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};
