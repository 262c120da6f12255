import { ServiceError, UNEXPECTED_REPLY } from '../errors.ts';
import type { ServiceCaller } from '../metering/client.ts';
import { createPace, turnOf } from '../metering/pace.ts';
import { jsonMessages, type Protocol } from '../metering/protocol.ts';
import type { EpochSeconds } from '../usage/hours.ts';
import { isObject, parseJson } from '../usage/json.ts';
import type { World } from '../world.ts';

/** The used part of LookupEvents. Source: CloudTrail service model 2013-11-01. */
type LookupInputs = {
  LookupEvents: {
    LookupAttributes: { AttributeKey: string; AttributeValue: string }[];
    StartTime: EpochSeconds;
    EndTime: EpochSeconds;
    MaxResults: number;
    NextToken?: string;
  };
};

type LookupOutputs = {
  LookupEvents: { readonly events: readonly unknown[]; readonly nextToken: string | undefined };
};

export type LookupCaller = ServiceCaller<LookupInputs, LookupOutputs>;

/** The name in the credential scope. */
export const SIGNING_NAME = 'cloudtrail';

/** Fifty events of 256 KB, as JSON within JSON. */
export const PAGE_LIMIT_BYTES = 40_000_000;

/** How far back CloudTrail's event history goes. Source: CloudTrail User Guide, event history. */
export const HISTORY_DAYS = 90;

/** About how long an event takes to appear; AWS does not guarantee it. Source: CloudTrail User Guide, event history. */
export const DELAY_MS = 15 * 60_000;

/** Source: CloudTrail API reference, LookupEvents: for each account and Region. */
const PAGES_PER_SECOND = 2;
const EVENTS_PER_PAGE = 50;

export const CLOUDTRAIL: Protocol<LookupInputs, LookupOutputs> = {
  messageOf: jsonMessages(name => `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.${name}`),
  decode: (_, body) => decodePage(body),
  onlyReads: true,
};

const decodePage = (body: string): LookupOutputs['LookupEvents'] | undefined => {
  try {
    const page = parseJson(body);
    if (!isObject(page)) return undefined;
    const { Events = [], NextToken } = page;
    if (!Array.isArray(Events) || (NextToken != null && typeof NextToken !== 'string')) return undefined;
    return { events: Events, nextToken: NextToken || undefined };
  } catch {
    return undefined;
  }
};

/** A page that was read before comes again, so the rest cannot be read this way. */
const pagesInCircle = (pages: number): ServiceError =>
  new ServiceError(
    `CloudTrail returned a page of events again after ${pages} ${pages === 1 ? 'page' : 'pages'}`,
    {
      kind: 'unavailable',
      code: UNEXPECTED_REPLY,
      operation: 'LookupEvents',
      because: 'a NextToken was returned for the second time: the pages form a loop',
      maybeDelivered: false,
      next: 'run the same command again, or use --cloudtrail with the files of a trail; nothing was compared',
    },
  );

type LookupParts = {
  readonly caller: Pick<LookupCaller, 'call'>;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'stop'>;
  readonly giveUpAfterMs: number;
};

/**
 * All BatchMeterUsage events between two instants, newest first, as fast as AWS allows. They are looked up by name, because
 * AWS's documentation names their source in two ways, and a call may have only one attribute.
 */
export async function* lookUp(
  from: EpochSeconds,
  to: EpochSeconds,
  { caller, world, giveUpAfterMs }: LookupParts,
): AsyncGenerator<unknown> {
  const pace = createPace(PAGES_PER_SECOND, world);
  const followed = new Set<string>();
  let nextToken: string | undefined;
  do {
    await turnOf(pace);
    const { output } = await caller.call(
      'LookupEvents',
      {
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'BatchMeterUsage' }],
        StartTime: from,
        EndTime: to,
        MaxResults: EVENTS_PER_PAGE,
        ...(nextToken !== undefined && { NextToken: nextToken }),
      },
      { giveUpAfterMs, pace },
    );
    yield* output.events;
    ({ nextToken } = output);
    if (nextToken !== undefined && followed.has(nextToken)) throw pagesInCircle(followed.size + 1);
    if (nextToken !== undefined) followed.add(nextToken);
  } while (nextToken !== undefined);
}
