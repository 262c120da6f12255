import { outcomeMembers, problemMembers } from '../../render/text/outcomes.ts';
import type { FoundProblem, FoundProblems } from '../../upload/problems.ts';
import type { ToldRecord } from '../../upload/upload.ts';
import { isBilled } from '../../usage/outcome.ts';
import type { Told } from '../../usage/told.ts';
import type { BatchOptions } from './options.ts';

/**
 * What of a run is listed: with `--known-problems ok` no problem that an earlier run has shown, unless it is due again or stops
 * the run; with `--problems-only` nothing that is billed.
 */
export const listingOf = ({
  knownProblems,
  problemsOnly,
  skipInvalid,
}: Pick<BatchOptions, 'knownProblems' | 'problemsOnly' | 'skipInvalid'>) => {
  const isListed = (told: Told | undefined): boolean =>
    knownProblems === 'report' || told === undefined || told.isDue;
  /** What stops the run is always listed. */
  const isListedProblem = (problem: FoundProblem): boolean => !skipInvalid || isListed(problem);
  const isListedError = (problem: FoundProblem): boolean =>
    problem.severity === 'error' && isListedProblem(problem);
  return {
    /** Of the problems of the input, the errors that are listed, and how many there are if not all were kept. */
    errors: (found: FoundProblems) => thoseOf(found, isListedError),
    /** The same with the warnings. */
    problems: (found: FoundProblems) => thoseOf(found, isListedProblem),
    isListedError,
    isListedRecord: ({ outcome, told }: ToldRecord): boolean =>
      !(problemsOnly && isBilled(outcome.status)) && isListed(told),
  };
};

/** It is not known of what kind the problems are that were not kept: they all count. */
const thoseOf = (
  { problems, total }: FoundProblems,
  isOne: (problem: FoundProblem) => boolean,
): Pick<FoundProblems, 'problems' | 'total'> => {
  const listed = problems.filter(isOne);
  return { problems: listed, total: total - (problems.length - listed.length) };
};

/** A problem of the input for scripts; a contract. */
export const foundMembers = (problem: FoundProblem): object => ({
  ...problemMembers(problem),
  ...knownMember(problem),
});

/** A record for scripts; a contract. */
export const recordMembers = (record: ToldRecord): object =>
  record.told === undefined
    ? outcomeMembers(record)
    : { ...outcomeMembers(record), ...knownMember(record.told) };

const knownMember = ({ isKnown }: Told): { readonly known?: true } => (isKnown ? { known: true } : {});
