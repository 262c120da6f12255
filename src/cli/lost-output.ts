import { OutputError } from '../errors.ts';

const ELSEWHERE = 'free some space, or send the output elsewhere';

/** Where it is not only to run the same command again. It may have been its help, or a dry run, that was lost. */
const NEXT: Readonly<Record<string, string>> = {
  batch: `${ELSEWHERE}, and run the same command again: no record is billed twice`,
  // Only the very same call may be repeated, and the error says which that is.
  meter: ELSEWHERE,
  'ledger backup': 'a copy that was made is complete; only what was printed is lost',
};

/** A result that standard output did not take, other than because its reader has left. What was done stands. */
export class LostOutputError extends OutputError {
  constructor(because: string, command: string) {
    super(
      `standard output could not be written: ${because}`,
      NEXT[command] ?? `${ELSEWHERE}, and run the same command again`,
    );
  }
}
