import { ownText } from '../input/problem.ts';
import type { Place, Problem } from '../usage/row.ts';

/** Kept in memory for the report; a file with more is not mended problem by problem. */
const KEPT = 10_000;

/** What is wrong with the input of a run, as it is found. */
export type ProblemLog = {
  readonly add: (problem: Problem & { readonly endsFile?: boolean }) => void;
  /** One trouble that several rows share: told at each, naming the others. */
  readonly addShared: (places: readonly Place[], message: string, help: string | undefined) => void;
  readonly found: () => Found;
};

export type Found = {
  /** The first of them. */
  readonly problems: readonly Problem[];
  readonly total: number;
  /** Rows with at least one error. */
  readonly invalidRows: number;
};

/** `onProblem` is told of each, also of those that are not kept. */
export const problemLog = (onProblem: (problem: Problem) => void): ProblemLog => {
  const problems: Problem[] = [];
  let total = 0;
  let invalidRows = 0;
  let lastInvalid: Place | undefined;
  const add: ProblemLog['add'] = problem => {
    total += 1;
    if (problems.length < KEPT) problems.push(shortened(problem));
    onProblem(problem);
    if (problem.severity !== 'error' || problem.endsFile === true) return;
    // The problems of one row come one after the other.
    if (lastInvalid?.line !== problem.line || lastInvalid.file !== problem.file) invalidRows += 1;
    lastInvalid = problem;
  };
  return {
    add,
    addShared: (places, message, help) => {
      for (const place of places) {
        const { file, line } = place;
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

/** Of the text of a line so much is kept; a line may have a million characters, and there may be many. */
const RAW_KEPT = 4096;

const shortened = (problem: Problem): Problem => {
  const { raw, span } = problem;
  if (raw === undefined || raw.length <= RAW_KEPT) return problem;
  const isInside = span !== undefined && span.column + span.length <= RAW_KEPT;
  return { ...problem, raw: ownText(raw.slice(0, RAW_KEPT)), span: isInside ? span : undefined };
};

/** So many are named beside each; a million rows of one key would each name all the others. */
const NAMED = 5;

const othersOf = (place: Place, places: readonly Place[]): string => {
  const others = places.slice(0, NAMED + 1).filter(other => other !== place);
  const names = others
    .slice(0, NAMED)
    .map(({ file, line }) => (file === place.file ? `line ${line}` : `${file}:${line}`));
  const more = places.length - 1 - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return list === '' ? '' : ` (also ${list})`;
};
