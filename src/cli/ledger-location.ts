import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where the ledger is when no flag says: AMPMETER_LEDGER, else the place the platform has for the state of programs
 * (XDG Base Directory; a relative XDG_STATE_HOME counts as unset, as the specification says).
 */
export const ledgerPath = (
  flag: string | undefined,
  { env, platform }: Pick<World, 'env' | 'platform'>,
): string => {
  const named = flag ?? (env['AMPMETER_LEDGER'] || undefined);
  if (named !== undefined) return named;
  const state = stateFolder(env, platform);
  if (state === undefined) {
    throw new UsageError(
      'there is no home directory to keep the ledger in',
      'name a file with --ledger, or set AMPMETER_LEDGER',
    );
  }
  return `${state}/ampmeter/ledger.db`;
};

const stateFolder = (env: Env, platform: NodeJS.Platform): string | undefined => {
  const xdg = env['XDG_STATE_HOME'];
  if (xdg?.startsWith('/')) return xdg;
  if (platform === 'win32') return env['LOCALAPPDATA'];
  const home = env['HOME'];
  if (!home) return undefined;
  return platform === 'darwin' ? `${home}/Library/Application Support` : `${home}/.local/state`;
};
