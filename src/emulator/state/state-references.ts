import type { WireRecord } from '../../usage/wire.ts';
import type { CallEvent } from '../cloudtrail/call-event.ts';
import type { StateLine } from './journal-line.ts';

/**
 * A record of a batch stands in its request, in its result and in the store: three times the same object. In a line of
 * the state it is written once, in the request; elsewhere stands its number there, and reading makes it one object again.
 */
type Replace = (record: unknown) => unknown;

/** The line with numbers in place of the records that its requests have. */
export const withReferences = (line: StateLine): unknown => {
  const numbers = new Map<unknown, number>();
  for (const record of recordsIn(line)) numbers.set(record, numbers.size);
  return replaced(line, record => numbers.get(record) ?? record);
};

/** The line with the records that its numbers stand for. Throws when there is none. */
export const withoutReferences = (line: StateLine): StateLine => {
  const records = recordsIn(line);
  return replaced(line, record => {
    const found = typeof record === 'number' ? records[record] : record;
    if (found === undefined) throw new Error('it refers to a record that is not there');
    return found;
  });
};

const recordsIn = ({ events = [] }: StateLine): readonly WireRecord[] =>
  events.flatMap(({ event: { input } }) =>
    input !== undefined && 'UsageRecords' in input ? input.UsageRecords : [],
  );

const replaced = (line: StateLine, replace: Replace): StateLine => ({
  ...line,
  ...(line.records && {
    records: line.records.map(({ key, entry }) => ({
      key,
      entry: { ...entry, record: replace(entry.record) as WireRecord },
    })),
  }),
  ...(line.events && {
    events: line.events.map(({ event, ...facts }) => ({ ...facts, event: eventWith(event, replace) })),
  }),
});

const eventWith = (event: CallEvent, replace: Replace): CallEvent => {
  const { output } = event;
  if (output === undefined || !isBatchOutput(output)) return event;
  const { Results, UnprocessedRecords, ...others } = output;
  return {
    ...event,
    output: {
      Results: Results.map(result =>
        'UsageRecord' in result ? { ...result, UsageRecord: replace(result.UsageRecord) } : result,
      ),
      UnprocessedRecords: UnprocessedRecords.map(replace),
      ...others,
    },
  };
};

type BatchOutput = {
  readonly Results: readonly { readonly UsageRecord?: unknown }[];
  readonly UnprocessedRecords: readonly unknown[];
};

const isBatchOutput = (output: object): output is BatchOutput =>
  'Results' in output &&
  Array.isArray(output.Results) &&
  'UnprocessedRecords' in output &&
  Array.isArray(output.UnprocessedRecords);
