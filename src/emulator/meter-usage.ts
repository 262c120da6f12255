import { DRY_RUN_ID, type Inputs, type Outputs, type WireRecord } from '../metering/wire.ts';
import { startOfHour } from '../usage/windows.ts';
import { callUsage } from './asked.ts';
import type { Call } from './call.ts';
import { type Refusal, refuse } from './refusals.ts';
import { billSame, spellAllocations } from './store.ts';

/**
 * Records usage of the caller's own resource, once for each dimension and UTC hour; the key pair stands for the resource.
 * Refuses with DuplicateRequestException what differs from the hour's record, and with IdempotencyConflictException a
 * ClientToken that was used for other parameters. Source: MeterUsage, API reference, the rules outside AgentCore. A
 * permitted dry run is an ordinary reply with a fixed id, and stores nothing; product and dimension have been checked by
 * then, since AWS's container sample tries its dimensions out this way.
 */
export const meterUsage = (
  input: Inputs['MeterUsage'],
  { region, accessKeyId, now, memory, uuid, settled }: Call,
): Outputs['MeterUsage'] | Refusal => {
  if (input.DryRun === true) return { MeteringRecordId: DRY_RUN_ID };
  const { store, clientTokens } = memory;
  const { at, quantity, dimension, allocations } = callUsage(input);

  const token =
    input.ClientToken === undefined ? undefined : JSON.stringify([region, accessKeyId, input.ClientToken]);
  const parameters = JSON.stringify([
    input.ProductCode,
    input.Timestamp,
    dimension,
    quantity,
    spellAllocations(allocations),
  ]);
  const use = token === undefined ? undefined : clientTokens.get(token);
  if (use !== undefined) {
    if (use.parameters !== parameters) return refuse('IdempotencyConflictException');
    settled.push({ outcome: 'same', meteringRecordId: use.meteringRecordId });
    return { MeteringRecordId: use.meteringRecordId };
  }

  const record: WireRecord = {
    Timestamp: input.Timestamp,
    Dimension: dimension,
    Quantity: quantity,
    ...(input.UsageAllocations !== undefined && { UsageAllocations: input.UsageAllocations }),
  };
  const key = JSON.stringify([region, accessKeyId, input.ProductCode, dimension, startOfHour(at)]);
  const before = store.get(key);
  if (before !== undefined && !billSame(before.record, record)) {
    settled.push({ outcome: 'duplicate' });
    return refuse('DuplicateRequestException');
  }
  const meteringRecordId = before?.meteringRecordId ?? uuid();
  if (before === undefined) {
    const productCode = input.ProductCode;
    store.add(key, {
      region,
      operation: 'MeterUsage',
      receivedAt: now,
      meteringRecordId,
      productCode,
      record,
    });
  }
  settled.push({ outcome: before === undefined ? 'recorded' : 'same', meteringRecordId });
  if (token !== undefined) clientTokens.set(token, { parameters, meteringRecordId });
  return { MeteringRecordId: meteringRecordId };
};
