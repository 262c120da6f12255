import type { RecordPoint } from '../../ledger/queries/points.ts';
import { isBilled, isUnfinished, type Status } from '../../usage/outcome.ts';

/** Gives the same cells each time it is asked; those of one customer and dimension with the oldest hour first. */
export type Cells = () => Iterable<RecordPoint>;

/** What an outcome means for the hour it is of. A later word in the list counts less when several apply. */
export const STATES = ['billed', 'open', 'refused'] as const;

/** `open`: not known yet, or not sent yet. `refused`: a record is there, and is not billed. */
export type State = (typeof STATES)[number];

export const stateOf = (status: Status): State => {
  if (isBilled(status)) return 'billed';
  return isUnfinished(status) ? 'open' : 'refused';
};

/** The state of an hour that has a record of each of two states. */
export const better = (one: State | undefined, other: State): State =>
  one === undefined || STATES.indexOf(other) < STATES.indexOf(one) ? other : one;

/** AWS was never asked about these: a mistyped year among them must not stretch the time axis. */
export const isDrawn = (status: Status): boolean =>
  status !== 'expired' && status !== 'conflict' && status !== 'invalid';

/** Dimensions of two products are two dimensions, whatever their names. */
export const dimensionKey = ({ product, dimension }: Pick<RecordPoint, 'product' | 'dimension'>): string =>
  JSON.stringify([product ?? null, dimension]);
