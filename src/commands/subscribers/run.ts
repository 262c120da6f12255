import { connectMarket, type MarketConnection } from '../../cli/connection/market.ts';
import { readClock } from '../../cli/connection/service-clock.ts';
import { fileOfLedger, type LedgerLocation, ledgerLocation, ledgerScope } from '../../cli/ledger-location.ts';
import { openReader } from '../../cli/open-reader.ts';
import type { ServiceFlags } from '../../cli/options/connection.ts';
import { checkOrder, parseInstant } from '../../cli/options/time.ts';
import { openSubscriberList, readSubscriberList } from '../../cli/subscriber-list.ts';
import { UsageError } from '../../errors.ts';
import { subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import { findSubscribers } from '../../market/find-subscribers.ts';
import { createProducts, type Products } from '../../market/products.ts';
import type { ListedSubscriber, SubscribersSummary } from '../../render/text/subscribers.ts';
import { noticeText, type Terminal, terminalFor } from '../../render/text/terminal.ts';
import { DAY_SECONDS, type EpochMs, HOUR_MS, isoMs, startOfHour } from '../../usage/hours.ts';
import type { Subscription } from '../../usage/unbilled-hours.ts';
import type { World } from '../../world.ts';
import type { SubscribersOptions } from './options.ts';
import { deadlineOf, writeSubscribers } from './output.ts';
import { ofFile, ofLedger, unionOf } from './union.ts';

type Range = { readonly since: EpochMs; readonly until: EpochMs; readonly now: EpochMs };

export const runSubscribers = async (options: SubscribersOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  // Wrong flags are reported before AWS is asked; AWS's clock decides later what relative times mean.
  rangeOf(options, world.now());
  const flags = { ...options, output: options.output === 'csv' ? ('table' as const) : options.output };
  const ledger = await ledgerOf(flags, world, terminal);
  const inputs = await openSubscriberList(options, ledger && fileOfLedger(ledger), world);
  try {
    const market = await connectMarket(flags, world, terminal);
    try {
      const clock = await readClock(market.agreements, {
        operation: 'SearchAgreements',
        sendsNothing: true,
        startMs: world.monotonic(),
        world,
      });
      const range = rangeOf(options, clock.now());
      const rows = await readSubscriberList(
        inputs,
        { ...options, ...hoursOf(range) },
        { output: flags.output, world, terminal, consequence: 'nothing was listed' },
      );
      const recorded =
        ledger === undefined ? [] : await recordedIn(ledger, options, range, { flags, world, terminal });
      const known = [...recorded.map(ofLedger), ...rows.flatMap(ofFile)];
      // As early as the ledger's: one that ended before the range is not due, although the ledger has records.
      const early = known.length === 0 ? 0 : options.lookbackMs;
      const found = await agreedIn(options, { ...range, since: range.since - early }, market, world);
      try {
        const listed = () => unionOf(found.subscribers(), known).filter(isWanted(options, range));
        const summary = summaryOf(listed(), range, found.otherTypes);
        await writeSubscribers({ listed, summary, now: range.now }, options, world, terminal);
        return 0;
      } finally {
        found.close();
      }
    } finally {
      await market.close();
    }
  } finally {
    await inputs.close();
  }
};

/** The hours that overlap the range. */
const hoursOf = ({ since, until }: Range) => ({
  since: startOfHour(since),
  until: startOfHour(until) + HOUR_MS / 1000,
});

const rangeOf = (
  { since, until, endedSinceMs }: Pick<SubscribersOptions, 'since' | 'until' | 'endedSinceMs'>,
  at: Date,
): Range => {
  const now = at.getTime();
  const from = since === undefined ? undefined : parseInstant('--since', since, at);
  const to = until === undefined ? undefined : parseInstant('--until', until, at);
  checkOrder(from, to);
  const range = { since: from ?? (to ?? now) - (endedSinceMs ?? HOUR_MS), until: to ?? now, now };
  checkOrder(range.since, range.until + 1);
  return range;
};

/**
 * The ledger to read; undefined: none. A file that the flag names must exist; the one of the environment or the state folder
 * is created by the first batch.
 */
const ledgerOf = async (
  { ledger, local, output }: Pick<ServiceFlags, 'local' | 'output'> & Pick<SubscribersOptions, 'ledger'>,
  world: World,
  { err }: Terminal,
): Promise<LedgerLocation | undefined> => {
  if (ledger === false || local) return undefined;
  const location = ledgerLocation(ledger, world);
  if (ledger !== undefined || location.kind === 'table' || (await isThere(location.path, world)))
    return location;
  if (world.env['AMPMETER_LEDGER']) {
    const text = `no ledger yet at ${location.path} (AMPMETER_LEDGER): its customers are not listed`;
    await world.stderr.write(noticeText(text, output, err));
  }
  return undefined;
};

/** What cannot be looked at is there: it is reported when it is opened. */
const isThere = async (path: string, { files }: World): Promise<boolean> =>
  (await files.stat(path).catch(() => 'unreadable')) !== undefined;

const agreedIn = async (
  { product, giveUpAfterMs }: SubscribersOptions,
  range: Range,
  market: MarketConnection,
  world: World,
) => {
  const products = createProducts({ caller: market.catalog.client, world, giveUpAfterMs });
  const productId = product === undefined ? undefined : await entityOf(product, products);
  const parts = { caller: market.agreements.client, world, giveUpAfterMs };
  return findSubscribers({ ...range, productId }, products, parts);
};

const entityOf = async (code: string, products: Products): Promise<string> => {
  const found = await products.withCode(code);
  if (found !== undefined) return found.id;
  throw new UsageError(
    `--product: this account has no SaaS product with the product code ${code}`,
    'check the code, and that the credentials are those of the account that sells it',
  );
};

const recordedIn = async (
  location: LedgerLocation,
  { endpointUrl, region, profile, lookbackMs }: SubscribersOptions,
  range: Range,
  { world, ...parts }: Parameters<typeof openReader>[2],
): Promise<Subscription[]> => {
  const hours = hoursOf(range);
  const seenSince = hours.since - Math.min(Math.floor(lookbackMs / 1000), 9999 * DAY_SECONDS);
  const scope = await ledgerScope({ endpointUrl, region, profile }, world);
  using reader = await openReader(
    location,
    { endpoint: scope.endpoint, since: seenSince, until: hours.until },
    { ...parts, world: { ...world, now: () => new Date(range.now) } },
  );
  // From the first record, also where that is before the range: `gaps --subscribers` reads the list for any hours.
  return subscriptionsIn(reader, scope, { since: seenSince, until: hours.until, seenSince }).filter(
    ({ until }) => until > hours.since,
  );
};

const isWanted =
  ({ product, endedSinceMs }: SubscribersOptions, { since, now }: Range) =>
  ({ productCode, untilMs }: ListedSubscriber): boolean =>
    (product === undefined || productCode === product) &&
    (untilMs === undefined || untilMs > since) &&
    (endedSinceMs === undefined || (untilMs !== undefined && since < untilMs && untilMs <= now));

const summaryOf = (
  listed: IteratorObject<ListedSubscriber>,
  { since, until, now }: Range,
  otherProducts: number,
): SubscribersSummary => {
  const counts = { subscribers: 0, lastHour: 0, ledgerOnly: 0, withoutDimensions: 0 };
  let fileOnly = 0;
  for (const one of listed) {
    counts.subscribers += 1;
    if (deadlineOf(one, now) !== undefined) counts.lastHour += 1;
    if (one.sources.includes('agreement')) counts.withoutDimensions += one.dimensions.length === 0 ? 1 : 0;
    else if (one.sources.includes('file')) fileOnly += 1;
    else counts.ledgerOnly += 1;
  }
  return { since: isoMs(since), until: isoMs(until), ...counts, otherProducts, fileOnly };
};
