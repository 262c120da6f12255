import { CredentialsError, ServiceError } from '../errors.ts';
import { clockNote } from '../metering/aws-clock.ts';
import type { Called, Client } from '../metering/client.ts';
import type { Pace } from '../metering/pace.ts';
import { backoffMs, isRetryable, LONGEST_PAUSE_MS } from '../metering/retry.ts';
import type { TimeGatedClient } from '../metering/time-gate.ts';
import { requestGroupOf } from '../usage/batches.ts';
import { halves } from '../usage/isolate.ts';
import type { Outcome, PlannedRecord, SettledRecord, Status } from '../usage/outcome.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import type { Journal } from './journal.ts';
import { ANOTHER_QUANTITY, matchReply, unknown } from './match.ts';
import { requestOf } from './request.ts';
import { answersSuccessAgain } from './success-again.ts';

/** Records for one request. `doubtful`: AWS may have them from an earlier run. */
export type Batch = { readonly records: readonly PlannedRecord[]; readonly doubtful: boolean };

export type SendParts = {
  readonly client: Pick<Client, 'call' | 'now' | 'known' | 'askTime'> &
    Partial<Pick<TimeGatedClient, 'ready'>>;
  readonly pace: Pace;
  readonly journal: Journal;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'random' | 'stop'>;
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  /** A record that an earlier run had accepted and that can still be sent; undefined: there is none. */
  readonly accepted: () => SettledRecord | undefined;
};

/**
 * Sends the batches, several at a time, and settles every record it took. Resolves to the error that stopped the run,
 * or a product's part of it, if any. Each batch goes this way:
 *
 *     take ─► admit (pace) ─► begin (ledger) ─► call ─► match ─► settle (ledger)
 *                 ▲                              │        └─ unprocessed or missing: resend
 *                 └──────────── halves ◄─────────┘ refused for a record: isolate
 */
export const sendAll = async (
  batches: Iterable<Batch>,
  { client, pace, journal, world, concurrency, giveUpAfterMs, accepted }: SendParts,
): Promise<unknown> => {
  /** Records that AWS may have although no answer said so. */
  const doubtful = new Set<PlannedRecord>();
  const refusedCompanies = new Map<string, ServiceError>();
  /** What AWS calls a duplicate after an attempt without an answer; settled at the end. */
  const disputed: { readonly planned: PlannedRecord; readonly outcome: Outcome }[] = [];
  /** For certain at AWS: what it answers to this one once more tells what it means by a duplicate. */
  let known: SettledRecord | undefined;
  let stopped: unknown;
  let asked: Promise<unknown> | undefined;
  /** Whether anybody replied who could have told AWS's time. */
  let wasHeard = true;

  const settle = (planned: PlannedRecord, status: Status, reason: string): void => {
    journal.settle(planned, { status, reason, meteringRecordId: undefined });
    doubtful.delete(planned);
  };

  /** For records that can be settled no more in this run. */
  const leave = (records: readonly PlannedRecord[], reason: string): void => {
    for (const planned of records) {
      if (!doubtful.has(planned)) settle(planned, 'unsent', reason);
      else if (msLeft(planned) <= 0 && canTellAge()) lose(planned);
      else settle(planned, 'unknown', reason);
    }
  };

  const lose = (planned: PlannedRecord): void => {
    journal.settle(planned, unknown('expired', 'its window has closed'));
    doubtful.delete(planned);
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
      const refusal = refusedCompanies.get(requestGroupOf(first.record));
      if (refusal !== undefined) return leave(records, `AWS refuses this product: ${refusal.message}`);
      if (stopped !== undefined || !admitted) return leave(records, 'the run ended before it was sent');

      const attempt = async (): Promise<Called<'BatchMeterUsage'>> => {
        await client.ready?.('BatchMeterUsage', patience(first));
        if (!isBegun) await journal.begin(records);
        isBegun = true;
        return client.call('BatchMeterUsage', requestOf(records), { giveUpAfterMs: patience(first), pace });
      };
      const reply = await attempt().catch((error: unknown) => error);
      if (reply instanceof ServiceError && reply.maybeDelivered)
        for (const planned of records) doubtful.add(planned);
      if (reply instanceof ServiceError && reply.kind === 'record') return isolate(records, reply);
      if (reply instanceof ServiceError && reply.code === 'InvalidProductCodeException') {
        refusedCompanies.set(requestGroupOf(first.record), reply);
        return leave(records, `AWS refuses this product: ${reply.message}`);
      }
      if (reply instanceof ServiceError && isRetryable(reply.kind) && msLeft(first) <= LONGEST_PAUSE_MS) {
        // It was given up because the window of its first records closes; the others have more time.
        await world.sleep(Math.max(0, msLeft(first)), world.stop).catch(() => {});
        continue;
      }
      if (reply instanceof ServiceError || reply instanceof CredentialsError) {
        stopped ??= reply;
        return leave(records, reply.message);
      }
      if (reply instanceof Error) throw reply;

      const { output, resent } = reply as Called<'BatchMeterUsage'>;
      if (resent) for (const planned of records) doubtful.add(planned);
      const { settled, unprocessed, missing } = matchReply(records, output, planned => doubtful.has(planned));
      for (const { planned, outcome } of settled) {
        if (outcome.doubt === 'duplicate') disputed.push({ planned, outcome });
        else journal.settle(planned, outcome);
        if (outcome.status === 'accepted') known = { ...planned, outcome };
        doubtful.delete(planned);
      }
      for (const planned of missing) doubtful.add(planned);
      const open = new Set([...unprocessed, ...missing]);
      records = records.filter(planned => open.has(planned));
      if (records.length === 0) return;
      const delayMs = backoffMs('unavailable', round, world.random());
      if (world.monotonic() + delayMs >= giveUpAt)
        return leave(records, 'AWS did not process it, again and again');
      await world.sleep(delayMs, world.stop).catch(() => {});
    }
  };

  const msLeft = ({ record }: PlannedRecord): number =>
    deadlineOf(record.timestamp, WINDOWS.BatchMeterUsage) - client.now().getTime();

  /** Not by a clock that is to be compared yet; where AWS is there and tells no time, it has to do. */
  const canTellAge = (): boolean => wasHeard || client.known() !== undefined;

  /** Retries end with the window of the record that expires first. */
  const patience = (first: PlannedRecord): number => Math.max(1, Math.min(giveUpAfterMs, msLeft(first)));

  /** AWS refused all for one: send the halves apart until the bad record stands alone. */
  const isolate = async (records: readonly PlannedRecord[], refusal: ServiceError): Promise<void> => {
    const [planned] = records;
    if (records.length > 1) {
      for (const half of halves(records)) await sendBatch(half, true);
    } else if (planned !== undefined) {
      const reason = `${refusal.code}: ${refusal.message}`;
      // What it is refused for now, such as its age or the end of an agreement, need not have been so before.
      if (doubtful.delete(planned))
        journal.settle(planned, unknown('refused', `AWS now refuses it, ${reason}`));
      else settle(planned, 'refused', reason);
    }
  };

  /** What this service means by a duplicate is asked once, and only when it matters. */
  const settleDisputed = async (): Promise<void> => {
    if (disputed.length === 0) return;
    const proof = known ?? accepted();
    const canAsk = proof !== undefined && stopped === undefined && !world.stop.aborted && msLeft(proof) > 0;
    const isCertain =
      canAsk && (await answersSuccessAgain(proof, { client, pace, giveUpAfterMs: patience(proof) }));
    for (const { planned, outcome } of disputed) {
      if (isCertain) settle(planned, 'duplicate', ANOTHER_QUANTITY);
      else journal.settle(planned, outcome);
    }
  };

  /** Settles what has become too old to be sent, which would take its whole batch down. */
  const withoutExpired = async (records: readonly PlannedRecord[]): Promise<readonly PlannedRecord[]> => {
    const isExpired = (planned: PlannedRecord): boolean => msLeft(planned) <= 0;
    // A verdict for good is not made by a clock that nobody has compared with AWS's.
    if (client.known() === undefined && records.some(isExpired)) {
      asked ??= client.askTime(ASK_MS);
      wasHeard = (await asked) === undefined;
    }
    return records.filter(planned => {
      if (!isExpired(planned)) return true;
      if (!canTellAge()) leave([planned], UNASKED);
      else if (doubtful.has(planned)) lose(planned);
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
        if (batch.doubtful) for (const planned of batch.records) doubtful.add(planned);
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
  const [refusal] = refusedCompanies.values();
  return stopped ?? refusal;
};

const { hours, monthEndHour } = WINDOWS.BatchMeterUsage;
/** How long AWS's time is waited for, milliseconds. */
const ASK_MS = 5_000;

/** Why a record is `expired`; with what there is to say of the clock. */
export const tooOldBecause = (note: string | undefined): string =>
  note === undefined ? TOO_OLD : `${TOO_OLD}; ${note}`;
const UNASKED =
  "it is too old by this machine's clock, and nobody replied to the question what time it is by AWS's";
const TOO_OLD = `AWS takes usage for ${hours} hours, and the previous month's until the 1st, 0${monthEndHour}:00 UTC`;
