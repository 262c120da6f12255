import type { Explanation } from '../render/explanations/explanation.ts';
import { type ExitCode, MEANINGS } from './exit-codes.ts';

const FACTS: Readonly<
  Record<ExitCode, Pick<Explanation, 'why' | 'next'> & { readonly also?: readonly string[] }>
> = {
  0: {
    why: ['of batch: every record is billed, now or before'],
    next: 'nothing is left to do',
  },
  1: {
    why: ['a mistake in ampmeter', 'a result or a file that was asked for could not be written'],
    next: 'see the error that was printed; what batch has sent is in the ledger, and meter prints the command that repeats its call',
  },
  2: {
    why: [
      'a flag is misspelt, missing or empty',
      'a flag would have no effect, because of another one that is given or missing',
      'a variable or the AWS config holds something that makes no sense',
    ],
    next: 'ampmeter help lists the commands, and ampmeter batch --help, for example, shows the flags of one',
  },
  3: {
    why: ['a row cannot be a record, or two rows claim one hour', 'a file is empty, or cannot be read'],
    next: 'correct the input and run the same command again; see ampmeter help csv',
  },
  4: {
    why: [
      'batch: AWS or the ledger did not take some records, or they were too old; the others are billed',
      'batch: AWS may or may not have billed some records, and sending them again cannot tell',
      'reconcile: AWS and the ledger do not agree',
    ],
    next: 'see the rejects file or the list of problems, and ampmeter explain with each status',
  },
  5: {
    why: [
      'AWS could not be reached, was too busy, or did not answer',
      'batch: records are unsent or unknown; the ledger knows which',
    ],
    next: 'batch: run the same command again, what is billed is not sent again; meter: run the command that was printed, which has the time and the token of the call',
  },
  6: {
    why: [
      'no credentials, or expired ones',
      'the identity may not call the operation',
      "this machine's clock is wrong",
    ],
    next: 'see ampmeter doctor and ampmeter help credentials, then run the same command again, or with meter the one that was printed',
  },
  7: {
    why: [
      'an unknown product, an expired registration token, an operation that the Region does not have',
      'what AWS returned could not be verified',
    ],
    next: 'see ampmeter explain with the error code that was printed',
  },
  8: {
    why: ['two cron lines overlap', 'a run is going on in another terminal'],
    next: 'wait for it with --wait 10m, or run again later',
  },
  9: {
    why: ['the disk is full or broken', 'permission is denied', 'the file is damaged, or is no ledger'],
    next: 'see what is wrong with ampmeter doctor, or name another ledger with --ledger',
  },
  130: {
    also: ['129', '143'],
    why: [
      'Ctrl-C, the end of the terminal, or the system asked the program to stop; a run of batch is saved',
    ],
    next: 'batch: run the same command again, it goes on where it stopped; meter: run the command that was printed',
  },
};

export const EXIT_CODES: readonly Explanation[] = Object.entries(FACTS).map(([code, { also, ...facts }]) => ({
  name: code,
  ...(also !== undefined && { also }),
  kind: 'exit code',
  means: MEANINGS[Number(code) as ExitCode],
  ...facts,
}));
