import type { Client } from '../metering/client.ts';
import type { Pace } from '../metering/pace.ts';
import { requestOf } from '../usage/batches.ts';
import type { SettledRecord } from '../usage/outcome.ts';
import { matchReply } from './match.ts';

type AskParts = {
  readonly client: Pick<Client, 'call'>;
  readonly pace: Pace;
  readonly giveUpAfterMs: number;
};

/**
 * Whether the service answers Success to a record that it already has: sends it one that it certainly has. AWS's documents
 * disagree: the API reference says Success, the agent skill says DuplicateRecord. Only if the answer is Success does a
 * DuplicateRecord prove that another quantity came first. The record is sent unchanged, so that this changes nothing.
 */
export const answersSuccessAgain = async (
  known: SettledRecord,
  { client, pace, giveUpAfterMs }: AskParts,
): Promise<boolean> => {
  try {
    await pace.admit();
    const { output } = await client.call('BatchMeterUsage', requestOf([known]), { giveUpAfterMs, pace });
    const [answer] = matchReply([known], output, () => false).settled;
    // Another id means another record: the service has forgotten this one, and its answer proves nothing.
    return (
      answer?.outcome.status === 'accepted' &&
      answer.outcome.meteringRecordId === known.outcome.meteringRecordId
    );
  } catch {
    return false;
  }
};
