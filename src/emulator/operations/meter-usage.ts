import { startOfHour } from '../../usage/hours.ts';
import { DRY_RUN_ID, type Inputs, type Outputs, type WireRecord } from '../../usage/wire.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Call } from './call.ts';
import { allocationsText, amountOf, billSame } from './dedup.ts';
import { callUsage } from './request-facts.ts';

/**
 * Records usage of the caller's own resource, once for each dimension and UTC hour; the key pair identifies the resource.
 * Rejects usage that differs from the record of the hour with DuplicateRequestException, and a ClientToken that was used
 * with other parameters with IdempotencyConflictException. On AgentCore Runtime only the token identifies a repeated
 * request. Source: MeterUsage, API reference. A dry run stores nothing.
 */
export const meterUsage = (
  input: Inputs['MeterUsage'],
  { region, accessKeyId, now, memory, uuid, settled, behaviours }: Call,
): Outputs['MeterUsage'] | Refusal => {
  if (input.DryRun === true) {
    return behaviours['dry-run'] === 'id' ? { MeteringRecordId: DRY_RUN_ID } : refuse('DryRunOperation');
  }
  const { store, clientTokens } = memory;
  const { at, quantity, dimension, allocations } = callUsage(input);

  const byToken = behaviours['meter-usage'] === 'agentcore';
  if (byToken && input.ClientToken === undefined) {
    return refuse('ValidationException', 'ClientToken is required.');
  }
  const token =
    input.ClientToken === undefined ? undefined : JSON.stringify([region, accessKeyId, input.ClientToken]);
  const parameters = JSON.stringify([
    input.ProductCode,
    input.Timestamp,
    dimension,
    quantity,
    allocationsText(allocations),
  ]);
  const use = token === undefined ? undefined : clientTokens.get(token);
  if (use !== undefined) {
    if (use.parameters !== parameters) {
      const status = Number(behaviours['idempotency-conflict-status']);
      return refuse('IdempotencyConflictException', undefined, status);
    }
    settled.push({ outcome: 'same', meteringRecordId: use.meteringRecordId });
    return { MeteringRecordId: use.meteringRecordId };
  }

  const record: WireRecord = {
    Timestamp: input.Timestamp,
    Dimension: dimension,
    Quantity: quantity,
    ...(input.UsageAllocations !== undefined && { UsageAllocations: input.UsageAllocations }),
  };
  const key = JSON.stringify([
    region,
    accessKeyId,
    input.ProductCode,
    dimension,
    byToken ? token : startOfHour(at),
  ]);
  const before = store.get(key);
  const isSame =
    before !== undefined &&
    billSame(amountOf(before.record), { quantity, allocations }, behaviours) &&
    (token === undefined || behaviours['new-client-token'] === 'same');
  if (before !== undefined && !isSame) {
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
  if (token !== undefined) {
    clientTokens.set(token, { parameters, meteringRecordId, ...(before !== undefined && { isAgain: true }) });
  }
  return { MeteringRecordId: meteringRecordId };
};
