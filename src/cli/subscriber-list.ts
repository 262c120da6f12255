import { InputError } from '../errors.ts';
import { type InputProblem, isProblem, type UploadHelp } from '../input/problem.ts';
import { isSubscriberColumn, subscriberHeader } from '../input/subscriber-header.ts';
import { type CheckedSubscriber, checkSubscriber, type SubscriberOptions } from '../input/subscribers.ts';
import { counted } from '../render/text/numbers.ts';
import { noticeText, type Terminal } from '../render/text/terminal.ts';
import { delimiterNotices, type InputFiles, openInputs } from '../upload/input-files.ts';
import type { Problem } from '../usage/row.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/output.ts';
import { writeProblems } from './write-problems.ts';

/** The flags of a command that reads a list of subscribers. */
export type SubscriberListFlags = {
  /** A file, or `-` for standard input; undefined: no list. */
  readonly subscribers: string | undefined;
  readonly delimiter: string | undefined;
  readonly allowRoundAccounts: boolean;
  /** Accept NULL, None, NaN and the like as names. */
  readonly allowNullText: boolean;
};

/** Opens the list, if there is one. Nothing is read yet. */
export const openSubscriberList = (
  { subscribers, delimiter }: SubscriberListFlags,
  ledger: string | undefined,
  world: World,
): Promise<InputFiles> =>
  openInputs(subscribers === undefined ? [] : [subscribers], 'csv', formatOf(delimiter), world, ledger);

const formatOf = (delimiter: string | undefined) => ({
  delimiter,
  map: new Map(),
  standIns: { timestamp: false, productCode: false },
  allowEmpty: false,
  headerOf: subscriberHeader,
  isColumn: isSubscriberColumn,
});

/** Further problems are only counted: more are not fixed one by one. */
const MAX_PROBLEMS = 1000;

/** Where the problems of a list are printed, and what they prevent. */
type ListReport = {
  readonly output: OutputFlags['output'];
  readonly world: Pick<World, 'stderr'>;
  readonly terminal: Terminal;
  /** For example `no gaps were listed`. */
  readonly consequence: string;
};

/** Reads the whole list. Throws InputError after its problems were written: a part of the list would hide buyers. */
export const readSubscriberList = async (
  inputs: InputFiles,
  options: SubscriberOptions,
  report: ListReport,
): Promise<CheckedSubscriber[]> => {
  const rows: CheckedSubscriber[] = [];
  const problems: Problem[] = [];
  let total = 0;
  for await (const items of inputs.rows()) {
    for (const item of items) {
      const checked = isProblem(item) ? undefined : checkSubscriber(item, options);
      const found = checked?.problems ?? (isProblem(item) ? [ofList(item)] : []);
      total += found.length;
      if (problems.length < MAX_PROBLEMS) problems.push(...found);
      if (checked !== undefined && checked.subscriptions.length > 0) rows.push(checked);
    }
  }
  const { output, world, terminal } = report;
  for (const text of delimiterNotices(inputs))
    await world.stderr.write(noticeText(text, output, terminal.err));
  if (total === 0) return rows;
  await writeProblems(problems, total, { output }, world, terminal);
  throw new InputError(
    `the list of subscribers has ${counted(total, 'problem')}; ${report.consequence}`,
    'fix it and run the same command again; ampmeter gaps --help lists its columns',
  );
};

/** The reader suggests formats and flags of an upload, which such a command does not have. */
const ofList = (problem: InputProblem): Problem => ({
  ...problem,
  help: problem.uploadHelp === undefined ? problem.help : HELP[problem.uploadHelp],
});

const HELP: Readonly<Record<UploadHelp, string>> = {
  format: 'save the list as CSV',
  'no-rows': 'an empty list would hide every gap: export it again',
};
