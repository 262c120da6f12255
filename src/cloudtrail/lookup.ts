import { ServiceError, UNEXPECTED_REPLY } from '../errors.ts';
import type { Caller, Protocol } from '../metering/client.ts';
import { createPace } from '../metering/pace.ts';
import { parseJson } from '../usage/json.ts';
import type { World } from '../world.ts';
import { isObject } from './members.ts';

/** LookupEvents of CloudTrail, as far as it is used here. Source: CloudTrail service model 2013-11-01. */
type LookupInputs = {
  LookupEvents: {
    LookupAttributes: { AttributeKey: string; AttributeValue: string }[];
    /** Epoch seconds, as the next. */
    StartTime: number;
    EndTime: number;
    MaxResults: number;
    NextToken?: string;
  };
};

type LookupOutputs = {
  LookupEvents: { readonly events: readonly unknown[]; readonly nextToken: string | undefined };
};

export type LookupCaller = Caller<LookupInputs, LookupOutputs>;

/** The name in the credential scope. */
export const SIGNING_NAME = 'cloudtrail';

/** Fifty events of 256 KB, as text within text. */
export const PAGE_LIMIT_BYTES = 40_000_000;

/** CloudTrail's event history reaches back so far. Source: CloudTrail User Guide, event history. */
export const HISTORY_DAYS = 90;

/** An event shows after about so long; AWS promises nothing. Source: CloudTrail User Guide, event history. */
export const DELAY_MS = 15 * 60_000;

/** Source: CloudTrail API reference, LookupEvents: for each account and Region. */
const PAGES_PER_SECOND = 2;
const EVENTS_PER_PAGE = 50;

export const CLOUDTRAIL: Protocol<LookupInputs, LookupOutputs> = {
  targetOf: operation => `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.${operation}`,
  decode: (_, body) => decodePage(body),
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

/** A page that was had leads to itself again: what else there may be is not to be had like this. */
const pagesInCircle = (pages: number): ServiceError =>
  new ServiceError(
    `after ${pages} ${pages === 1 ? 'page' : 'pages'} of events comes one that was there before`,
    {
      kind: 'unavailable',
      code: UNEXPECTED_REPLY,
      operation: 'LookupEvents',
      because: 'a NextToken came for the second time; the pages lead in a circle',
      maybeDelivered: false,
      next: 'run the same command again, or name the files of a trail with --cloudtrail; what was read is not compared',
    },
  );

type Parts = {
  readonly caller: Pick<LookupCaller, 'call'>;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'stop'>;
  readonly giveUpAfterMs: number;
};

/**
 * All BatchMeterUsage events between two instants (epoch seconds), newest first, as fast as AWS lets one ask. They are
 * looked for by name, because AWS's pages name their source in two ways, and one attribute is all a call may have.
 */
export async function* lookUp(
  from: number,
  to: number,
  { caller, world, giveUpAfterMs }: Parts,
): AsyncGenerator<unknown> {
  const pace = createPace(PAGES_PER_SECOND, world);
  const followed = new Set<string>();
  let nextToken: string | undefined;
  do {
    await pace.admit();
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
