import type { EpochSeconds } from '../usage/hours.ts';
import { isObject, parseJson } from '../usage/json.ts';
import { type EventMembers, lowered, structIn, textIn } from './event-members.ts';
import { parseEventTime } from './event-time.ts';
import type { Sender } from './finding.ts';
import { type ReadEntry, readRecords } from './read-records.ts';

/** What a CloudTrail event means for billing. */
export type ReadEvent =
  /** BatchMeterUsage, the only call in the ledger. */
  | { readonly kind: 'batch'; readonly event: EventFacts; readonly entries: readonly ReadEntry[] }
  /** Another call of the service, for example a buyer's MeterUsage. */
  | { readonly kind: 'other-call'; readonly name: string }
  /** An event of another service. */
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'no-event' };

export type EventFacts = {
  readonly id: string;
  /** The time of the call. */
  readonly at: EpochSeconds | undefined;
  readonly region: string | undefined;
  readonly sender: Sender;
  /** The error of the whole call. */
  readonly errorCode: string | undefined;
  /** Why the event is incomplete; undefined if it is complete. */
  readonly incomplete: string | undefined;
  /** Whether it may have had records that it does not show. */
  readonly hides: boolean;
};

/** AWS's documentation and its service model name the source differently. */
const SOURCES = ['metering-marketplace.amazonaws.com', 'marketplacemetering.amazonaws.com'];

/**
 * Reads one event: as CloudTrail writes it, as LookupEvents wraps it (`CloudTrailEvent`), as EventBridge does (`detail`), or
 * as a row of CloudTrail Lake (`eventJson`) or Athena. The case of member names does not matter: AWS's own documentation
 * spells one of them in two ways.
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
    // The members that LookupEvents or a query puts around an event are not the event.
    const broken = members === outer ? WHOLE.find(({ key }) => textIn(outer[key]) !== undefined) : undefined;
    return broken === undefined
      ? readBatch(members)
      : unreadableBatch(members, `its ${broken.name} cannot be read`);
  }
  const mayBeOurs = name === 'BatchMeterUsage' && /market|meter/.test(source);
  return mayBeOurs ? unreadableBatch(members, `its eventSource is ${source}`) : { kind: 'unrelated' };
};

/** Members that have the whole event as a text. */
const WHOLE = [
  { key: 'cloudtrailevent', name: 'CloudTrailEvent' },
  { key: 'eventjson', name: 'eventJson' },
];

const unwrapped = (outer: EventMembers): EventMembers => {
  for (const { key } of WHOLE) {
    const whole = membersOf(outer[key]);
    if (whole !== undefined) return whole;
  }
  return outer['eventsource'] === undefined ? (membersOf(outer['detail']) ?? outer) : outer;
};

/** GetQueryResults of CloudTrail Lake returns a row as a list of objects with one column each. */
const membersOf = (value: unknown): EventMembers | undefined => {
  const object = typeof value === 'string' ? parsed(value) : value;
  if (Array.isArray(object) && object.length > 0 && object.every(isObject))
    return lowered(Object.assign({}, ...object));
  return isObject(object) ? lowered(object) : undefined;
};

const parsed = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

const readBatch = (members: EventMembers): ReadEvent => {
  const at = parseEventTime(members['eventtime']);
  const region = textIn(members['awsregion']);
  const errorCode = textIn(members['errorcode']);
  const { entries, flaws, hides } = readRecords(
    members['requestparameters'],
    members['responseelements'],
    errorCode !== undefined,
  );
  const lacks = [
    ...(at === undefined ? ['its eventTime cannot be read'] : []),
    ...(region === undefined ? ['it has no awsRegion'] : []),
  ];
  // Without a Region or a time it cannot be compared with anything.
  const isPlaced = lacks.length === 0;
  const incomplete = [...lacks, ...flaws].join('; ') || undefined;
  // A failed call has billed nothing, whatever it does not show.
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

/** A call whose records are unknown. */
const unreadableBatch = (members: EventMembers, incomplete: string): ReadEvent => ({
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

const idIn = (members: EventMembers): string =>
  textIn(members['eventid']) ?? textIn(members['requestid']) ?? JSON.stringify(members);

/** Most identities have an ARN; services and some accounts do not. */
const senderOf = (members: EventMembers): Sender => {
  const shown = members['useridentity'];
  const identity = membersOf(shown) ?? structIn(textIn(shown) ?? '') ?? {};
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
