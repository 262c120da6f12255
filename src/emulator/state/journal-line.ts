import { isObject, type JsonObject } from '../../usage/json.ts';
import type { WireRecord } from '../../usage/wire.ts';
import type { CallEvent } from '../cloudtrail/call-event.ts';
import type { Read } from '../rules/shape.ts';
import type { StoreEntry, TokenUse } from './store.ts';

/** Changes of the state that are written at once, usually by one call. */
export type StateLine = {
  readonly records?: readonly { readonly key: string; readonly entry: StoreEntry }[];
  readonly tokens?: readonly { readonly token: string; readonly use: TokenUse }[];
  /** Digests of registration tokens. */
  readonly usedTokens?: readonly string[];
  /** Tasks and pods. */
  readonly registered?: readonly string[];
  readonly events?: readonly LineEvent[];
  /** The requests whose events have been written to log files. */
  readonly delivered?: readonly string[];
  /** The readings that determined the keys of records: see `keyReadings`. */
  readonly keyedBy?: readonly string[];
  /** The private key, in PEM, that signs the replies of RegisterUsage. */
  readonly signingKey?: string;
};

/** `toDeliver`: the event must be written to a log file. */
type LineEvent = {
  readonly event: CallEvent;
  readonly lasting: boolean;
  readonly toDeliver?: true;
};

const KIND = 'ampmeter emulator state';
const VERSION = 1;

/** The first line of a state file. */
export const HEADER = JSON.stringify({ file: KIND, version: VERSION });

/** What is wrong with the header; undefined: nothing. */
export const headerProblem = (text: string): string | undefined => {
  const header = parseObject(text);
  if (header?.['file'] !== KIND) return 'this is not the state file of an emulator';
  return header['version'] === VERSION ? undefined : 'this was written by another version of ampmeter';
};

export const formatStateLine = (line: StateLine): string => JSON.stringify(withReferences(line));

/** Checks the structure only: enough to detect damage and other files, not forged lines. */
export const readStateLine = (text: string): Read<StateLine> => {
  const line = parseObject(text);
  if (line === undefined) return DAMAGED;
  const {
    records = [],
    tokens = [],
    usedTokens = [],
    registered = [],
    events = [],
    delivered = [],
    keyedBy = [],
    signingKey,
    ...others
  } = line;
  const isWhole =
    Object.keys(others).length === 0 &&
    isListOf(records, item => hasText(item, 'key') && hasObject(item, 'entry', ENTRY_TEXTS)) &&
    isListOf(tokens, item => hasText(item, 'token') && hasObject(item, 'use', TOKEN_TEXTS)) &&
    isListOfTexts(usedTokens) &&
    isListOfTexts(registered) &&
    isListOf(events, isEvent) &&
    isListOfTexts(delivered) &&
    isListOfTexts(keyedBy) &&
    (signingKey === undefined || typeof signingKey === 'string');
  if (!isWhole) return DAMAGED;
  try {
    return { ok: true, value: withoutReferences(revived(line as WrittenLine)) };
  } catch {
    return DAMAGED;
  }
};

const isEvent = (item: JsonObject): boolean =>
  typeof item['lasting'] === 'boolean' &&
  (item['toDeliver'] === undefined || item['toDeliver'] === true) &&
  hasObject(item, 'event', EVENT_TEXTS) &&
  hasObject(item['event'] as JsonObject, 'caller', CALLER_TEXTS);

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every(item => typeof item === 'string');

/** In JSON, a date is a string. */
type WrittenLine = Omit<StateLine, 'records' | 'events'> & {
  readonly records?: readonly {
    readonly key: string;
    readonly entry: StoreEntry & { receivedAt: Date | string };
  }[];
  readonly events?: readonly (LineEvent & { readonly event: { readonly at: Date | string } })[];
};

const revived = ({ records, events, ...others }: WrittenLine): StateLine => ({
  ...others,
  ...(records && {
    records: records.map(({ key, entry }) => ({
      key,
      entry: { ...entry, productCode: entry.productCode, receivedAt: dateOf(entry.receivedAt) },
    })),
  }),
  ...(events && {
    events: events.map(({ event, ...facts }) => ({
      ...facts,
      event: {
        ...event,
        input: event.input,
        output: event.output,
        error: event.error,
        at: dateOf(event.at),
      },
    })),
  }),
});

const dateOf = (written: Date | string): Date => {
  const date = new Date(written);
  if (Number.isNaN(date.getTime())) throw new RangeError(`invalid date ${written}`);
  return date;
};

const DAMAGED = { ok: false, message: 'this line is damaged' } as const;

const ENTRY_TEXTS = ['region', 'operation', 'receivedAt', 'meteringRecordId'];
const TOKEN_TEXTS = ['parameters', 'meteringRecordId'];
const CALLER_TEXTS = ['accountId', 'userName', 'accessKeyId', 'region'];
const EVENT_TEXTS = ['at', 'requestId', 'operation', 'sourceIPAddress', 'userAgent'];

const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isListOf = (value: unknown, isRight: (item: JsonObject) => boolean): boolean =>
  Array.isArray(value) && value.every(item => isObject(item) && isRight(item));

const hasText = (item: JsonObject, name: string): boolean => typeof item[name] === 'string';

const hasObject = (item: JsonObject, name: string, texts: readonly string[]): boolean => {
  const inner = item[name];
  return isObject(inner) && texts.every(text => hasText(inner, text));
};

/**
 * A record of a batch is in its request, in its result and in the store: three times the same object. A line of the state
 * has it once, in the request, and its position everywhere else; reading restores one object.
 */
type Replace = (record: unknown) => unknown;

/** The line with positions instead of the records of its requests. */
const withReferences = (line: StateLine): unknown => {
  const numbers = new Map<unknown, number>();
  for (const record of recordsIn(line)) numbers.set(record, numbers.size);
  return replaced(line, record => numbers.get(record) ?? record);
};

/** The line with records instead of their positions. Throws when a record is missing. */
const withoutReferences = (line: StateLine): StateLine => {
  const records = recordsIn(line);
  return replaced(line, record => {
    const found = typeof record === 'number' ? records[record] : record;
    if (found === undefined) throw new Error('it refers to a missing record');
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
