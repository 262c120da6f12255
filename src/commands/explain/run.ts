import { EXIT_CODE_EXPLANATIONS } from '../../cli/exit-codes.ts';
import { guessNames } from '../../cli/suggest.ts';
import { UsageError } from '../../errors.ts';
import type { Explanation } from '../../render/explanations/explanation.ts';
import { EXPLANATIONS, explanationsOf } from '../../render/explanations/find.ts';
import { explanationsJson, explanationsTable, explanationText } from '../../render/text/explain.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { ExplainOptions } from './options.ts';

/** Everything that can be explained. */
export const EXPLAINED: readonly Explanation[] = [...EXPLANATIONS, ...EXIT_CODE_EXPLANATIONS];

export const runExplain = async (
  { name, output, color }: ExplainOptions,
  world: Pick<World, 'env' | 'stdout' | 'stderr'>,
): Promise<number> => {
  const terminal = terminalFor(world, color);
  const found = name === undefined ? EXPLAINED : explanationsOf(name, EXPLAINED);
  if (name !== undefined && found.length === 0) throw unknownName(name);
  if (output !== 'table') await world.stdout.write(explanationsJson(found, output));
  else if (name === undefined) await world.stdout.write(explanationsTable(found, terminal));
  else {
    const texts = found.map(explanation => explanationText(explanation, terminal.out, terminal.width));
    await world.stdout.write(texts.join('\n'));
  }
  return 0;
};

const unknownName = (name: string): UsageError => {
  const names = EXPLAINED.flatMap(explanation => [explanation.name, ...(explanation.also ?? [])]);
  const guesses = guessNames(name, names);
  const suggestion = guesses.length === 0 ? '' : `did you mean ${guesses.join(' or ')}? `;
  return new UsageError(
    `unknown error, status, word or exit code: "${name}"`,
    `${suggestion}run ampmeter explain to list all`,
  );
};
