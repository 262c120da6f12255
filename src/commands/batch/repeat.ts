import { connectionFlags, type Flag, fileWord, flagWords, unlessDefault } from '../../cli/shell-words.ts';
import type { InputFormat } from '../../input/rows.ts';
import { formatOf } from '../../upload/input-files.ts';
import { durationText } from '../../usage/hours.ts';
import { isRelative } from '../../usage/timestamp.ts';
import { type BatchOptions, DEFAULT_CONCURRENCY, DEFAULT_GIVE_UP_AFTER } from './options.ts';

/** The command of this run, ready to be run again with these flags added. */
export const repeatBatch = (options: BatchOptions, added: readonly Flag[]): string =>
  commandOf(options.files, [
    ...inputFlags(options),
    ...added,
    ['--input-format', options.inputFormat],
    ...sendingFlags(options),
    ...ledgerFlags(options),
    ...outputFlags(options),
    ...connectionFlags(options),
    ...trialFlags(options),
  ]);

/**
 * The command that submits a file of rejected rows, once they are corrected: it means the same by its columns, and goes to
 * the same place.
 */
export const submitRejects = (path: string, options: BatchOptions): string =>
  commandOf([path], rejectsFlags(path, options));

/** `; once corrected, submit it with …`; empty if the name of the file is enough. */
export const submitText = (path: string, options: BatchOptions): string =>
  flagWords(rejectsFlags(path, options)).length === 0
    ? ''
    : `; once corrected, submit it with ${submitRejects(path, options)}`;

/** With a relative time, the rows have got a column `timestamp`. */
const rejectsFlags = (path: string, options: BatchOptions): readonly Flag[] => {
  const { timestamp } = options;
  const isStamped = isRelative(timestamp ?? '');
  const meant = { ...options, timestamp: isStamped ? undefined : timestamp, newUsage: false };
  return [
    ...inputFlags(meant),
    ['--input-format', formatOfRejects(path, options)],
    ...ledgerFlags(options),
    ...connectionFlags(options),
    ...trialFlags(options),
  ];
};

/** Rejects are written in the format of the input, whatever their name ends in; undefined where that is what it says. */
const formatOfRejects = (path: string, { files, inputFormat }: BatchOptions): InputFormat | undefined => {
  const [format, ...others] = new Set(
    files.map(file => ((inputFormat ?? formatOf(file)) === 'csv' ? 'csv' : 'jsonl')),
  );
  return format === undefined || others.length > 0 || format === formatOf(path) ? undefined : format;
};

const commandOf = (files: readonly string[], flags: readonly Flag[]): string =>
  ['ampmeter batch', ...files.map(file => (file === '-' ? file : fileWord(file))), ...flagWords(flags)].join(
    ' ',
  );

const inputFlags = (options: BatchOptions): readonly Flag[] => [
  ...Array.from(options.map, ([column, name]) => ['--map', `${column}=${name}`] as const),
  ['--product-code', options.productCode],
  ['--timestamp', options.timestamp],
  ['--new-usage', options.newUsage],
  ['--timezone', options.timezone],
  ['--timestamp-format', unlessDefault(options.timestampFormat, 'auto')],
  ['--delimiter', options.delimiter === '\t' ? 'tab' : options.delimiter],
  ['--merge', unlessDefault(options.merge, 'none')],
  ['--round', options.round],
  ['--late', unlessDefault(options.late, 'conflict')],
  ['--skip-invalid', options.skipInvalid],
  ['--allow-empty', options.allowEmpty],
  ['--allow-round-accounts', options.allowRoundAccounts],
  ['--allow-null-text', options.allowNullText],
  ['--check-dimensions', options.checkDimensions],
];

const sendingFlags = ({ dryRun, rate, concurrency, giveUpAfterMs }: BatchOptions): readonly Flag[] => [
  ['--dry-run', dryRun],
  ['--rate', rate?.toString()],
  ['--concurrency', unlessDefault(String(concurrency), String(DEFAULT_CONCURRENCY))],
  ['--give-up-after', unlessDefault(durationText(giveUpAfterMs), DEFAULT_GIVE_UP_AFTER)],
];

const ledgerFlags = ({ ledger, skipOpen, waitMs }: BatchOptions): readonly Flag[] => [
  ['--ledger', ledger],
  ['--no-ledger', ledger === false],
  ['--skip-open', skipOpen],
  ['--wait', waitMs === 0 ? undefined : durationText(waitMs)],
];

const outputFlags = (options: BatchOptions): readonly Flag[] => [
  ['--results', options.results],
  ['--rejects', options.rejects],
  ['--no-rejects', options.rejects === false],
  ['--quiet', options.quiet],
  ['--known-problems', unlessDefault(options.knownProblems, 'report')],
  ['--problems-only', options.problemsOnly],
  ['--heartbeat', options.heartbeat],
  ['--heartbeat-end', options.heartbeatEnd],
  ['--output', unlessDefault(options.output, 'table')],
  ['--color', unlessDefault(options.color, 'auto')],
  ['--debug', options.debug],
];

const trialFlags = ({ local, showRequest }: BatchOptions): readonly Flag[] => [
  ['--local', local],
  ['--show-request', showRequest],
];
