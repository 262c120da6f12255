import type { CallEvent } from '../cloudtrail/call-event.ts';
import type { TokenUse } from '../operations/operation.ts';
import type { Read } from '../rules/shape.ts';
import { withoutReferences, withReferences } from './state-references.ts';
import type { Entry } from './store.ts';

/** What is added to the state at once, mostly by one call. */
export type StateLine = {
  readonly records?: readonly { readonly key: string; readonly entry: Entry }[];
  readonly tokens?: readonly { readonly token: string; readonly use: TokenUse }[];
  /** Digests of registration tokens. */
  readonly usedTokens?: readonly string[];
  /** Tasks and pods. */
  readonly registered?: readonly string[];
  readonly events?: readonly LineEvent[];
  /** The requests whose events are in a trail's log files since. */
  readonly delivered?: readonly string[];
  /** The readings that made the keys of records: see `keyReadings`. */
  readonly keyedBy?: readonly string[];
  /** PEM of the key that RegisterUsage's replies are signed with. */
  readonly signingKey?: string;
};

/** `toDeliver`: a trail was there to write it to a log file. */
export type LineEvent = {
  readonly event: CallEvent;
  readonly lasting: boolean;
  readonly toDeliver?: true;
};

const KIND = 'ampmeter emulator state';
const VERSION = 1;

/** The first line of a state file. */
export const HEADER = JSON.stringify({ file: KIND, version: VERSION });

/** Undefined: it is a header that can be read; otherwise what is wrong with it. */
export const headerTrouble = (text: string): string | undefined => {
  const header = parseObject(text);
  if (header?.['file'] !== KIND) return 'this is no state of an emulator';
  return header['version'] === VERSION ? undefined : 'this was written by another version of ampmeter';
};

export const spellStateLine = (line: StateLine): string => JSON.stringify(withReferences(line));

/** Looks at the outside only: lines that ampmeter has not written are to be found, not invented ones. */
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
    return { ok: true, value: withoutReferences(revived(line as Written)) };
  } catch {
    return DAMAGED;
  }
};

const isEvent = (item: Members): boolean =>
  typeof item['lasting'] === 'boolean' &&
  (item['toDeliver'] === undefined || item['toDeliver'] === true) &&
  hasObject(item, 'event', EVENT_TEXTS) &&
  hasObject(item['event'] as Members, 'caller', CALLER_TEXTS);

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every(item => typeof item === 'string');

type Members = Readonly<Record<string, unknown>>;

/** In JSON a date is a text. */
type Written = Omit<StateLine, 'records' | 'events'> & {
  readonly records?: readonly {
    readonly key: string;
    readonly entry: Entry & { receivedAt: Date | string };
  }[];
  readonly events?: readonly (LineEvent & { readonly event: { readonly at: Date | string } })[];
};

const revived = ({ records, events, ...others }: Written): StateLine => ({
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
  if (Number.isNaN(date.getTime())) throw new RangeError(`${written} is no date`);
  return date;
};

const DAMAGED = { ok: false, message: 'this line is damaged' } as const;

const ENTRY_TEXTS = ['region', 'operation', 'receivedAt', 'meteringRecordId'];
const TOKEN_TEXTS = ['parameters', 'meteringRecordId'];
const CALLER_TEXTS = ['accountId', 'userName', 'accessKeyId', 'region'];
const EVENT_TEXTS = ['at', 'requestId', 'operation', 'sourceIPAddress', 'userAgent'];

const parseObject = (text: string): Members | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isListOf = (value: unknown, isRight: (item: Members) => boolean): boolean =>
  Array.isArray(value) && value.every(item => isObject(item) && isRight(item));

const hasText = (item: Members, name: string): boolean => typeof item[name] === 'string';

const hasObject = (item: Members, name: string, texts: readonly string[]): boolean => {
  const inner = item[name];
  return isObject(inner) && texts.every(text => hasText(inner, text));
};
