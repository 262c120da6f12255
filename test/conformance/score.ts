import type { Outcome } from './marketplaces.ts';
import type { Row } from './row.ts';
import { SECTIONS } from './rows.ts';

export type Played = { readonly row: Row; readonly outcome: Outcome };

const KINDS = ['passed', 'failed', 'not reachable'] as const;

/** The number of rows of each section that passed, followed by the failures. */
export const scoreText = (played: readonly Played[]): string => {
  const lines = Object.entries(SECTIONS).map(([number, name]) => {
    const own = played.filter(({ row }) => row.section.split('.')[0] === number);
    return line(`${number.padStart(2)}  ${name}`, own);
  });
  const failures = played.flatMap(({ row, outcome }) =>
    outcome.kind === 'failed'
      ? [`${row.section}  ${row.rule}`, `     ${outcome.why}`, `     source: ${row.source}`]
      : [],
  );
  const head = `${'section'.padEnd(WIDTH)}${KINDS.map(kind => kind.padStart(15)).join('')}`;
  const table = [head, ...lines, line('all', played)];
  return `${[...table, ...(failures.length > 0 ? ['', 'Failed:', ...failures] : [])].join('\n')}\n`;
};

const WIDTH = 36;

const line = (name: string, played: readonly Played[]): string => {
  const counts = KINDS.map(kind => played.filter(({ outcome }) => outcome.kind === kind).length);
  return `${name.padEnd(WIDTH)}${counts.map(count => String(count).padStart(15)).join('')}`;
};
