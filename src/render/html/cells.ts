import { isBilled, isUnfinished, type Status } from '../../usage/outcome.ts';

/** Usage of one customer, dimension and hour with one outcome. */
export type Cell = {
  /** The hour, epoch seconds. */
  readonly timestamp: number;
  readonly customer: string;
  /** Undefined for a licensed record whose product is not known. */
  readonly product: string | undefined;
  readonly dimension: string;
  readonly status: Status;
  readonly records: number;
  readonly quantity: number;
};

/** Gives the same cells each time it is asked; those of one customer and dimension with the oldest hour first. */
export type Cells = () => Iterable<Cell>;

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
export const dimensionKey = ({ product, dimension }: Pick<Cell, 'product' | 'dimension'>): string =>
  JSON.stringify([product ?? null, dimension]);
