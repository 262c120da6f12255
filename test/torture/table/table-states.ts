import { readFileSync } from 'node:fs';
import type { TableChange } from './table-log.ts';

/** A record as an item of the table has it. */
export type StoredRecord = {
  readonly region: string;
  readonly mode: string;
  readonly offering: string;
  readonly status: string;
  readonly quantity: number;
  readonly allocations?: unknown;
  readonly used?: string;
  readonly carried_in?: string;
  readonly metering_record_id?: string;
};

/** What the table had of one usage from a time on, epoch milliseconds. */
export type State = { readonly at: number; readonly records: readonly StoredRecord[] };

type UsageName = { readonly customer: string; readonly dimension: string; readonly hour: number };

/** Each usage with all that the table ever had of it, in order. */
export type TableStates = ReadonlyMap<string, readonly State[]>;

const usageName = ({ customer, dimension, hour }: UsageName): string => [customer, dimension, hour].join(' ');

/** Of the records that AWS has or may have: nothing else of this usage may be sent. */
export const MAY_BE_BILLED: ReadonlySet<string> = new Set([
  'sent',
  'unknown',
  'accepted',
  'already-recorded',
  'duplicate',
]);

export const BILLED: ReadonlySet<string> = new Set(['accepted', 'already-recorded']);

export const readStates = (path: string): TableStates => {
  const states = new Map<string, State[]>();
  const names = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const { at, items } = JSON.parse(line) as TableChange;
    for (const { partition, sort, body } of items) {
      if (!partition.startsWith('usage ')) continue;
      const place = `${partition}\n${sort}`;
      const usage: (UsageName & { readonly records: readonly StoredRecord[] }) | undefined =
        body === undefined ? undefined : JSON.parse(body);
      const name = usage === undefined ? names.get(place) : usageName(usage);
      if (name === undefined) continue;
      names.set(place, name);
      const known = states.get(name) ?? [];
      states.set(name, known);
      known.push({ at, records: usage?.records ?? [] });
    }
  }
  return states;
};

/** What a usage may have been at a time: a millisecond may have several states. */
export const statesAt = (states: readonly State[], at: number): readonly State[] => {
  const before = states.findLast(state => state.at < at);
  const same = states.filter(state => state.at === at);
  return before === undefined ? same : [before, ...same];
};

/** What AWS recognizes a record of a usage by. */
export const variantOf = ({ region, offering }: Pick<StoredRecord, 'region' | 'offering'>): string =>
  `${region} ${offering}`;
