import { OutputError } from '../errors.ts';

const ELSEWHERE = 'free some space, or send the output elsewhere';

/** Where it is not to run the same command again. */
const NEXT: Readonly<Record<string, string>> = {
  batch: `${ELSEWHERE}, and run the same command again: what is billed is not billed again`,
  // Only the very same call may be repeated, and the error says which that is.
  meter: ELSEWHERE,
  'ledger backup': 'the copy is complete; only this message about it is lost',
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
