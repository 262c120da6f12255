import { ownText } from '../input/problem.ts';
import { isSameRow, type Place, type Problem } from '../usage/row.ts';

/** Kept in memory for the report; more are not fixed one by one. */
const MAX_PROBLEMS = 10_000;

/** Collects what is wrong with the input of a run. */
export type ProblemLog = {
  readonly add: (problem: Problem & { readonly endsFile?: boolean }) => void;
  /** A problem that several rows share: added for each of them, naming the others. */
  readonly addShared: (places: readonly Place[], message: string, help: string | undefined) => void;
  readonly found: () => FoundProblems;
};

export type FoundProblems = {
  /** The first of them. */
  readonly problems: readonly Problem[];
  readonly total: number;
  /** Rows with at least one error. */
  readonly invalidRows: number;
};

/** `onProblem` gets every problem, also those that are not kept. */
export const problemLog = (onProblem: (problem: Problem) => void): ProblemLog => {
  const problems: Problem[] = [];
  let total = 0;
  let invalidRows = 0;
  let lastInvalid: Problem | undefined;
  const add: ProblemLog['add'] = problem => {
    total += 1;
    if (problems.length < MAX_PROBLEMS) problems.push(shortened(problem));
    onProblem(problem);
    if (problem.severity !== 'error' || problem.endsFile === true) return;
    // The problems of one row are found one after the other.
    if (lastInvalid === undefined || !isSameRow(lastInvalid, problem)) invalidRows += 1;
    lastInvalid = problem;
  };
  return {
    add,
    addShared: (places, message, help) => {
      for (const place of places) {
        const { file, line } = place;
        // Each is another row, also where a file has them on one line.
        lastInvalid = undefined;
        add({
          file,
          line,
          severity: 'error',
          message: message + othersOf(place, places),
          help,
          raw: undefined,
          span: undefined,
        });
      }
    },
    found: () => ({ problems, total, invalidRows }),
  };
};

/** A line may have a million characters, and there may be many such lines. */
const MAX_RAW = 4096;

const shortened = (problem: Problem): Problem => {
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
