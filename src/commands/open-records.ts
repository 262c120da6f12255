import type { Told } from '../ledger/told.ts';
import { counted } from '../report/numbers.ts';
import { isRejected } from '../upload/rejects.ts';
import type { Sent } from '../upload/upload.ts';
import type { Status } from '../usage/outcome.ts';
import type { BatchOptions } from './batch.ts';
import type { BatchVoice } from './batch-voice.ts';
import { shellWord } from './shell.ts';

/** Tells, before anything is sent, what earlier runs have left and what this one does about it. */
export const tellOpen = async (
  told: Pick<Told, 'carried' | 'leftBehind'>,
  { files }: Pick<BatchOptions, 'files'>,
  voice: Pick<BatchVoice, 'notice' | 'warn'>,
): Promise<void> => {
  const carried = told.carried();
  const { open, stuck, stuckSince } = told.leftBehind();
  if (carried > 0)
    await voice.notice(`${counted(carried, 'record')} that earlier runs left open ${areSent(carried)}`);
  else if (files.length === 0) await voice.notice('no record is open: earlier runs left nothing to send');
  if (open > 0)
    await voice.warn(
      `${counted(open, 'record')} that earlier runs left open ${open === 1 ? 'is' : 'are'} not sent (--skip-open); ampmeter batch sends ${open === 1 ? 'it' : 'them'}`,
    );
  if (stuck > 0 && stuckSince !== undefined)
    await voice.warn(
      `${counted(stuck, 'record')} of earlier runs may or may not be billed, and sending again cannot tell; look in CloudTrail: ${settleCommand(stuckSince)}`,
    );
};

/** The same where nothing is sent at all, because the input is invalid. */
export const tellLeft = async (
  told: Pick<Told, 'leftBehind'>,
  voice: Pick<BatchVoice, 'warn'>,
): Promise<void> => {
  const { open } = told.leftBehind();
  if (open > 0)
    await voice.warn(
      `${counted(open, 'record')} that earlier runs left open ${open === 1 ? 'was' : 'were'} not sent either; ampmeter batch, without files, sends ${open === 1 ? 'it' : 'them'}`,
    );
};

const areSent = (count: number): string => (count === 1 ? 'is sent as well' : 'are sent as well');

/** What to do about records of this run that no run can settle by sending them. */
export const lostText = ({ lost, lostSince }: Pick<Sent, 'lost' | 'lostSince'>): string =>
  `${counted(lost, 'record')} may or may not be billed, and sending again cannot tell; in about 15 minutes look in CloudTrail: ${settleCommand(lostSince)}`;

/**
 * Where to find what earlier runs left open and this one could not bill: a file of rejects has only rows of its own
 * input. Undefined when there is nothing of the kind.
 */
export const carriedRejectsText = (
  told: Pick<Told, 'carried' | 'notBilled'>,
  run: number,
  { ledger }: Pick<BatchOptions, 'ledger'>,
): string | undefined => {
  if (told.carried() === 0) return undefined;
  const statuses = new Set<Status>();
  let count = 0;
  for (const { outcome, rows } of told.notBilled()) {
    if (rows[0]?.run === undefined || !isRejected(outcome.status)) continue;
    count += 1;
    statuses.add(outcome.status);
  }
  if (count === 0) return undefined;
  const which = `--run ${run} --status ${[...statuses].sort().join(',')} -o csv`;
  const where = typeof ledger === 'string' ? ` --ledger ${shellWord(ledger)}` : '';
  return `${counted(count, 'record')} of earlier runs ${count === 1 ? 'is' : 'are'} not billed, and in no rejects file; to see ${count === 1 ? 'it' : 'them'}: ampmeter history ${which}${where}`;
};

/** `since`: the first hour, epoch seconds. */
const settleCommand = (since: number): string =>
  `ampmeter reconcile --settle --since ${new Date(since * 1000).toISOString().slice(0, 10)}`;
