import { fitsAlone, intoBatches } from '../usage/batches.ts';
import type { PlannedRecord } from '../usage/outcome.ts';
import type { Problem, Row } from '../usage/row.ts';
import { makePlan, type PlanOptions } from './plan.ts';
import { WIRE_SIZE } from './size.ts';

export type PrepareOptions = PlanOptions & {
  /** Send the good rows although others are invalid. */
  readonly skipInvalid: boolean;
};

/** Everything that is known before the first request. */
export type Prepared = {
  /** Rows read, the invalid ones included. */
  readonly rows: number;
  readonly invalidRows: number;
  readonly problems: readonly Problem[];
  /** In the order they are sent: soonest to expire first. */
  readonly batches: readonly (readonly PlannedRecord[])[];
  /** Rows are invalid and the good ones are not to be sent without them. */
  readonly refused: boolean;
};

/** Reads and checks the whole input and cuts it into batches. */
export const prepare = async (
  input: AsyncIterable<Row | Problem>,
  options: PrepareOptions,
): Promise<Prepared> => {
  const plan = await makePlan(input, options);
  const sendable = plan.records.filter(({ record }) => fitsAlone(record, WIRE_SIZE)).sort(byExpiry);
  const tooLarge = plan.records.filter(({ record }) => !fitsAlone(record, WIRE_SIZE)).flatMap(problemsOfSize);
  const problems = [...plan.problems, ...tooLarge];
  const errors = problems.filter(problem => problem.severity === 'error');
  return {
    rows: plan.rows,
    invalidRows: new Set(errors.map(({ file, line }) => `${line}:${file}`)).size,
    problems,
    batches: [...intoBatches(sendable, WIRE_SIZE)].sort(byFirstExpiry),
    refused: errors.length > 0 && !options.skipInvalid,
  };
};

/** A later timestamp never expires sooner (`deadlineOf`). */
const byExpiry = (a: PlannedRecord, b: PlannedRecord): number => a.record.timestamp - b.record.timestamp;

const byFirstExpiry = ([a]: readonly PlannedRecord[], [b]: readonly PlannedRecord[]): number =>
  a === undefined || b === undefined ? 0 : byExpiry(a, b);

const problemsOfSize = ({ rows }: PlannedRecord): Problem[] =>
  rows.map(place => ({
    ...place,
    severity: 'error',
    message: 'this record alone is larger than the 1 MB that AWS takes in a request',
    help: 'use fewer or shorter tags',
    raw: undefined,
    span: undefined,
  }));
