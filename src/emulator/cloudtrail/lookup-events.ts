import { createHmac, hash, randomBytes } from 'node:crypto';
import { DAY_MS } from '../../usage/hours.ts';
import { createQuota, type Quota } from '../quota.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';
import type { CallEvent } from './call-event.ts';
import { cloudTrailEvent, type EventFormat, eventIdOf, isReadOnly, sourceOf } from './cloudtrail-event.ts';
import type { EventHistory, HistoryEntry } from './event-history.ts';
import type { FoundEvent, LookupAttribute, LookupInput, LookupOutput } from './model.ts';
export type Lookup = (
  input: LookupInput,
  caller: Pick<Caller, 'accountId' | 'region'>,
  now: Date,
) => LookupOutput | Refusal;

/** How long CloudTrail's event history reaches back. */
const HISTORY_MS = 90 * DAY_MS;

const MAX_RESULTS = 50;

/**
 * CloudTrail's LookupEvents: the events of the caller's account in one Region, newest first. An event shows when it is
 * `delayMs` old by the service's clock. Source: CloudTrail API reference, LookupEvents; the order is that of the AWS CLI's
 * manual. Which parameters must stay the same with a NextToken it says by example only; here all but MaxResults.
 */
export const createLookup = (history: EventHistory, spelling: EventFormat, delayMs: number): Lookup => {
  const tokens = createPageTokens();
  return (input, { accountId, region }, now) => {
    const trouble = inputRefusal(input);
    if (trouble !== undefined) return trouble;
    const {
      LookupAttributes,
      StartTime,
      EndTime,
      EventCategory,
      MaxResults = MAX_RESULTS,
      NextToken,
    } = input;
    const question = JSON.stringify([accountId, region, LookupAttributes, StartTime, EndTime, EventCategory]);
    const after = NextToken === undefined ? undefined : tokens.read(NextToken, question);
    if (after === 'invalid') return refuse('InvalidNextTokenException');
    if (EventCategory === 'insight') return { Events: [] };

    const matches = matcher(LookupAttributes?.[0], spelling);
    const oldest = now.getTime() - HISTORY_MS;
    // Without a delay nothing is withheld, also of a clock that has been set back since.
    const newest = delayMs === 0 ? Number.POSITIVE_INFINITY : now.getTime() - delayMs;
    const found = history
      .inOrder()
      .filter(kept => {
        const { event } = kept;
        const { caller } = event;
        if (caller.accountId !== accountId || caller.region !== region) return false;
        const at = event.at.getTime();
        const second = Math.floor(at / 1000);
        return (
          at >= oldest &&
          at <= newest &&
          second >= (StartTime ?? Number.NEGATIVE_INFINITY) &&
          second <= (EndTime ?? Number.POSITIVE_INFINITY) &&
          (after === undefined || newestFirst(after, positionOf(kept)) < 0) &&
          matches(event)
        );
      })
      .sort((a, b) => newestFirst(positionOf(a), positionOf(b)));
    const page = found.slice(0, MaxResults);
    const last = page.at(-1);
    return {
      Events: page.map(({ event }) => foundEvent(event, spelling)),
      ...(last !== undefined &&
        found.length > page.length && { NextToken: tokens.write(positionOf(last), question) }),
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

/** What an event has under each attribute; undefined: the emulator's events have none. */
const ATTRIBUTES: ReadonlyMap<string, (event: CallEvent, spelling: EventFormat) => string | undefined> =
  new Map<string, (event: CallEvent, spelling: EventFormat) => string | undefined>([
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
  spelling: EventFormat,
): ((event: CallEvent) => boolean) => {
  const found = attribute && ATTRIBUTES.get(attribute.AttributeKey);
  return found === undefined ? () => true : event => found(event, spelling) === attribute?.AttributeValue;
};

const foundEvent = (event: CallEvent, spelling: EventFormat): FoundEvent => {
  const whole = cloudTrailEvent(event, spelling);
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

/** Where an event stands among the others: they stay in order whatever comes in while somebody turns the pages. */
type PagePosition = readonly [at: number, sequence: number];

const positionOf = ({ event, sequence }: HistoryEntry): PagePosition => [event.at.getTime(), sequence];

const newestFirst = ([at, sequence]: PagePosition, [otherAt, otherSequence]: PagePosition): number =>
  otherAt - at || otherSequence - sequence;

type PageTokens = {
  readonly write: (place: PagePosition, question: string) => string;
  readonly read: (token: string, question: string) => PagePosition | 'invalid';
};

/** A token is signed together with the question it belongs to, so that it serves no other, nor another emulator. */
const createPageTokens = (): PageTokens => {
  const key = randomBytes(32);
  const sealOf = (place: string, question: string): string =>
    createHmac('sha256', key)
      .update(`${place}\n${hash('sha256', question)}`)
      .digest('base64url');
  return {
    write: (place, question) => {
      const text = place.join('.');
      return Buffer.from(`${text}/${sealOf(text, question)}`).toString('base64url');
    },
    read: (token, question) => {
      const [text = '', seal] = Buffer.from(token, 'base64url').toString().split('/');
      if (seal === undefined || seal !== sealOf(text, question)) return 'invalid';
      const [at = 0, sequence = 0] = text.split('.').map(Number);
      return [at, sequence];
    },
  };
};

/** The one operation of CloudTrail that is here, and what its callers may ask of it. */
export type CloudTrail = { readonly lookup: Lookup; readonly quota: Quota };

/** Source: CloudTrail API reference, LookupEvents: two a second for each account and Region. */
const LOOKUPS_PER_SECOND = 2;

export const createCloudTrail = (
  history: EventHistory,
  spelling: EventFormat,
  delayMs: number,
): CloudTrail => ({
  lookup: createLookup(history, spelling, delayMs),
  quota: createQuota(LOOKUPS_PER_SECOND),
});
