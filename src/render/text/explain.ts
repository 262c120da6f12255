import type { Explanation } from '../explanations/explanation.ts';
import type { OutputFormat } from './members.ts';
import type { Paint } from './style.ts';
import { type Cell, type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { PROSE_WIDTH, wrap } from './width.ts';

/** For scripts: a document for each name, with a type. */
export const explanationsJson = (explanations: readonly Explanation[], format: OutputFormat): string => {
  const typed = explanations.map(({ before, next, ...rest }) => ({
    type: 'explanation',
    ...rest,
    next: nextText(next, before),
  }));
  return format === 'json'
    ? `${JSON.stringify(typed, null, 2)}\n`
    : typed.map(explanation => `${JSON.stringify(explanation)}\n`).join('');
};

/** A call of meter is the same call only with the time and the client token of the first one. */
const nextText = (next: string, before: string | undefined): string =>
  before === undefined ? next : `${next}; meter prints the command to run`;

const LABEL = 'unclear: '.length;

/** One name in full: meaning, causes, next step. */
export const explanationText = (
  explanation: Explanation,
  paint: Paint,
  columns: number | undefined,
): string => {
  const width = Math.min(columns ?? PROSE_WIDTH, PROSE_WIDTH);
  const { name, also = [], kind, means, why, next, before, unsaid, link } = explanation;
  const others = also.filter(name => !next.includes(name));
  const part = (label: string, text: string): string =>
    `  ${paint.dim(`${label}:`.padEnd(LABEL))}${wrap(text, width - 2 - LABEL, ' '.repeat(2 + LABEL))}\n`;
  return [
    `${paint.bold(name)} (${kind})\n`,
    part('means', means),
    ...why.map((cause, place) => (place === 0 ? part('why', cause) : part('or', cause))),
    part('next', nextText(next, before)),
    ...(unsaid === undefined ? [] : [part('unclear', unsaid)]),
    ...(others.length === 0 ? [] : [part('also', others.join(', '))]),
    ...(link === undefined ? [] : [part('see', link)]),
  ].join('');
};

const COLUMNS: readonly Column[] = [
  { title: 'NAME', align: 'left', whenNarrow: 'keep' },
  { title: 'KIND', align: 'left', whenNarrow: 'keep' },
  { title: 'MEANS', align: 'left', whenNarrow: 'cut' },
];

export const explanationsTable = (
  explanations: readonly Explanation[],
  { out, symbols, width }: Pick<Terminal, 'out' | 'symbols' | 'width'>,
): string =>
  renderTable(
    COLUMNS,
    explanations.map(({ name, kind, means }): readonly Cell[] => [
      { text: name, paint: out.bold },
      { text: kind },
      { text: means },
    ]),
    { width, cutMark: symbols.cut, paintTitle: out.dim },
  );
