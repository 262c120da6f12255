import { billSame, recordKey } from '../operations/dedup.ts';
import type { Usage } from '../operations/request-facts.ts';
import type { Check } from './check.ts';
import { type Refusal, refuse } from './refusals.ts';

/** The model allows an empty list, and no text explains its use. */
export const batchHasRecords: Check = ({ operation, usages }, { behaviours }) =>
  operation === 'BatchMeterUsage' && usages.length === 0 && behaviours['empty-batch'] === 'refused'
    ? refuse('ValidationException', 'UsageRecords is empty.')
    : undefined;

/** Two records with one key in a request, equal or not. By default this is decided record by record. */
export const keysAreDistinct: Check = ({ operation, productCode, usages }, { behaviours }) => {
  const conflict = behaviours['in-request-conflict'] === 'refused';
  const repeat = behaviours['in-request-repeat'] === 'refused';
  if (operation !== 'BatchMeterUsage' || (!conflict && !repeat)) return undefined;
  const seen = new Map<string, Usage>();
  for (const usage of usages) {
    const key = recordKey('', productCode, usage, behaviours);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, usage);
    else if (billSame(before, usage, behaviours) ? repeat : conflict) return REPEATED_RECORD;
  }
  return undefined;
};

const REPEATED_RECORD: Refusal = refuse(
  'ValidationException',
  'Two records have the same customer, dimension and time.',
);
