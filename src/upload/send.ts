import { CredentialsError, ServiceError } from '../errors.ts';
import { clockNote } from '../metering/aws-clock.ts';
import type { Called, Client } from '../metering/client.ts';
import type { Pace } from '../metering/pace.ts';
import { backoffMs, isRetryable, LONGEST_PAUSE_MS } from '../metering/retry.ts';
import type { TimeGatedClient } from '../metering/time-gate.ts';
import { halves, requestGroupOf, requestOf } from '../usage/batches.ts';
import type { EpochSeconds } from '../usage/hours.ts';
import type { Outcome, PlannedRecord, SettledRecord, Status } from '../usage/outcome.ts';
import { deadlineOf, tooOldBecause, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import type { Journal } from './journal.ts';
import { ANOTHER_QUANTITY, matchReply, unknown } from './match.ts';
import { answersSuccessAgain } from './success-again.ts';

/** Records for one request. `maybeDelivered`: AWS may have them from an earlier run. */
export type Batch = { readonly records: readonly PlannedRecord[]; readonly maybeDelivered: boolean };

export type SendParts = {
  readonly client: Pick<Client, 'call' | 'now' | 'known' | 'askTime'> &
    Partial<Pick<TimeGatedClient, 'ready'>>;
  readonly pace: Pace;
  readonly journal: Journal;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'random' | 'stop'>;
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  /** A record that an earlier run had accepted and that can still be sent; undefined: there is none. */
  readonly accepted: () => Promise<SettledRecord | undefined>;
};

/**
 * Sends the batches, several at a time, and settles every record of those that it took. Resolves to the error that
 * stopped the run, or a product's part of it, if any. Each batch goes this way:
 *
 *     take ─► admit (pace) ─► begin (ledger) ─► call ─► match ─► settle (ledger)
 *                 ▲                              │        └─ unprocessed or missing: resend
 *                 └──────────── halves ◄─────────┘ rejected for a record: isolate
 */
export const sendAll = async (
  batches: Iterable<Batch>,
  { client, pace, journal, world, concurrency, giveUpAfterMs, accepted }: SendParts,
): Promise<unknown> => {
  /** Records that AWS may have although no reply said so. */
  const maybeDelivered = new Set<PlannedRecord>();
  const refusedGroups = new Map<string, ServiceError>();
  /** What AWS calls a duplicate after an attempt without a reply; settled at the end. */
  const disputed: { readonly planned: PlannedRecord; readonly outcome: Outcome }[] = [];
  /** Certainly accepted: what AWS replies to it when it is sent again shows what AWS means by a duplicate. */
  let known: SettledRecord | undefined;
  let stopped: unknown;
  let asked: Promise<unknown> | undefined;
  /** Whether the last question for AWS's time got any reply. */
  let wasHeard = true;

  const settle = (planned: PlannedRecord, status: Status, reason: string): void => {
    journal.settle(planned, { status, reason, meteringRecordId: undefined });
    maybeDelivered.delete(planned);
  };

  /** For records that this run can no longer settle. */
  const leaveUnsent = (records: readonly PlannedRecord[], reason: string): void => {
    for (const planned of records) {
      if (!maybeDelivered.has(planned)) settle(planned, 'unsent', reason);
      else if (msLeft(planned) <= 0 && canTellAge()) lose(planned);
      else settle(planned, 'unknown', reason);
    }
  };

  const lose = (planned: PlannedRecord): void => {
    journal.settle(planned, unknown('expired', 'its window has closed'));
    maybeDelivered.delete(planned);
  };

  const sendBatch = async (batch: readonly PlannedRecord[], begun: boolean): Promise<void> => {
    let records = batch;
    let isBegun = begun;
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    for (let round = 1; ; round += 1) {
      const admitted = await pace.admit().then(
        () => true,
        () => false,
      );
      records = await withoutExpired(records);
      const [first] = records;
      if (first === undefined) return;
      const refusal = refusedGroups.get(requestGroupOf(first.record));
      if (refusal !== undefined) return leaveUnsent(records, `AWS rejected this product: ${refusal.message}`);
      if (stopped !== undefined || !admitted) return leaveUnsent(records, 'the run ended before it was sent');

      const attempt = async (): Promise<Called<'BatchMeterUsage'> | undefined> => {
        await client.ready?.('BatchMeterUsage', patience(first));
        if (!isBegun) records = await journal.begin(records);
        isBegun = true;
        if (records.length === 0) return undefined;
        return client.call('BatchMeterUsage', requestOf(records), { giveUpAfterMs: patience(first), pace });
      };
      const reply = await attempt().catch((error: unknown) => error);
      if (reply === undefined) return;
      if (reply instanceof ServiceError && reply.maybeDelivered)
        for (const planned of records) maybeDelivered.add(planned);
      if (reply instanceof ServiceError && reply.kind === 'record') return isolate(records, reply);
      if (reply instanceof ServiceError && reply.code === 'InvalidProductCodeException') {
        refusedGroups.set(requestGroupOf(first.record), reply);
        return leaveUnsent(records, `AWS rejected this product: ${reply.message}`);
      }
      if (reply instanceof ServiceError && isRetryable(reply.kind) && msLeft(first) <= LONGEST_PAUSE_MS) {
        // The retries ended because the window of the first records closes; the others have more time.
        await world.sleep(Math.max(0, msLeft(first)), world.stop).catch(() => {});
        continue;
      }
      if (reply instanceof ServiceError || reply instanceof CredentialsError) {
        stopped ??= reply;
        return leaveUnsent(records, reply.message);
      }
      if (reply instanceof Error) throw reply;

      const { output, resent } = reply as Called<'BatchMeterUsage'>;
      if (resent) for (const planned of records) maybeDelivered.add(planned);
      const { settled, unprocessed, missing } = matchReply(records, output, planned =>
        maybeDelivered.has(planned),
      );
      for (const { planned, outcome } of settled) {
        if (outcome.doubt === 'duplicate') disputed.push({ planned, outcome });
        else journal.settle(planned, outcome);
        if (outcome.status === 'accepted') known = { record: planned.record, rows: planned.rows, outcome };
        maybeDelivered.delete(planned);
      }
      for (const planned of missing) maybeDelivered.add(planned);
      const open = new Set([...unprocessed, ...missing]);
      records = records.filter(planned => open.has(planned));
      if (records.length === 0) return;
      const delayMs = backoffMs('unavailable', round, world.random());
      if (world.monotonic() + delayMs >= giveUpAt) {
        leaveUnsent(unprocessed, 'AWS returned it as unprocessed on every attempt');
        return leaveUnsent(missing, 'no reply of AWS says what became of it');
      }
      await world.sleep(delayMs, world.stop).catch(() => {});
    }
  };

  const msLeft = ({ record }: PlannedRecord): number =>
    deadlineOf(record.timestamp, WINDOWS.BatchMeterUsage) - client.now().getTime();

  /** Not before the clock was compared with AWS's, unless AWS replies without telling the time. */
  const canTellAge = (): boolean => wasHeard || client.known() !== undefined;

  /** Retries end with the window of the record that expires first. */
  const patience = (first: PlannedRecord): number => Math.max(1, Math.min(giveUpAfterMs, msLeft(first)));

  /** AWS rejected all records for one: send the halves separately until the bad record is isolated. */
  const isolate = async (records: readonly PlannedRecord[], refusal: ServiceError): Promise<void> => {
    const [planned] = records;
    if (records.length > 1) {
      for (const half of halves(records)) await sendBatch(half, true);
    } else if (planned !== undefined) {
      const reason = `${refusal.code}: ${refusal.message}`;
      // The reason, such as its age or the end of an agreement, may not have held for the earlier attempt.
      if (maybeDelivered.delete(planned))
        journal.settle(planned, unknown('refused', `AWS now rejects it, ${reason}`));
      else settle(planned, 'refused', reason);
    }
  };

  /** The service is asked once what it means by a duplicate, and only when that matters. */
  const settleDisputed = async (): Promise<void> => {
    if (disputed.length === 0) return;
    const proof = known ?? (await accepted());
    const canAsk = proof !== undefined && stopped === undefined && !world.stop.aborted && msLeft(proof) > 0;
    const isCertain =
      canAsk && (await answersSuccessAgain(proof, { client, pace, giveUpAfterMs: patience(proof) }));
    for (const { planned, outcome } of disputed) {
      if (isCertain) settle(planned, 'duplicate', ANOTHER_QUANTITY);
      else journal.settle(planned, outcome);
    }
  };

  /** Settles records that are too old to be sent by now: AWS would reject their whole batch. */
  const withoutExpired = async (records: readonly PlannedRecord[]): Promise<readonly PlannedRecord[]> => {
    /** By hour: a request rarely has more than one. */
    const expired = new Map<EpochSeconds, boolean>();
    const isExpired = (planned: PlannedRecord): boolean => {
      const { timestamp } = planned.record;
      const found = expired.get(timestamp) ?? msLeft(planned) <= 0;
      expired.set(timestamp, found);
      return found;
    };
    // Nothing is expired for good by a clock that was not compared with AWS's.
    if (client.known() === undefined && records.some(isExpired)) {
      asked ??= client.askTime(ASK_MS);
      wasHeard = (await asked) === undefined;
      expired.clear();
    }
    return records.filter(planned => {
      if (!isExpired(planned)) return true;
      if (!canTellAge()) leaveUnsent([planned], UNASKED);
      else if (maybeDelivered.has(planned)) lose(planned);
      else settle(planned, 'expired', tooOldBecause(clockNote(client.known())));
      return false;
    });
  };

  const queue = batches[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    while (stopped === undefined && !world.stop.aborted) {
      try {
        const { value: batch } = queue.next() as { value: Batch | undefined };
        if (batch === undefined) return;
        if (batch.maybeDelivered) for (const planned of batch.records) maybeDelivered.add(planned);
        await sendBatch(batch.records, false);
      } catch (error) {
        stopped ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await settleDisputed();
  await journal.flush().catch(error => {
    stopped = error;
  });
  const [refusal] = refusedGroups.values();
  return stopped ?? refusal;
};

/** How long to wait for AWS's time. */
const ASK_MS = 5_000;

const UNASKED = "it is too old by this machine's clock, and AWS's clock could not be checked";
