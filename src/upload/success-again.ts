import type { Client } from '../metering/client.ts';
import type { Pace } from '../metering/pace.ts';
import type { SettledRecord } from '../usage/outcome.ts';
import { matchReply } from './match.ts';
import { requestOf } from './request.ts';

type Parts = {
  readonly client: Pick<Client, 'call'>;
  readonly pace: Pace;
  readonly giveUpAfterMs: number;
};

/**
 * Whether the service answers Success to a record that it has already, by sending it one that it is known to have. AWS's
 * documents disagree: the API reference says Success, its agent skill DuplicateRecord. Only where it is Success does a
 * DuplicateRecord prove that another quantity came first. The resend is identical, so that it changes nothing.
 */
export const answersSuccessAgain = async (
  known: SettledRecord,
  { client, pace, giveUpAfterMs }: Parts,
): Promise<boolean> => {
  try {
    await pace.admit();
    const { output } = await client.call('BatchMeterUsage', requestOf([known]), { giveUpAfterMs, pace });
    const [answer] = matchReply([known], output, () => false).settled;
    // Another id would be another record: the service has forgotten this one, and its answer says nothing.
    return (
      answer?.outcome.status === 'accepted' &&
      answer.outcome.meteringRecordId === known.outcome.meteringRecordId
    );
  } catch {
    return false;
  }
};
