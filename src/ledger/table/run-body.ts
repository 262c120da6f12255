import type { DestinationScope } from '../../usage/scope.ts';
import { bodyOf } from './item-body.ts';
import type { Item } from './table.ts';
import type { Texts } from './texts.ts';

/** A run as it is in the table. */
export type RunBody = DestinationScope & {
  readonly run: number;
  readonly started: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly ended?: string;
  readonly exitCode?: number;
  readonly summary?: object;
};

/** What an item of a run has even if the rest of it is too long. */
export type RunHead = Pick<RunBody, 'run' | 'ended'>;

/** A run of thousands of files has their names twice, and an item has 400 KB. */
const MAX_LENGTH = 50_000;

/** The body of its item. A long one is a text of its own. */
export const packRun = async (run: RunBody, texts: Texts): Promise<string> => {
  const whole = JSON.stringify(run);
  if (whole.length <= MAX_LENGTH) return whole;
  const [kept] = await texts.keep([{ region: run.region, whole }]);
  const head: RunHead = { run: run.run, ...(run.ended !== undefined && { ended: run.ended }) };
  return JSON.stringify({ ...head, whole: kept?.['whole'] });
};

/** Rejects with LedgerError when it is damaged. */
export const unpackRun = async (item: Item, name: string, texts: Texts): Promise<RunBody> => {
  const { whole, ...run } = bodyOf<RunBody & { readonly whole?: unknown }>(item, name, 'run');
  if (whole === undefined) return run;
  const [restored] = await texts.restore([{ region: '', whole }]);
  return JSON.parse(String(restored?.['whole']));
};
