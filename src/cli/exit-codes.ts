import { EXIT } from '../errors.ts';
import type { Explanation } from '../render/explanations/explanation.ts';

/** What an exit code means in every command. A contract; an error's own code is with its class, in `errors.ts`. */
export const MEANINGS = {
  0: 'completed successfully',
  1: 'unexpected failure, or the result could not be printed',
  2: 'wrong flags or arguments',
  3: 'the input is invalid; nothing was sent',
  4: 'finished, but some records are not billed',
  5: 'not finished; see the output for how to continue',
  6: 'credentials or permissions',
  7: 'AWS rejected the call',
  8: 'another run is using this ledger',
  9: 'the ledger cannot be used',
  130: 'stopped by SIGINT (129 SIGHUP, 143 SIGTERM)',
} as const;

type ExitCode = keyof typeof MEANINGS;

/** Those of a program that a signal stopped. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What a command returns when it was stopped: in its place, the program ends with the code of the signal. */
export const STOPPED = SIGNAL_EXIT_CODES.SIGINT;

/** The part of a help text that lists a command's exit codes; `own` where one means more in this command. */
export const exitCodesHelp = (
  codes: readonly ExitCode[],
  own: { readonly [C in ExitCode]?: string } = {},
): string =>
  `Exit codes:\n${codes.map(code => `  ${String(code).padStart(3)}  ${own[code] ?? MEANINGS[code]}\n`).join('')}`;

/** Which code counts when several apply: what must be fixed first comes first. */
const PRECEDENCE: readonly number[] = [
  EXIT.ledger,
  EXIT.failure,
  EXIT.credentials,
  EXIT.rejected,
  EXIT.unfinished,
  EXIT.notBilled,
];

export const firstOf = (codes: readonly number[]): number =>
  PRECEDENCE.find(code => codes.includes(code)) ?? EXIT.done;

/** A command that ends with one of these has done nothing, so that no result is lost. */
const NOTHING_DONE: readonly number[] = [EXIT.usage, EXIT.input, EXIT.locked];

/** The code of a command whose result, or a part of it, could not be printed. */
export const withLoss = (code: number): number =>
  NOTHING_DONE.includes(code) ? code : firstOf([code, EXIT.failure]);

const FACTS: Readonly<
  Record<ExitCode, Pick<Explanation, 'why' | 'next'> & { readonly also?: readonly string[] }>
> = {
  0: {
    why: ['batch: every record is billed, by this run or an earlier one'],
    next: 'nothing is left to do',
  },
  1: {
    why: ['a bug in ampmeter', 'a result or a requested file could not be written'],
    next: 'see the error that was printed; what batch has sent is in the ledger, and meter prints the command that repeats its call',
  },
  2: {
    why: [
      'a flag is misspelled, missing or empty',
      'a flag would have no effect, because of another one that is given or missing',
      'a variable or the AWS config has an invalid value',
    ],
    next: 'ampmeter help lists the commands, and ampmeter batch --help, for example, shows the flags of one',
  },
  3: {
    why: [
      'a row is not a valid record, or two rows are for the same hour',
      'a file is empty or cannot be read',
    ],
    next: 'fix the input and run the same command again; see ampmeter help csv',
  },
  4: {
    why: [
      'batch: AWS or the ledger did not accept some records, or they were too old; the others are billed',
      'batch: AWS may have billed some records, and sending them again cannot show whether it did',
      'gaps: there are gaps',
      'reconcile: AWS and the ledger disagree',
    ],
    next: 'see the rejects file or the list of problems, and ampmeter explain with each status',
  },
  5: {
    why: [
      'AWS could not be reached, was too busy, or did not reply',
      'batch: records are unsent or unknown; the ledger lists them',
    ],
    next: 'batch: run the same command again, what is billed is not sent again; meter: run the command that was printed, which has the time and the token of the call',
  },
  6: {
    why: [
      'no credentials were found, or they have expired',
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
    why: ['two cron jobs overlap', 'a run is in progress in another terminal'],
    next: 'wait for it with --wait 10m, or run again later',
  },
  9: {
    why: ['the disk is full or broken', 'permission is denied', 'the file is damaged, or is not a ledger'],
    next: 'find the cause with ampmeter doctor, or choose another ledger with --ledger',
  },
  130: {
    also: ['129', '143'],
    why: ['Ctrl-C, a closed terminal, or the system asked the program to stop; a run of batch is saved'],
    next: 'batch: run the same command again, it continues where it stopped; meter: run the command that was printed',
  },
};

export const EXIT_CODE_EXPLANATIONS: readonly Explanation[] = Object.entries(FACTS).map(
  ([code, { also, ...facts }]) => ({
    name: code,
    ...(also !== undefined && { also }),
    kind: 'exit code',
    means: MEANINGS[Number(code) as ExitCode],
    ...facts,
  }),
);
