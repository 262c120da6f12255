import { ownText } from '../input/problem.ts';
import type { RunProblems } from '../ledger/run-ledger.ts';
import type { UsageRecord } from '../usage/record.ts';
import { isSameRow, type Place, type Problem } from '../usage/row.ts';
import {
  type NamedUsage,
  NEW,
  namesOf,
  problemOfRow,
  rowOf,
  type Told,
  type ToldProblem,
} from '../usage/told.ts';

/** Kept in memory for the report; more are not fixed one by one. */
const MAX_PROBLEMS = 10_000;

/** Collects what is wrong with the input of a run. */
export type ProblemLog = {
  readonly add: (problem: Problem & { readonly endsFile?: boolean }, names?: NamedUsage) => void;
  /** A problem that several rows of a record share: added for each of them, naming the others. */
  readonly addShared: (shared: SharedProblem) => void;
  readonly found: () => FoundProblems;
};

type SharedProblem = {
  readonly record: UsageRecord;
  readonly places: readonly Place[];
  readonly message: string;
  readonly help: string | undefined;
};

/** A problem, and whether an earlier run has told it. */
export type FoundProblem = Problem & Told & { readonly told: ToldProblem | undefined };

export type FoundProblems = {
  /** The first of them. */
  readonly problems: readonly FoundProblem[];
  readonly total: number;
  /** Rows with at least one error. */
  readonly invalidRows: number;
  /** Of these, the rows of which earlier runs have told each error. */
  readonly knownRows: number;
};

/** `onProblem` gets every problem, also those that are not kept. */
export const problemLog = (
  onProblem: (problem: FoundProblem) => void,
  noted: Pick<RunProblems, 'meet'>,
): ProblemLog => {
  const problems: FoundProblem[] = [];
  let total = 0;
  let invalidRows = 0;
  let knownRows = 0;
  let lastInvalid: { readonly problem: Problem; isKnown: boolean } | undefined;
  const log = (problem: Problem, told: ToldProblem | undefined): void => {
    const found = { ...problem, ...(told === undefined ? NEW : noted.meet(told)), told };
    total += 1;
    if (problems.length < MAX_PROBLEMS) problems.push(shortened(found));
    onProblem(found);
    if (told !== undefined) count(found);
  };
  /** The problems of one row are found one after the other. */
  const count = (problem: FoundProblem): void => {
    const { isKnown } = problem;
    if (lastInvalid === undefined || !isSameRow(lastInvalid.problem, problem)) {
      invalidRows += 1;
      if (isKnown) knownRows += 1;
      lastInvalid = { problem, isKnown };
    } else if (lastInvalid.isKnown && !isKnown) {
      knownRows -= 1;
      lastInvalid.isKnown = false;
    }
  };
  return {
    add: (problem, names = {}) => {
      const isOfRow = problem.severity === 'error' && problem.endsFile !== true;
      const { raw, file, line, message } = problem;
      log(problem, isOfRow ? problemOfRow(raw ?? `${file}:${line}`, message, names) : undefined);
    },
    addShared: ({ record, places, message, help }) => {
      const told = problemOfRow(rowOf(record), message, namesOf(record));
      for (const place of places) {
        const { file, line } = place;
        // Each is another row, also where a file has them on one line.
        lastInvalid = undefined;
        const text = message + othersOf(place, places);
        log({ file, line, severity: 'error', message: text, help, raw: undefined, span: undefined }, told);
      }
    },
    found: () => ({ problems, total, invalidRows, knownRows }),
  };
};

/** A line may have a million characters, and there may be many such lines. */
const MAX_RAW = 4096;

const shortened = (problem: FoundProblem): FoundProblem => {
  const { raw, span } = problem;
  if (raw === undefined || raw.length <= MAX_RAW) return problem;
  const isInside = span !== undefined && span.column + span.length <= MAX_RAW;
  return { ...problem, raw: ownText(raw.slice(0, MAX_RAW)), span: isInside ? span : undefined };
};

/** Otherwise each of a million rows with one key would name all the others. */
const MAX_OTHERS = 5;

const othersOf = (place: Place, places: readonly Place[]): string => {
  const others = places.slice(0, MAX_OTHERS + 1).filter(other => other !== place);
  const names = others
    .slice(0, MAX_OTHERS)
    .map(({ file, line }) => (file === place.file ? `line ${line}` : `${file}:${line}`));
  const more = places.length - 1 - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return list === '' ? '' : ` (also ${list})`;
};
