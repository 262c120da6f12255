import { connectionFlags, type Flag, flagWords, unlessDefault } from '../../cli/shell-words.ts';
import { durationText, isoSeconds } from '../../usage/hours.ts';
import { quoted } from '../../usage/shell-word.ts';
import type { Inputs } from '../../usage/wire.ts';
import { DEFAULT_GIVE_UP_AFTER, type MeterOptions } from './options.ts';

/**
 * The shell command that repeats exactly this call, whenever it is run. `isReadOnce`: the allocations came from a pipe
 * or standard input, so the command contains them.
 */
export const repeatMeter = (
  options: MeterOptions,
  input: Inputs['MeterUsage'],
  isReadOnce: boolean,
): string => {
  const flags: readonly Flag[] = [
    ['--product-code', options.productCode],
    ['--dimension', options.dimension],
    ['--quantity', options.quantity],
    ['--round', options.round],
    ['--timestamp', isoSeconds(input.Timestamp)],
    ['--client-token', input.ClientToken],
    ...options.allocation.map(text => ['--allocation', text] as const),
    ['--allocations', isReadOnce ? '-' : options.allocations],
    ['--allow-null-text', options.allowNullText],
    ...connectionFlags(options),
    ['--give-up-after', unlessDefault(durationText(options.giveUpAfterMs), DEFAULT_GIVE_UP_AFTER)],
    ['--output', unlessDefault(options.output, 'table')],
    ['--color', unlessDefault(options.color, 'auto')],
    ['--debug', options.debug],
  ];
  const command = ['ampmeter meter', ...flagWords(flags)].join(' ');
  return isReadOnce ? `printf %s ${quoted(JSON.stringify(input.UsageAllocations))} | ${command}` : command;
};
