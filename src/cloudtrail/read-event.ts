import { parseJson } from '../usage/json.ts';
import { parseEventTime } from './event-time.ts';
import type { Sender } from './finding.ts';
import { isObject, lowered, type Members, textIn } from './members.ts';
import { type Entry, readRecords } from './read-records.ts';

/** What an event of CloudTrail means for billing. */
export type ReadEvent =
  /** BatchMeterUsage: the one call that the ledger knows of. */
  | { readonly kind: 'batch'; readonly event: EventFacts; readonly entries: readonly Entry[] }
  /** Another call of the service, such as a buyer's MeterUsage. */
  | { readonly kind: 'other-call'; readonly name: string }
  /** An event of another service. */
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'no-event' };

export type EventFacts = {
  readonly id: string;
  /** When the call was made, epoch seconds. */
  readonly at: number | undefined;
  readonly region: string | undefined;
  readonly sender: Sender;
  /** The error of the whole call. */
  readonly errorCode: string | undefined;
  /** Why the event does not say all; undefined when it does. */
  readonly incomplete: string | undefined;
  /** Whether it may have had records of which it shows nothing. */
  readonly hides: boolean;
};

/** AWS's pages and its service model name the source differently. */
const SOURCES = ['metering-marketplace.amazonaws.com', 'marketplacemetering.amazonaws.com'];

/**
 * Reads one event: as CloudTrail writes it, as LookupEvents wraps it (`CloudTrailEvent`), or as EventBridge does
 * (`detail`). Members are found without regard to case: AWS's own pages spell one of them in two ways.
 */
export const readEvent = (value: unknown): ReadEvent => {
  const outer = membersOf(value);
  const members = outer && unwrapped(outer);
  const source = textIn(members?.['eventsource'])?.toLowerCase();
  const name = textIn(members?.['eventname']);
  if (outer === undefined || members === undefined || source === undefined || name === undefined)
    return { kind: 'no-event' };
  if (SOURCES.includes(source)) {
    if (name !== 'BatchMeterUsage') return { kind: 'other-call', name };
    // What LookupEvents says around an event is not the event.
    return members === outer && outer['cloudtrailevent'] !== undefined
      ? unreadableBatch(members, 'its CloudTrailEvent cannot be read')
      : readBatch(members);
  }
  const mayBeOurs = name === 'BatchMeterUsage' && /market|meter/.test(source);
  return mayBeOurs ? unreadableBatch(members, `its eventSource is ${source}`) : { kind: 'unrelated' };
};

const unwrapped = (outer: Members): Members => {
  const isBare = outer['eventsource'] !== undefined;
  return membersOf(outer['cloudtrailevent']) ?? (isBare ? outer : (membersOf(outer['detail']) ?? outer));
};

const membersOf = (value: unknown): Members | undefined => {
  const object = typeof value === 'string' ? parsed(value) : value;
  return isObject(object) ? lowered(object) : undefined;
};

const parsed = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

const readBatch = (members: Members): ReadEvent => {
  const at = parseEventTime(members['eventtime']);
  const region = textIn(members['awsregion']);
  const errorCode = textIn(members['errorcode']);
  const { entries, trouble, hides } = readRecords(
    members['requestparameters'],
    members['responseelements'],
    errorCode !== undefined,
  );
  const lacks = [
    ...(at === undefined ? ['it has no eventTime that can be read'] : []),
    ...(region === undefined ? ['it has no awsRegion'] : []),
  ];
  // What has no place or no time cannot be compared with anything.
  const isPlaced = lacks.length === 0;
  const incomplete = [...lacks, ...trouble].join('; ') || undefined;
  // A call that failed has billed nothing, whatever it does not show.
  const mayHide = errorCode === undefined && (hides || !isPlaced);
  const event: EventFacts = {
    id: idIn(members),
    at,
    region,
    sender: senderOf(members),
    errorCode,
    incomplete: errorCode !== undefined && isPlaced ? undefined : incomplete,
    hides: mayHide,
  };
  return { kind: 'batch', event, entries: isPlaced ? entries : [] };
};

/** A call whose records are not known at all. */
const unreadableBatch = (members: Members, incomplete: string): ReadEvent => ({
  kind: 'batch',
  event: {
    id: idIn(members),
    at: parseEventTime(members['eventtime']),
    region: textIn(members['awsregion']),
    sender: senderOf(members),
    errorCode: undefined,
    incomplete,
    hides: true,
  },
  entries: [],
});

const idIn = (members: Members): string =>
  textIn(members['eventid']) ?? textIn(members['requestid']) ?? JSON.stringify(members);

/** An identity has an ARN, or is a service or an account of another kind. */
const senderOf = (members: Members): Sender => {
  const identity = membersOf(members['useridentity']) ?? {};
  return {
    principal:
      textIn(identity['arn']) ??
      textIn(identity['principalid']) ??
      textIn(identity['username']) ??
      textIn(members['username']) ??
      textIn(identity['invokedby']) ??
      textIn(identity['accountid']),
    address: textIn(members['sourceipaddress']),
    userAgent: textIn(members['useragent']),
  };
};
