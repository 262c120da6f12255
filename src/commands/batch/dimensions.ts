import { connectMarket, type MarketConnection } from '../../cli/connection/market.ts';
import { guessNames } from '../../cli/suggest.ts';
import { KnownError, ServiceError, UsageError } from '../../errors.ts';
import { type DimensionFault, dimensionJudge } from '../../market/dimension-check.ts';
import type { MarketList } from '../../market/market-list.ts';
import { spanText } from '../../metering/aws-clock.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { DimensionCheck } from '../../upload/plan.ts';
import { HOUR_MS } from '../../usage/hours.ts';
import { customerOf, joinKey, offeringOf } from '../../usage/key.ts';
import type { UsageRecord } from '../../usage/record.ts';
import type { World } from '../../world.ts';
import { keepList, readKeptList } from './kept-list.ts';
import { type BatchOptions, CHECK_MODES, type CheckMode } from './options.ts';

const CHECK_VARIABLE = 'AMPMETER_CHECK_DIMENSIONS';

/** The flag, else the variable, else off. Throws UsageError. */
export const checkModeOf = (
  { checkDimensions }: Pick<BatchOptions, 'checkDimensions'>,
  { env }: Pick<World, 'env'>,
): CheckMode => {
  const text = checkDimensions ?? (env[CHECK_VARIABLE] || 'off');
  const mode = CHECK_MODES.find(known => known === text);
  if (mode !== undefined) return mode;
  throw new UsageError(`${CHECK_VARIABLE} is not warn, error or off: ${text}`, 'set it to one of them');
};

/** A list that is kept is used this long. */
const MAX_AGE_MS = 6 * HOUR_MS;

/** Before a fault is reported, an older list than this is read again: dimensions and offers are added. */
const MAX_FAULT_AGE_MS = 5 * 60_000;

/** If AWS cannot be asked, a list this old is better than none. */
const MAX_STALE_MS = 7 * 24 * HOUR_MS;

type DimensionParts = {
  readonly mode: Exclude<CheckMode, 'off'>;
  readonly options: BatchOptions;
  /** The file beside the ledger; undefined: nothing is kept. */
  readonly file: string | undefined;
  /** Whether a new list is written there. */
  readonly keeps: boolean;
  /** AWS's time, as far as it is known. */
  readonly now: () => Date;
  readonly warn: (text: string) => Promise<void>;
  readonly world: World;
  readonly terminal: Terminal;
};

/** Reads the list that is kept, or asks AWS. A list that cannot be read never stops a run: then nothing is checked. */
export const openDimensionCheck = async (
  parts: DimensionParts,
  closers: (() => unknown)[],
): Promise<DimensionCheck> => {
  const { mode, now, warn } = parts;
  const ageOf = ({ atMs }: MarketList): number => now().getTime() - atMs;
  const seen = new Set<string>();
  const source = listSource(parts, closers);
  let list: MarketList | undefined;
  let judge: ReturnType<typeof dimensionJudge> = () => undefined;
  let wasAsked = false;
  /** AWS is the authority: a list that it did not confirm rejects no row. */
  let isConfirmed = true;
  const use = (found: MarketList | undefined): void => {
    list = found;
    judge = found === undefined ? () => undefined : dimensionJudge(found);
  };
  const refresh = async (): Promise<void> => {
    wasAsked = true;
    try {
      const found = await source.ask();
      use(found);
      isConfirmed = true;
      const trouble = await source.keep(found);
      if (trouble !== undefined) await warn(trouble);
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      isConfirmed = false;
      const rest =
        list === undefined
          ? 'they are not checked'
          : `the list of ${spanText(ageOf(list))} ago is used, for warnings only`;
      await warn(`dimensions could not be listed: ${error.message}; ${rest}`);
    }
  };
  const kept = await source.kept().catch(() => undefined);
  if (kept !== undefined && ageOf(kept) >= 0 && ageOf(kept) <= MAX_STALE_MS) use(kept);
  if (list === undefined || ageOf(list) > MAX_AGE_MS) await refresh();
  return {
    prepare: async records => {
      if (list === undefined || wasAsked || ageOf(list) <= MAX_FAULT_AGE_MS) return;
      if (records().some(record => judge(record) !== undefined)) await refresh();
    },
    problemOf: record => {
      const fault = judge(record);
      if (fault === undefined || list === undefined) return undefined;
      const severity = mode === 'error' && isConfirmed ? 'error' : 'warning';
      if (severity === 'warning') {
        // Once is enough: nothing of the rows changes.
        const key = joinKey(customerOf(record), offeringOf(record), record.dimension);
        if (seen.has(key)) return undefined;
        seen.add(key);
      }
      return { severity, ...faultText(record, fault, ageOf(list)) };
    },
  };
};

const MAX_LISTED = 6;

const faultText = (
  { dimension }: UsageRecord,
  { missingIn, productCode, isInProduct, known }: DimensionFault,
  ageMs: number,
): { readonly message: string; readonly help: string } => {
  const name = JSON.stringify(dimension);
  const message =
    missingIn === 'product'
      ? `the product ${productCode} has no dimension ${name}`
      : `this buyer's own offer has no dimension ${name}${isInProduct ? ', although the product has it' : ''}`;
  const guesses = guessNames(dimension, known);
  const rest = known.length - MAX_LISTED;
  const names = `${known.slice(0, MAX_LISTED).join(', ')}${rest > 0 ? ` and ${counted(rest, 'other')}` : ''}`;
  const age = ageMs < 60_000 ? 'now' : `${spanText(ageMs)} ago`;
  const guess = guesses.length === 0 ? '' : `did you mean ${guesses.join(' or ')}? `;
  const whose = missingIn === 'product' ? 'the product' : 'the offer';
  return { message, help: `${guess}AWS lists for ${whose}: ${names} (asked ${age})` };
};

/** A run must not lose its hour by waiting for a long list. */
const BUDGET_MS = 3 * 60_000;
const GIVE_UP_AFTER_MS = 30_000;

/** Usage of this time is accepted, so that agreements that ended in it still count. */
const RANGE_MS = 25 * HOUR_MS;

type ListSource = {
  readonly kept: () => Promise<MarketList | undefined>;
  readonly ask: () => Promise<MarketList>;
  /** Why the list could not be kept; undefined when it was, or is not to be. */
  readonly keep: (list: MarketList) => Promise<string | undefined>;
};

const listSource = (
  { options, file, keeps, now, world, terminal }: DimensionParts,
  closers: (() => unknown)[],
): ListSource => {
  let opened: Promise<MarketConnection> | undefined;
  const connection = (): Promise<MarketConnection> => {
    opened ??= connectMarket({ ...options, quiet: true }, world, terminal).then(market => {
      closers.push(market.close);
      return market;
    });
    return opened;
  };
  const sourceOf = ({ agreements, catalog }: MarketConnection): string =>
    [agreements, catalog].map(({ destination }) => destination.url.href).join(' ') +
    ` ${options.profile ?? world.env.AWS_PROFILE ?? ''}`;
  return {
    kept: async () => {
      if (file === undefined) return undefined;
      const found = await readKeptList(file, world);
      return found?.source === sourceOf(await connection()) ? found : undefined;
    },
    ask: async () => {
      const [{ createProducts }, { findSubscribers }, { marketListOf }] = await Promise.all([
        import('../../market/products.ts'),
        import('../../market/find-subscribers.ts'),
        import('../../market/market-list.ts'),
      ]);
      const market = await connection();
      const parts = { world, giveUpAfterMs: Math.min(options.giveUpAfterMs, GIVE_UP_AFTER_MS) };
      const startMs = world.monotonic();
      const check = (operation: string): void => {
        if (world.monotonic() - startMs > BUDGET_MS) throw tooLong(operation);
      };
      const products = createProducts({
        ...parts,
        caller: {
          call: (operation, ...rest) => {
            check(operation);
            return market.catalog.client.call(operation, ...rest);
          },
        },
      });
      const at = now().getTime();
      const question = { since: at - RANGE_MS, until: at, now: at, productId: undefined };
      const found = await findSubscribers(question, products, {
        ...parts,
        caller: {
          call: (operation, ...rest) => {
            check(operation);
            return market.agreements.client.call(operation, ...rest);
          },
        },
      });
      try {
        return await marketListOf(products, found, { source: sourceOf(market), atMs: at });
      } finally {
        found.close();
      }
    },
    keep: async list => (file === undefined || !keeps ? undefined : keepList(file, list)),
  };
};

const tooLong = (operation: string): ServiceError =>
  new ServiceError(`the list was not complete after ${spanText(BUDGET_MS)}`, {
    kind: 'unavailable',
    code: 'TimeoutError',
    operation,
    maybeDelivered: false,
  });
