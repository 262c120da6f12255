import type { SQLInputValue } from 'node:sqlite';
import type { EpochSeconds } from '../usage/hours.ts';
import type { Status } from '../usage/outcome.ts';

/** Which records to read; a member that is left out selects all. */
export type Selection = {
  /** `aws`, or the origin of another endpoint. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** From this hour on. */
  readonly since?: EpochSeconds | undefined;
  /** Before this hour. */
  readonly until?: EpochSeconds | undefined;
  /** An account id or a customer identifier. */
  readonly customer?: string | undefined;
  readonly licenseArn?: string | undefined;
  readonly productCode?: string | undefined;
  readonly dimension?: string | undefined;
  readonly statuses?: readonly Status[] | undefined;
  readonly run?: number | undefined;
};

/** The product code of a record, as SQL; null for a licensed record without one. */
export const PRODUCT_SQL = "iif(mode = 'licence', product, offering)";

/** A selection as a condition on `record JOIN destination`, with its values. `state`: the state of a record, as SQL. */
export const whereOf = (
  selection: Selection,
  state = 'status',
): { where: string; values: SQLInputValue[] } => {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (part: string, ...of: SQLInputValue[]): void => {
    parts.push(part);
    values.push(...of);
  };
  const { endpoint, region, since, until, customer, licenseArn, productCode, dimension, run } = selection;
  if (endpoint !== undefined) add('endpoint = ?', endpoint);
  if (region !== undefined) add('region = ?', region);
  if (since !== undefined) add('timestamp >= ?', since);
  if (until !== undefined) add('timestamp < ?', until);
  if (customer !== undefined) add('customer = ?', customer);
  if (licenseArn !== undefined) add("mode = 'licence' AND offering = ?", licenseArn);
  if (productCode !== undefined) add(`${PRODUCT_SQL} = ?`, productCode);
  if (dimension !== undefined) add('dimension = ?', dimension);
  if (run !== undefined) add('run = ?', run);
  if (selection.statuses !== undefined) {
    const states = selection.statuses.flatMap(status => STATES.get(status) ?? [status]);
    add(`${state} IN (${states.map(() => '?').join(', ')})`, ...states);
  }
  return { where: parts.join(' AND ') || 'TRUE', values };
};

/** The states that correspond to a status, where they differ: see `State`. */
const STATES: ReadonlyMap<Status, readonly string[]> = new Map([
  ['unsent', ['planned']],
  ['unknown', ['unknown', 'sent']],
]);
