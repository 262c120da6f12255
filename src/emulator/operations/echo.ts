import type { WireRecord } from '../../usage/wire.ts';
import type { Call } from './operation.ts';
import { recordUsage } from './request-facts.ts';

/** The record as Results show it. Licences go with account ids alone, whatever `echoed-identity` says. */
export const echoOf = (record: WireRecord, { behaviours, market }: Call): WireRecord =>
  behaviours['echoed-identity'] === 'sent' || record.LicenseArn !== undefined
    ? record
    : { ...record, ...market.identitiesOf(recordUsage(record)) };
