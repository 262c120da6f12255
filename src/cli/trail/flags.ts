import type { ServiceFlags } from '../options/connection.ts';
import type { OutputFlags } from '../options/output.ts';

/** The flags of a command that reads events of CloudTrail. */
export type TrailFlags = Omit<ServiceFlags, 'output'> & {
  readonly output: OutputFlags['output'] | 'csv';
  /** Files and folders; empty: LookupEvents. */
  readonly cloudTrail: readonly string[];
};

/** The flags in the form of other commands. */
export const serviceOf = <Flags extends TrailFlags>(flags: Flags) => ({
  ...flags,
  output: flags.output === 'csv' ? ('table' as const) : flags.output,
});
