import { CredentialsError, ServiceError } from '../errors.ts';
import type { Client } from '../metering/client.ts';
import { backoffMs } from '../metering/retry.ts';
import { type Inputs, wireRecord } from '../metering/wire.ts';
import { companyOf } from '../usage/batches.ts';
import { halves } from '../usage/isolate.ts';
import type { Outcome, PlannedRecord, Status } from '../usage/outcome.ts';
import { sentProductCode } from '../usage/record.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import { matchReply } from './match.ts';

export type SendParts = {
  readonly client: Client;
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'stop'>;
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  /** Told once of each record. */
  readonly settle: (planned: PlannedRecord, outcome: Outcome) => void;
};

/** The request that carries these records: one product, one identity mode. */
export const requestOf = (records: readonly PlannedRecord[]): Inputs['BatchMeterUsage'] => {
  const first = records[0]?.record;
  const productCode = first === undefined ? undefined : sentProductCode(first);
  return {
    ...(productCode !== undefined && { ProductCode: productCode }),
    UsageRecords: records.map(({ record }) => wireRecord(record)),
  };
};

/**
 * Sends all batches, several at a time, and settles every record. Resolves to the error that stopped the run or a
 * product's part of it, if any; the records it kept from being sent are settled as `unsent` or `unknown`.
 */
export const sendAll = async (
  batches: readonly (readonly PlannedRecord[])[],
  { client, world, concurrency, giveUpAfterMs, settle }: SendParts,
): Promise<unknown> => {
  /** Records that AWS may have although no answer said so. */
  const doubtful = new Set<PlannedRecord>();
  const refusedCompanies = new Map<string, ServiceError>();
  let stopped: unknown;

  const leave = (records: readonly PlannedRecord[], reason: string): void => {
    for (const planned of records)
      settle(planned, plain(doubtful.has(planned) ? 'unknown' : 'unsent', reason));
  };

  const sendBatch = async (batch: readonly PlannedRecord[]): Promise<void> => {
    let records = batch;
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    for (let round = 1; ; round += 1) {
      records = withoutExpired(records);
      const [first] = records;
      if (first === undefined) return;
      const refusal = refusedCompanies.get(companyOf(first.record));
      if (refusal !== undefined) return leave(records, `AWS refuses this product: ${refusal.message}`);
      if (stopped !== undefined) return leave(records, 'the run ended before it was sent');

      const reply = await client
        .call('BatchMeterUsage', requestOf(records), { giveUpAfterMs })
        .catch((error: unknown) => error);
      if (reply instanceof ServiceError && reply.maybeDelivered)
        for (const planned of records) doubtful.add(planned);
      if (reply instanceof ServiceError && reply.kind === 'record') return isolate(records, reply);
      if (reply instanceof ServiceError && reply.code === 'InvalidProductCodeException') {
        refusedCompanies.set(companyOf(first.record), reply);
        continue;
      }
      if (reply instanceof ServiceError || reply instanceof CredentialsError) {
        stopped ??= reply;
        return leave(records, reply.message);
      }
      if (reply instanceof Error) throw reply;

      const { output, resent } = reply as Awaited<ReturnType<typeof client.call<'BatchMeterUsage'>>>;
      const { settled, unprocessed, missing } = matchReply(
        records,
        output,
        planned => resent || doubtful.has(planned),
      );
      for (const { planned, outcome } of settled) settle(planned, outcome);
      for (const planned of missing) doubtful.add(planned);
      records = [...unprocessed, ...missing];
      if (records.length === 0) return;
      const delayMs = backoffMs('unavailable', round, world.random());
      const goOn = world.monotonic() + delayMs < giveUpAt && (await slept(delayMs));
      if (!goOn) return leave(records, 'AWS did not process it, again and again');
    }
  };

  const slept = (ms: number): Promise<boolean> =>
    world.sleep(ms, world.stop).then(
      () => true,
      () => false,
    );

  /** AWS refused all for one: send the halves apart until the bad record stands alone. */
  const isolate = async (records: readonly PlannedRecord[], refusal: ServiceError): Promise<void> => {
    const [planned] = records;
    if (records.length > 1) {
      for (const half of halves(records)) await sendBatch(half);
    } else if (planned !== undefined) {
      const reason = `${refusal.code}: ${refusal.message}`;
      settle(planned, plain(doubtful.has(planned) ? 'unknown' : 'refused', reason));
    }
  };

  /** Settles what has become too old to be sent, which would take its whole batch down. */
  const withoutExpired = (records: readonly PlannedRecord[]): readonly PlannedRecord[] => {
    const now = world.now().getTime();
    return records.filter(planned => {
      if (now < deadlineOf(planned.record.timestamp, WINDOWS.BatchMeterUsage)) return true;
      const reason = `AWS takes usage for ${WINDOWS.BatchMeterUsage.hours} hours, and the previous month's until the 1st, 0${WINDOWS.BatchMeterUsage.monthEndHour}:00 UTC`;
      settle(planned, plain(doubtful.has(planned) ? 'unknown' : 'expired', reason));
      return false;
    });
  };

  const queue = batches.values();
  const worker = async (): Promise<void> => {
    for (const batch of queue) await sendBatch(batch);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const [refusal] = refusedCompanies.values();
  return stopped ?? refusal;
};

const plain = (status: Status, reason: string): Outcome => ({ status, reason, meteringRecordId: undefined });
