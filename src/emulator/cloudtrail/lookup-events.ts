import { createHmac, hash, randomBytes } from 'node:crypto';
import type { EpochMs } from '../../usage/hours.ts';
import { DAY_MS } from '../../usage/hours.ts';
import { createQuota, type Quota } from '../quota.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';
import type { CallEvent } from './call-event.ts';
import { cloudTrailEvent, type EventFormat, eventIdOf, isReadOnly, sourceOf } from './cloudtrail-event.ts';
import type { EventHistory, HistoryEntry } from './event-history.ts';
import type { FoundEvent, LookupAttribute, LookupInput, LookupOutput } from './model.ts';

type Lookup = (
  input: LookupInput,
  caller: Pick<Caller, 'accountId' | 'region'>,
  now: Date,
) => LookupOutput | Refusal;

/** The period of CloudTrail's event history. */
const HISTORY_MS = 90 * DAY_MS;

const MAX_RESULTS = 50;

/**
 * CloudTrail's LookupEvents: the events of the caller's account in one Region, newest first. An event appears when it is
 * `delayMs` old by the service's clock. Source: CloudTrail API reference, LookupEvents; the order is from the manual of the
 * AWS CLI. The reference only gives an example of parameters that must stay the same with a NextToken; here it is all but
 * MaxResults.
 */
export const createLookup = (history: EventHistory, format: EventFormat, delayMs: number): Lookup => {
  const tokens = createPageTokens();
  return (input, { accountId, region }, now) => {
    const refusal = inputRefusal(input);
    if (refusal !== undefined) return refusal;
    const {
      LookupAttributes,
      StartTime,
      EndTime,
      EventCategory,
      MaxResults = MAX_RESULTS,
      NextToken,
    } = input;
    const query = JSON.stringify([accountId, region, LookupAttributes, StartTime, EndTime, EventCategory]);
    const after = NextToken === undefined ? undefined : tokens.read(NextToken, query);
    if (after === 'invalid') return refuse('InvalidNextTokenException');
    if (EventCategory === 'insight') return { Events: [] };

    const matches = matcher(LookupAttributes?.[0], format);
    const oldestMs = now.getTime() - HISTORY_MS;
    // Without a delay all events appear, even if the clock has been set back since.
    const newestMs = delayMs === 0 ? Number.POSITIVE_INFINITY : now.getTime() - delayMs;
    const found = history
      .inOrder()
      .filter(entry => {
        const { event } = entry;
        const { caller } = event;
        if (caller.accountId !== accountId || caller.region !== region) return false;
        const at = event.at.getTime();
        const second = Math.floor(at / 1000);
        return (
          at >= oldestMs &&
          at <= newestMs &&
          second >= (StartTime ?? Number.NEGATIVE_INFINITY) &&
          second <= (EndTime ?? Number.POSITIVE_INFINITY) &&
          (after === undefined || compareNewestFirst(after, positionOf(entry)) < 0) &&
          matches(event)
        );
      })
      .sort((a, b) => compareNewestFirst(positionOf(a), positionOf(b)));
    const page = found.slice(0, MaxResults);
    const last = page.at(-1);
    return {
      Events: page.map(({ event }) => foundEvent(event, format)),
      ...(last !== undefined &&
        found.length > page.length && { NextToken: tokens.write(positionOf(last), query) }),
    };
  };
};

const CATEGORIES: readonly (string | undefined)[] = [undefined, 'insight'];

const inputRefusal = ({
  LookupAttributes = [],
  StartTime,
  EndTime,
  EventCategory,
  MaxResults = MAX_RESULTS,
}: LookupInput): Refusal | undefined => {
  const [attribute, ...more] = LookupAttributes;
  if (more.length > 0) {
    return refuse('InvalidLookupAttributesException', 'You can only include one lookup attribute.');
  }
  if (attribute !== undefined && !isAttribute(attribute)) return refuse('InvalidLookupAttributesException');
  if (MaxResults < 1 || MaxResults > MAX_RESULTS) return refuse('InvalidMaxResultsException');
  if (!CATEGORIES.includes(EventCategory)) return refuse('InvalidEventCategoryException');
  return StartTime !== undefined && EndTime !== undefined && StartTime > EndTime
    ? refuse('InvalidTimeRangeException')
    : undefined;
};

/** The value of each attribute of an event; undefined: the emulator's events do not have it. */
const ATTRIBUTES: ReadonlyMap<string, (event: CallEvent, format: EventFormat) => string | undefined> =
  new Map<string, (event: CallEvent, format: EventFormat) => string | undefined>([
    ['EventId', eventIdOf],
    ['EventName', ({ operation }) => operation],
    ['ReadOnly', event => String(isReadOnly(event))],
    ['Username', ({ caller }) => caller.userName],
    ['ResourceType', () => undefined],
    ['ResourceName', () => undefined],
    ['EventSource', sourceOf],
    ['AccessKeyId', ({ caller }) => caller.accessKeyId],
  ]);

const isAttribute = ({ AttributeKey, AttributeValue }: LookupAttribute): boolean =>
  ATTRIBUTES.has(AttributeKey) && AttributeValue.length >= 1 && AttributeValue.length <= 2000;

const matcher = (
  attribute: LookupAttribute | undefined,
  format: EventFormat,
): ((event: CallEvent) => boolean) => {
  const found = attribute && ATTRIBUTES.get(attribute.AttributeKey);
  return found === undefined ? () => true : event => found(event, format) === attribute?.AttributeValue;
};

const foundEvent = (event: CallEvent, format: EventFormat): FoundEvent => {
  const whole = cloudTrailEvent(event, format);
  return {
    EventId: whole.eventID,
    EventName: whole.eventName,
    ReadOnly: String(whole.readOnly),
    AccessKeyId: whole.userIdentity.accessKeyId,
    EventTime: Math.floor(event.at.getTime() / 1000),
    EventSource: whole.eventSource,
    Username: whole.userIdentity.userName,
    Resources: [],
    CloudTrailEvent: JSON.stringify(whole),
  };
};

/** The position of an event, which does not change when events are added between two pages. */
type PagePosition = readonly [at: EpochMs, sequence: number];

const positionOf = ({ event, sequence }: HistoryEntry): PagePosition => [event.at.getTime(), sequence];

const compareNewestFirst = ([at, sequence]: PagePosition, [otherAt, otherSequence]: PagePosition): number =>
  otherAt - at || otherSequence - sequence;

type PageTokens = {
  readonly write: (place: PagePosition, query: string) => string;
  readonly read: (token: string, query: string) => PagePosition | 'invalid';
};

/** A token is signed together with its query, so that it is not valid for another query or another emulator. */
const createPageTokens = (): PageTokens => {
  const key = randomBytes(32);
  const sealOf = (place: string, query: string): string =>
    createHmac('sha256', key)
      .update(`${place}\n${hash('sha256', query)}`)
      .digest('base64url');
  return {
    write: (place, query) => {
      const text = place.join('.');
      return Buffer.from(`${text}/${sealOf(text, query)}`).toString('base64url');
    },
    read: (token, query) => {
      const [text = '', seal] = Buffer.from(token, 'base64url').toString().split('/');
      if (seal === undefined || seal !== sealOf(text, query)) return 'invalid';
      const [at = 0, sequence = 0] = text.split('.').map(Number);
      return [at, sequence];
    },
  };
};

/** The only operation of CloudTrail here, and its quota. */
export type CloudTrail = { readonly lookup: Lookup; readonly quota: Quota };

/** Source: CloudTrail API reference, LookupEvents: two a second for each account and Region. */
const LOOKUPS_PER_SECOND = 2;

export const createCloudTrail = (
  history: EventHistory,
  format: EventFormat,
  delayMs: number,
): CloudTrail => ({
  lookup: createLookup(history, format, delayMs),
  quota: createQuota(LOOKUPS_PER_SECOND),
});
