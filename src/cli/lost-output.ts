import { OutputError } from '../errors.ts';

const ELSEWHERE = 'free some space, or send the output elsewhere';

/** Commands that are not just run again. The lost output may have been a help text or a dry run. */
const NEXT: Readonly<Record<string, string>> = {
  batch: `${ELSEWHERE}, and run the same command again: no record is billed twice`,
  // Only the identical call may be repeated, and the error says which one that is.
  meter: ELSEWHERE,
  'ledger backup': 'a copy that was made is complete; only what was printed is lost',
};

/** A result that could not be written to standard output, except because its reader has left. The work is done. */
export class LostOutputError extends OutputError {
  constructor(because: string, command: string) {
    super(
      `standard output could not be written: ${because}`,
      NEXT[command] ?? `${ELSEWHERE}, and run the same command again`,
    );
  }
}
