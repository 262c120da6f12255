import { problemMembers } from '../render/text/outcomes.ts';
import { problemsText } from '../render/text/problems.ts';
import type { Terminal } from '../render/text/terminal.ts';
import type { Problem } from '../usage/row.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/output.ts';

/** Writes what is wrong with an input file, to be followed by the error that ends the command. `total`: with those not kept. */
export const writeProblems = async (
  problems: readonly Problem[],
  total: number,
  { output }: Pick<OutputFlags, 'output'>,
  { stderr }: Pick<World, 'stderr'>,
  { err: paint, errWidth: width, symbols }: Terminal,
): Promise<void> => {
  if (output === 'table') {
    await stderr.write(problemsText({ problems, total, width, paint, cutMark: symbols.cut }));
    return;
  }
  for (const problem of problems)
    await stderr.write(`${JSON.stringify({ type: 'problem', ...problemMembers(problem) })}\n`);
};
